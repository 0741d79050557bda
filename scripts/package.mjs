/**
 * `npm run package`: dist/lockstep-VERSION.vsix, and its contents as a folder, `.cache/package`. What is shipped is
 * copied there first, by a list of what belongs in and not of what does not.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleInto, root } from './build.mjs';

/** Files and folders as they stand in the repository. The bundles and the description are made. */
export const shipped = [
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'client/media',
  'docs',
  'examples',
  'library',
  'package.nls.json',
  'syntaxes/language-configuration.json',
  'syntaxes/lockstep.tmLanguage.json',
  'syntaxes/markdown.tmLanguage.json',
  'syntaxes/snippets.json',
];
/** Of package.json, what VS Code and the marketplace do not read. */
const forDevelopers = ['private', 'bin', 'scripts', 'devDependencies'];
export const packageFolder = join(root, '.cache', 'package');

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { path, bytes } = await makePackage();
  console.log(`${path}: ${(bytes / 1000).toFixed(0)} kB`);
}

/**
 * `folder`: where the contents are put together. It is the extension unpacked, and can be run from.
 * @param {{ folder?: string, path?: string }} [where]
 * @returns {Promise<{ path: string, folder: string, bytes: number }>}
 */
export async function makePackage({ folder = packageFolder, path } = {}) {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const vsix = path ?? join(root, 'dist', `lockstep-${manifest.version}.vsix`);
  rmSync(folder, { recursive: true, force: true });
  await bundleInto(join(folder, 'dist'), { minify: true });
  for (const each of shipped) cpSync(join(root, each), join(folder, each), { recursive: true });
  // What the icon is drawn from.
  rmSync(join(folder, 'client', 'media', 'icon.svg'));
  for (const field of forDevelopers) delete manifest[field];
  // The editor knows no Node of its own: what it has is told by `vscode`.
  manifest.engines = { vscode: manifest.engines.vscode };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  // Everything in the folder belongs in; vsce wants to be told.
  writeFileSync(join(folder, '.vscodeignore'), '');
  mkdirSync(dirname(vsix), { recursive: true });
  const vsce = join(root, 'node_modules', '@vscode', 'vsce', 'vsce');
  // The repository is not published anywhere that links could lead to.
  const published = ['--allow-missing-repository', '--no-rewrite-relative-links'];
  const args = [vsce, 'package', '--no-dependencies', ...published, '--out', vsix];
  const result = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`vsce package failed:\n${result.stdout}${result.stderr}`);
  return { path: vsix, folder, bytes: statSync(vsix).size };
}
