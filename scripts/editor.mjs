/**
 * `npm start`: packages Lockstep, installs it into a VS Code and opens the examples there. That is the user's own
 * `code` with folders of our own, so that nothing of theirs is changed; where there is none, a server on this
 * machine, opened in the browser.
 *
 * `npm start -- --web` takes the server in any case, `--port N` says where; `--once` ends when the server answers.
 */
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { root } from './build.mjs';
import { makePackage } from './package.mjs';
import { installExtension, startServer } from './vscode.mjs';

const examples = join(root, 'examples');
const first = join(examples, 'unsync-children.lockstep');
/** Nobody wants to be asked about updates of this window. */
const quiet = {
  'workbench.startupEditor': 'none',
  'workbench.enableExperiments': false,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  // The examples lie in the repository of Lockstep itself.
  'git.openRepositoryInParentFolders': 'never',
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

async function main() {
  const { values } = parseArgs({
    options: { web: { type: 'boolean' }, once: { type: 'boolean' }, port: { type: 'string' } },
  });
  const port = Number(values.port ?? 0);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new Error(`--port takes a number up to 65535, not '${values.port}'`);
  }
  const { path, bytes } = await makePackage();
  console.log(`\n${path} (${(bytes / 1000).toFixed(0)} kB) can be installed into any VS Code.`);
  console.log('The verdicts of the examples without an editor: npm run check\n');
  const code = values.web || values.once || process.env['CI'] === 'true' ? null : ownCode();
  if (code !== null) openOwn(code, path);
  else await openServer(path, { port, once: values.once === true });
}

/** The command that opens windows on this machine; null when there is none. */
function ownCode() {
  const { DISPLAY, WAYLAND_DISPLAY, VSCODE_IPC_HOOK_CLI } = process.env;
  // The `code` of a remote window installs for the user, wherever it is told to.
  if (VSCODE_IPC_HOOK_CLI !== undefined) return null;
  if (process.platform === 'linux' && !DISPLAY && !WAYLAND_DISPLAY) return null;
  return runCode(['--version'], 'ignore') === 0 ? 'code' : null;
}

/**
 * @param {string} code
 * @param {string} vsix
 */
function openOwn(code, vsix) {
  const folder = join(root, '.cache', 'vscode-own');
  const own = ['--user-data-dir', join(folder, 'data'), '--extensions-dir', join(folder, 'extensions')];
  const installed = runCode([...own, '--install-extension', vsix, '--force'], 'inherit');
  const opened = installed === 0 ? runCode([...own, '--new-window', examples, first], 'inherit') : installed;
  if (opened !== 0) throw new Error(`\`${code}\` ended with ${opened}. Try: npm start -- --web`);
  console.log('VS Code shows the examples, with settings and extensions of its own under .cache/vscode-own.');
}

/**
 * @param {readonly string[]} args
 * @param {'ignore' | 'inherit'} stdio
 */
function runCode(args, stdio) {
  const shell = process.platform === 'win32';
  const quoted = shell ? args.map((each) => `"${each}"`) : args;
  return spawnSync('code', quoted, { stdio, shell }).status;
}

/**
 * @param {string} vsix
 * @param {{ port: number, once: boolean }} options
 */
async function openServer(vsix, { port, once }) {
  const folder = join(root, '.cache', once ? `vscode-once.${process.pid}` : 'vscode-web');
  installExtension(folder, vsix);
  const token = randomBytes(16).toString('hex');
  // The examples are ours: there is nothing to trust.
  const more = ['--disable-workspace-trust'];
  const server = await startServer({ folder, port, token, settings: quiet, arguments: more });
  const payload = JSON.stringify([['openFile', `vscode-remote://127.0.0.1:${server.port}${uriPath(first)}`]]);
  const query = `tkn=${token}&folder=${encodeURIComponent(uriPath(examples))}&payload=${encodeURIComponent(payload)}`;
  const address = `http://127.0.0.1:${server.port}/?${query}`;
  console.log(`VS Code shows the examples at\n\n  ${address}\n`);
  if (once) {
    try {
      await answers(address);
    } finally {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    }
    return;
  }
  let asked = false;
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.once(signal, () => {
      asked = true;
      void server.stop();
    });
  }
  openBrowser(address);
  console.log('Ctrl-C ends it.');
  await server.exited;
  if (!asked) throw new Error(`VS Code's server has ended:\n${server.log()}`);
}

/** Throws unless the page is there, and is not there without the token. @param {string} address */
async function answers(address) {
  // The token is exchanged for a cookie, with which the page is asked for again.
  const door = await fetch(address, { redirect: 'manual' });
  const cookie = (door.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const page = await fetch(new URL(door.headers.get('location') ?? '', address), { headers: { cookie } });
  if (!page.ok || !(await page.text()).includes('workbench')) {
    throw new Error(`The server answers ${page.status} instead of its page.`);
  }
  const stranger = await fetch(new URL('/', address));
  if (stranger.ok) throw new Error('The server lets in those who do not have its token.');
  console.log('The server answers, and only those who have its token.');
}

/** @param {string} address */
function openBrowser(address) {
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  if (process.platform === 'linux' && !DISPLAY && !WAYLAND_DISPLAY) return;
  const openers = { darwin: ['open'], win32: ['cmd', '/c', 'start', '""'] };
  const [program = '', ...args] = openers[/** @type {'darwin'} */ (process.platform)] ?? ['xdg-open'];
  const child = spawn(program, [...args, address], { stdio: 'ignore', detached: true });
  // Then the address stands there to be clicked.
  child.on('error', () => {});
  child.unref();
}

/** A path as the browser names it. @param {string} path */
function uriPath(path) {
  const forward = path.replaceAll('\\', '/');
  return forward.startsWith('/') ? forward : `/${forward}`;
}
