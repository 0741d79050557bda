/**
 * `npm run test:electron`: the suite in a VS Code of the desktop, where one can be downloaded; `--vscode PATH` takes
 * one that is there, `--version 1.91.0` another than the newest. What only a page shows is not asserted there.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runTests } from '@vscode/test-electron';
import { root } from '../../scripts/build.mjs';
import { prepare } from './session.ts';

const { values } = parseArgs({ options: { vscode: { type: 'string' }, version: { type: 'string' } } });
const folder = mkdtempSync(join(tmpdir(), 'lockstep-desktop-'));
try {
  const { extension, suite, workspace } = await prepare(folder);
  await runTests({
    extensionDevelopmentPath: extension,
    extensionTestsPath: suite,
    cachePath: join(root, '.cache', 'vscode-electron'),
    version: values.version ?? 'stable',
    ...(values.vscode === undefined ? {} : { vscodeExecutablePath: values.vscode }),
    launchArgs: [
      workspace,
      ...['--user-data-dir', join(folder, 'data'), '--extensions-dir', join(folder, 'extensions')],
      '--disable-extensions',
    ],
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.error('Where VS Code cannot be downloaded, `npm test` runs the same suite in the one from npm.');
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
