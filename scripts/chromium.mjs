/** A Chromium for the tests: the machine's own; on a Debian where we may, it is installed. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** @returns {{ path: string } | { missing: string }} `missing`: what is to be done */
export function provideChromium() {
  const found = inPath();
  if (found !== null) return { path: found };
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    return { missing: 'needs Chromium on PATH (apt-get install chromium), and only root may install it' };
  }
  console.error('Installing Chromium (apt-get install chromium) …');
  const install = ['install', '--yes', '--no-install-recommends', 'chromium'];
  // A machine that is fresh has no lists of packages yet.
  const installed = apt(install) || (apt(['update']) && apt(install));
  const path = installed ? inPath() : null;
  return path === null ? { missing: 'needs Chromium, and apt-get could not install it' } : { path };
}

/** @param {readonly string[]} args */
function apt(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync('apt-get', ['-qq', ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
}

function inPath() {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const paths = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return paths.find(isProgram) ?? null;
}

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
