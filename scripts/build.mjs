/**
 * Bundles the entry points into dist/. `node scripts/build.mjs` builds always; `ensureBuilt` only when a source
 * is newer than the bundles, which is how `lockstep` in a checkout always runs the code that stands there.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
const entries = { cli: 'cli/main.ts', worker: 'host/worker.ts' };
const sourceRooms = ['core', 'host', 'cli'];

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await build();
  console.log(`dist/: ${Object.keys(entries).join(', ')}`);
}

/** Builds when the checkout's sources are newer than dist/, or dist/ is missing. A package without sources is left as it is. */
export async function ensureBuilt() {
  if (!existsSync(join(root, entries.cli))) return;
  const built = Math.min(...Object.keys(entries).map((name) => modified(join(dist, `${name}.js`))));
  const newest = Math.max(
    modified(join(root, 'package.json')),
    modified(fileURLToPath(import.meta.url)),
    ...sourceRooms.map((room) => newestUnder(join(root, room))),
  );
  if (newest >= built) await build();
}

/** Writes beside dist/ first and moves the files, so that a process starting meanwhile never reads half a bundle. */
export async function build() {
  const { build: bundle } = await import('esbuild');
  const staging = join(root, `dist.${process.pid}`);
  try {
    await bundle({
      absWorkingDir: root,
      entryPoints: entries,
      outdir: staging,
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      sourcemap: true,
      logLevel: 'warning',
    });
    mkdirSync(dist, { recursive: true });
    for (const file of readdirSync(staging)) renameSync(join(staging, file), join(dist, file));
    writeFileSync(join(dist, 'package.json'), '{ "type": "module" }\n');
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** @param {string} directory @returns {number} */
function newestUnder(directory) {
  let newest = 0;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    newest = Math.max(newest, entry.isDirectory() ? newestUnder(path) : modified(path));
  }
  return Math.max(newest, modified(directory));
}

/** Milliseconds; 0 for what does not exist. @param {string} path */
function modified(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
