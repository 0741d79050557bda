/**
 * Runs before `npm start`, `npm test` and `npm run bench`: installs what package-lock.json names, unless it is
 * there already. Uses nothing but Node, because on a fresh machine there is nothing else.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 20)) {
  console.error(`Lockstep needs Node 20.20 or newer; this is ${process.version}. See https://nodejs.org.`);
  process.exit(1);
}
if (!isInstalled()) {
  console.error('Installing the packages that package-lock.json names (npm ci) …');
  const npm = process.env['npm_execpath'];
  const result = npm
    ? spawnSync(process.execPath, [npm, 'ci', '--ignore-scripts'], { cwd: root, stdio: ['ignore', 2, 2] })
    : spawnSync('npm', ['ci', '--ignore-scripts'], {
        cwd: root,
        stdio: ['ignore', 2, 2],
        shell: process.platform === 'win32',
      });
  if (result.status !== 0) {
    console.error('The packages could not be installed. Run `npm ci` to see why, then try again.');
    process.exit(1);
  }
}

/** Whether every package of the lock file is in node_modules in its version; what npm left out for another platform may be missing. */
function isInstalled() {
  const wanted = packagesOf(join(root, 'package-lock.json'));
  const present = packagesOf(join(root, 'node_modules', '.package-lock.json'));
  if (wanted === null || present === null) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const found = present[path];
    return found === undefined ? entry.optional === true : found.version === entry.version;
  });
}

/**
 * @param {string} file
 * @returns {Record<string, { version?: string, optional?: boolean }> | null}
 */
function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages ?? null;
  } catch {
    return null;
  }
}
