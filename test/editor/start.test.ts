import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { root } from '../house/sources.ts';
import { missingEditor } from './needs.ts';

const script = join(root, 'scripts', 'editor.mjs');
const folder = mkdtempSync(join(tmpdir(), 'lockstep-start-'));
const server = { skip: missingEditor() };
after(() => rmSync(folder, { recursive: true, force: true }));

/** A machine without a display, unless `extra` says otherwise. */
function environment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { DISPLAY: _x, WAYLAND_DISPLAY: _w, CI: _ci, VSCODE_IPC_HOOK_CLI: _v, ...rest } = process.env;
  return { ...rest, ...extra };
}

function start(
  args: readonly string[],
  env: NodeJS.ProcessEnv = environment(),
): { readonly status: number | null; readonly out: string } {
  const result = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8', timeout: 240_000, env });
  return { status: result.status, out: result.stdout + result.stderr };
}

test('npm start ends in a VS Code that shows the examples to those who have the token', server, () => {
  const { status, out } = start(['--once']);
  assert.equal(status, 0, out);
  assert.match(out, /lockstep-\d+\.\d+\.\d+\.vsix \(\d+ kB\)/);
  assert.match(
    out,
    /http:\/\/127\.0\.0\.1:\d+\/\?tkn=[0-9a-f]{32}&folder=\S*examples&payload=\S*unsync-children/,
  );
  assert.match(out, /only those who have its token/);
  const [, vsix = ''] = /^(.*\.vsix) \(/m.exec(out) ?? [];
  assert.ok(existsSync(vsix), vsix);
});

/** Starts, waits until the address is printed, does `meanwhile`, and presses Ctrl-C. */
async function untilCtrlC(
  env: NodeJS.ProcessEnv,
  meanwhile: (address: string) => Promise<void>,
): Promise<number | null> {
  const child = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let out = '';
  for await (const data of child.stdout) {
    out += String(data);
    if (out.includes('Ctrl-C ends it.')) break;
  }
  try {
    await meanwhile(/http:\S+/.exec(out)?.[0] ?? '');
  } finally {
    child.kill('SIGINT');
  }
  return exited;
}

/** A program on PATH that writes its arguments into a file. */
function fake(name: string): { readonly log: string } {
  const log = join(folder, `${name}.log`);
  writeFileSync(join(folder, name), `#!/bin/sh\necho "$@" >> '${log}'\n`, { mode: 0o755 });
  rmSync(log, { force: true });
  return { log };
}

const posix = { skip: process.platform === 'win32' ? 'fakes programs with /bin/sh' : server.skip };
const withDisplay = { PATH: `${folder}:${process.env['PATH']}`, DISPLAY: ':99' };

test('Ctrl-C ends the server', posix, async () => {
  let last = '';
  const code = await untilCtrlC(environment(), async (address) => {
    last = address;
    assert.equal((await fetch(address, { redirect: 'manual' })).status, 302);
  });
  assert.equal(code, 0);
  await assert.rejects(fetch(last));
});

test('the own VS Code of a user is opened with folders of ours', posix, () => {
  const { log } = fake('code');
  const { status, out } = start([], environment(withDisplay));
  assert.equal(status, 0, out);
  const [version, installed = '', opened = ''] = readFileSync(log, 'utf8').split('\n');
  assert.equal(version, '--version');
  const own = join(root, '.cache', 'vscode-own');
  for (const line of [installed, opened]) {
    assert.ok(line.startsWith(`--user-data-dir ${own}/data --extensions-dir ${own}/extensions `), line);
  }
  assert.match(installed, /--install-extension \S+\.vsix --force$/);
  assert.match(opened, /--new-window \S+\/examples \S+\/unsync-children\.lockstep$/);
});

test('in a remote window of VS Code its command is left alone, and a browser is opened', posix, async () => {
  const { log } = fake('code');
  const opener = fake(process.platform === 'darwin' ? 'open' : 'xdg-open');
  const env = environment({ ...withDisplay, VSCODE_IPC_HOOK_CLI: '/nowhere' });
  const code = await untilCtrlC(env, async (address) => {
    for (let tries = 0; tries < 100 && !existsSync(opener.log); tries++) await setTimeout(50);
    assert.equal(readFileSync(opener.log, 'utf8').trim(), address);
  });
  assert.equal(code, 0);
  assert.ok(!existsSync(log));
});

test('a port that is none is refused', () => {
  for (const port of ['x', '-1', '65536', '1.5']) {
    const { status, out } = start([`--port=${port}`]);
    assert.equal(status, 1);
    assert.match(out, /--port takes a number up to 65535/);
  }
});
