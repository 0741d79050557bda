/**
 * Bundles the entry points into dist/. `node scripts/build.mjs` builds always; `ensureBuilt` only when a source
 * is newer than the bundles, which is how `lockstep` in a checkout always runs the code that stands there.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
/** What runs under Node, each as a module of its own. */
const programs = {
  cli: 'cli/main.ts',
  server: 'server/main.ts',
  dap: 'server/debug/main.ts',
  worker: 'host/worker.ts',
};
/** What VS Code loads; it loads CommonJS only, and provides the module `vscode`. */
const extension = { extension: 'client/extension.ts' };
/** What VS Code shows in a page of its own. */
const pages = { interleaving: 'client/webview/interleaving.ts' };
export const bundles = [
  ...Object.keys(programs).map((name) => `${name}.js`),
  ...Object.keys(pages).map((name) => `${name}.js`),
  'extension.cjs',
];
// The libraries of the language server are CommonJS, and a module has no `require` of its own.
const requireBanner =
  "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
const sourceRooms = ['core', 'host', 'server', 'client', 'cli'];

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await build();
  console.log(`dist/: ${bundles.join(', ')}`);
}

/** Builds when the checkout's sources are newer than dist/, or dist/ is missing. A package without sources is left as it is. */
export async function ensureBuilt() {
  if (!existsSync(join(root, programs.cli))) return;
  const built = Math.min(...bundles.map((name) => modified(join(dist, name))));
  const newest = Math.max(
    modified(join(root, 'package.json')),
    modified(fileURLToPath(import.meta.url)),
    ...sourceRooms.map((room) => newestUnder(join(root, room))),
  );
  if (newest >= built) await build();
}

/** Writes beside dist/ first and moves the files, so that a process starting meanwhile never reads half a bundle. */
export async function build() {
  const staging = join(root, `dist.${process.pid}`);
  try {
    await bundleInto(staging, { minify: false });
    mkdirSync(dist, { recursive: true });
    for (const file of readdirSync(staging)) renameSync(join(staging, file), join(dist, file));
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/**
 * The bundles as they are shipped (small, without source maps), or as they are developed with.
 * @param {string} directory
 * @param {{ minify: boolean }} options
 */
export async function bundleInto(directory, { minify }) {
  const { build: bundle } = await import('esbuild');
  const common = /** @type {const} */ ({
    absWorkingDir: root,
    outdir: directory,
    bundle: true,
    platform: 'node',
    target: 'node20',
    minify,
    sourcemap: !minify,
    legalComments: 'none',
    logLevel: 'warning',
  });
  await Promise.all([
    // Where size counts, they share what they have in common.
    bundle({
      ...common,
      entryPoints: programs,
      format: 'esm',
      splitting: minify,
      banner: { js: requireBanner },
    }),
    bundle({
      ...common,
      entryPoints: extension,
      format: 'cjs',
      outExtension: { '.js': '.cjs' },
      external: ['vscode'],
    }),
    bundle({ ...common, entryPoints: pages, platform: 'browser', target: 'es2022', format: 'iife' }),
  ]);
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }\n');
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
