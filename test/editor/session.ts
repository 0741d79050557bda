/** One VS Code in one browser: the packaged extension, a folder of scenarios, and the suite inside. */

import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { root } from '../../scripts/build.mjs';
import { makePackage } from '../../scripts/package.mjs';
import { provide, startServer } from '../../scripts/vscode.mjs';
import { openBridge } from './bridge.ts';
import { launch, type Page } from './browser.ts';
import type { Result } from './suite/outside.ts';

const here = dirname(fileURLToPath(import.meta.url));
const screenshots = join(root, '.cache', 'screenshots');
/** Of the whole suite: a hang must end with a report. A machine that is busy with other things needs long. */
const SUITE_MS = 420_000;

export interface Session {
  readonly results: readonly Result[];
  /** What VS Code says at the end; null: nothing in time. */
  readonly exitCode: number | null;
  /** The log of the page and of the server, for the report of a failure. */
  readonly log: string;
}

/** What the suite needs on the disk, below a folder of its own: the extension unpacked, the suite, a workspace. */
export async function prepare(
  folder: string,
): Promise<{ extension: string; suite: string; workspace: string }> {
  const extension = join(folder, 'extension');
  const suite = join(folder, 'suite.cjs');
  const workspace = join(folder, 'workspace');
  await makePackage({ folder: extension, path: join(folder, 'lockstep.vsix') });
  await build({
    entryPoints: [join(here, 'suite', 'index.ts')],
    outfile: suite,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['vscode'],
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  cpSync(join(here, 'workspace'), workspace, { recursive: true });
  return { extension, suite, workspace };
}

export async function runSuite(chromium: string): Promise<Session> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-editor-'));
  rmSync(screenshots, { recursive: true, force: true });
  mkdirSync(screenshots, { recursive: true });
  const lines: string[] = [];
  let page: Page | null = null;
  const bridge = await openBridge(() => {
    if (page === null) throw new Error('the page is not there yet');
    return page;
  }, screenshots);
  try {
    const { extension, suite, workspace } = await prepare(folder);
    const token = 'of-a-test';
    const server = await startServer({
      folder: join(folder, 'vscode'),
      token,
      settings,
      environment: { LOCKSTEP_BRIDGE: bridge.url },
      // The editor asks before it runs tests in a folder that is not trusted, and no test can answer.
      arguments: ['--disable-workspace-trust'],
    });
    const browser = await launch(provide(), chromium);
    try {
      const remote = `vscode-remote://127.0.0.1:${server.port}`;
      const payload = [
        ['extensionDevelopmentPath', `${remote}${extension}`],
        ['extensionTestsPath', `${remote}${suite}`],
        ['skipWelcome', 'true'],
        ['skipReleaseNotes', 'true'],
      ];
      page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) lines.push(`${message.type()}: ${message.text()}`);
      });
      page.on('pageerror', (error) => lines.push(`page: ${error.message}`));
      const ended = exit(page, lines);
      const query = `tkn=${token}&folder=${workspace}&payload=${encodeURIComponent(JSON.stringify(payload))}`;
      await page.goto(`http://127.0.0.1:${server.port}/?${query}`, { waitUntil: 'domcontentloaded' });
      const exitCode = await ended;
      if (exitCode !== 0) await page.screenshot({ path: join(screenshots, 'failure.png') });
      const log = [...lines.filter((line) => !harmless.test(line)), server.log()].join('\n');
      writeFileSync(join(screenshots, 'log.txt'), log);
      return { results: bridge.results, exitCode, log };
    } finally {
      await browser.close();
      await server.stop();
    }
  } finally {
    bridge.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The number with which VS Code ends the run of a suite; null when it does not in time. */
async function exit(page: Page, lines: string[]): Promise<number | null> {
  let timer: NodeJS.Timeout | undefined;
  const ended = new Promise<number | null>((resolve) => {
    timer = setTimeout(() => resolve(null), SUITE_MS);
    page.on('crash', () => resolve(null));
    void page.exposeFunction('codeAutomationLog', (type: string, args: readonly unknown[]) => {
      // What is styled, the console has too.
      if (['error', 'warn'].includes(type) && !String(args[0]).startsWith('%c'))
        lines.push(`${type}: ${args.map(String).join(' ')}`);
    });
    void page.exposeFunction('codeAutomationExit', (code: number) => resolve(code));
  });
  return ended.finally(() => clearTimeout(timer));
}

/** What every start of this VS Code says, without a network and without trust. */
const harmless =
  /open-vsx|[Ss]ervice ?[Ww]orker|allow-same-origin|status of 404|DialogService|ERR_NAME_NOT_RESOLVED|%c/;

/** Of the machine: nothing pops up that the tests did not ask for. */
const settings = {
  'workbench.startupEditor': 'none',
  'workbench.enableExperiments': false,
  'workbench.tips.enabled': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'git.enabled': false,
  'editor.minimap.enabled': false,
};
