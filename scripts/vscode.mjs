/**
 * A VS Code for machines without one, and for the tests: the server of code-server, from npm, pinned, in the ignored
 * folder `.cache/vscode-test`. VS Code's own download is out of reach in many closed networks; npm is not.
 */
import { spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { root } from './build.mjs';

export const cache = join(root, '.cache', 'vscode-test');
const packages = { 'code-server': '4.99.4', 'playwright-core': '1.65.1', '@vscode/ripgrep': '1.18.0' };
/** Built from source: logging, watching its own parent, terminals. */
const addons = ['@vscode/spdlog', 'native-watchdog', 'node-pty'];
const START_MS = 60_000;

/** Where the packages are, installed when they are not there yet. Throws with what to do when that fails. */
export function provide() {
  const stamp = JSON.stringify({ ...packages, node: process.versions.modules, platform: process.platform });
  if (read(join(cache, 'ready.json')) === stamp) return cache;
  console.error(
    `Fetching VS Code (${Object.entries(packages)
      .map((each) => each.join(' '))
      .join(', ')}) …`,
  );
  const staging = `${cache}.${process.pid}`;
  const vscode = join(staging, 'node_modules', 'code-server', 'lib', 'vscode');
  try {
    rmSync(staging, { recursive: true, force: true });
    mkdirSync(staging, { recursive: true });
    // Without a package.json of its own, npm would install into the checkout.
    writeFileSync(join(staging, 'package.json'), '{ "private": true }\n');
    const wanted = Object.entries(packages).map((each) => each.join('@'));
    npm(staging, ['install', '--ignore-scripts', ...wanted]);
    npm(vscode, ['install', '--omit=dev', '--ignore-scripts']);
    // One of them reports an error when all of it has been built; what counts is what is there.
    npm(vscode, ['rebuild', ...addons], { mayFail: true });
    for (const addon of addons.slice(0, 2)) {
      if (!existsSync(join(vscode, 'node_modules', addon, 'build', 'Release'))) {
        throw new Error(`${addon} could not be built. It needs python3, make and a C++ compiler.`);
      }
    }
    provideRipgrep(staging, vscode);
    // The server looks for its modules where the desktop has them packed.
    symlinkSync('node_modules', join(vscode, 'node_modules.asar'), 'junction');
    writeFileSync(join(staging, 'ready.json'), stamp);
    rmSync(cache, { recursive: true, force: true });
    try {
      renameSync(staging, cache);
    } catch (error) {
      // Somebody else may have been faster with the same.
      if (read(join(cache, 'ready.json')) !== stamp) throw error;
    }
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
  return cache;
}

/**
 * What searches files. The server's own version of the package fetches the program from elsewhere; a later one brings
 * it along. Without it everything but searching works.
 * @param {string} staging
 * @param {string} vscode
 */
function provideRipgrep(staging, vscode) {
  const program = process.platform === 'win32' ? 'rg.exe' : 'rg';
  const platform = `ripgrep-${process.platform}-${process.arch}`;
  const from = join(staging, 'node_modules', '@vscode', platform, 'bin', program);
  const to = join(vscode, 'node_modules', '@vscode', 'ripgrep', 'bin', program);
  if (existsSync(from)) cpSync(from, to);
}

/** The program of the server: for Node, with `--help` for its options. */
export function serverProgram() {
  return join(provide(), 'node_modules', 'code-server', 'lib', 'vscode', 'out', 'server-main.js');
}

/**
 * The folders of one VS Code: nothing outside of `folder` is read or written.
 * @param {string} folder
 */
export function foldersOf(folder) {
  return {
    arguments: [
      '--accept-server-license-terms',
      ...['--server-data-dir', join(folder, 'server')],
      ...['--user-data-dir', join(folder, 'data')],
      ...['--extensions-dir', join(folder, 'extensions')],
    ],
    machineSettings: join(folder, 'data', 'Machine', 'settings.json'),
    extensions: join(folder, 'extensions'),
  };
}

/**
 * Installs a packaged extension, offline.
 * @param {string} folder
 * @param {string} vsix
 */
export function installExtension(folder, vsix) {
  makeFolders(folder);
  const args = [serverProgram(), ...foldersOf(folder).arguments, '--install-extension', vsix, '--force'];
  const result = spawnSync(process.execPath, args, { encoding: 'utf8', env: environment({}) });
  if (result.status !== 0)
    throw new Error(`${vsix} could not be installed:\n${result.stdout}${result.stderr}`);
}

/**
 * Starts the server on the loopback address and waits until it listens.
 * @param {{ folder: string, port?: number, token: string, settings?: object, arguments?: readonly string[],
 *   environment?: Readonly<Record<string, string>> }} options
 *   `folder`: see `foldersOf`. `port`: by default a free one. `settings`: of the machine, for every window.
 */
export async function startServer({
  folder,
  port = 0,
  token,
  settings = {},
  arguments: more = [],
  environment: extra = {},
}) {
  const folders = makeFolders(folder);
  writeFileSync(folders.machineSettings, JSON.stringify(settings, null, 2));
  // Not as an argument, which every user of the machine can read.
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, token, { mode: 0o600 });
  const child = spawn(
    process.execPath,
    [
      serverProgram(),
      ...folders.arguments,
      ...['--host', '127.0.0.1', '--port', String(port), '--connection-token-file', tokenFile],
      ...['--telemetry-level', 'off'],
      ...more,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: environment(extra) },
  );
  // However this process ends, the server is not left behind.
  process.once('exit', () => child.kill());
  let log = '';
  const listening = await new Promise((resolve, reject) => {
    const fail = (/** @type {string} */ why) =>
      reject(new Error(`VS Code's server ${why}:\n${lastLines(log)}`));
    const timer = setTimeout(() => fail(`did not listen within ${START_MS / 1000} s`), START_MS);
    const hear = (/** @type {Buffer} */ data) => {
      log += data.toString();
      const found = /listening on (\d+)/.exec(log)?.[1];
      if (found === undefined) return;
      clearTimeout(timer);
      resolve(Number(found));
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', (error) => fail(`could not be started (${error.message})`));
    child.on('exit', (code) => {
      clearTimeout(timer);
      fail(`ended with ${code}`);
    });
  }).catch((error) => {
    child.kill();
    throw error;
  });
  return {
    port: /** @type {number} */ (listening),
    log: () => lastLines(log),
    exited: new Promise((resolve) => child.once('exit', resolve)),
    /** Ends the server and what it has started; resolves when it is gone. */
    stop: () => stop(child),
  };
}

/** The server makes some of its folders, and fails without the others. @param {string} folder */
function makeFolders(folder) {
  const folders = foldersOf(folder);
  for (const each of [folders.extensions, join(folder, 'server'), join(folders.machineSettings, '..')]) {
    mkdirSync(each, { recursive: true });
  }
  return folders;
}

/** What a reader can bear: minified programs print lines of megabytes when they fail. @param {string} log */
function lastLines(log) {
  const lines = log.split('\n').map((line) => (line.length > 300 ? `${line.slice(0, 300)} …` : line));
  return lines.slice(-60).join('\n');
}

/** @param {import('node:child_process').ChildProcess} child */
async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
  await gone;
  clearTimeout(timer);
}

/**
 * Of a VS Code in whose terminal this runs, nothing may leak into another.
 * @param {Readonly<Record<string, string>>} extra
 */
function environment(extra) {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(VSCODE_|ELECTRON_|NODE_OPTIONS$)/.test(name),
  );
  return { ...Object.fromEntries(own), ...extra };
}

/**
 * @param {string} cwd
 * @param {readonly string[]} args
 * @param {{ mayFail?: boolean }} [options]
 */
function npm(cwd, args, { mayFail = false } = {}) {
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  // Without a network that is soon known.
  const patience = ['--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000'];
  const path = process.env['npm_execpath'];
  const [program, first] = path === undefined ? ['npm', []] : [process.execPath, [path]];
  const result = spawnSync(program, [...first, ...args, ...quiet, ...patience], {
    cwd,
    encoding: 'utf8',
    shell: path === undefined && process.platform === 'win32',
    env: { ...process.env, npm_config_yes: 'true' },
  });
  if (result.status !== 0 && !mayFail) {
    throw new Error(`npm ${args.join(' ')} failed in ${cwd}:\n${lastLines(result.stdout + result.stderr)}`);
  }
}

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
