import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { defaultSettings } from '../../server/settings.ts';
import { root, sourcesUnder } from '../house/sources.ts';

interface Manifest {
  readonly main: string;
  readonly icon: string;
  readonly engines: { readonly vscode: string };
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly menus: Readonly<Record<string, readonly { readonly command: string }[]>>;
    readonly configuration: { readonly properties: Readonly<Record<string, Setting>> };
    readonly walkthroughs: readonly { readonly steps: readonly Step[] }[];
    readonly problemMatchers: readonly { readonly pattern: { readonly regexp: string } }[];
  };
}

interface Setting {
  readonly default: unknown;
  readonly order?: number;
  readonly scope?: string;
  readonly markdownDescription?: string;
}

interface Step {
  readonly id: string;
  readonly description: string;
  readonly completionEvents: readonly string[];
}

const manifestText = readFileSync(join(root, 'package.json'), 'utf8');
const manifest = JSON.parse(manifestText) as Manifest;
const strings = JSON.parse(readFileSync(join(root, 'package.nls.json'), 'utf8')) as Readonly<
  Record<string, string>
>;
const client = sourcesUnder(['client'], ['.ts']);
const clientText = client.map(({ text }) => text).join('\n');
const declared = manifest.contributes.commands.map(({ command }) => command).sort();

test('every command is registered, and every registered one is declared', () => {
  const registered = [...clientText.matchAll(/^ {2}'(lockstep\.\w+)':/gm)].map(([, id]) => id);
  assert.deepEqual(registered.sort(), declared);
});

test('every command that something leads to exists', () => {
  const texts = [clientText, manifestText, JSON.stringify(strings)].join('\n');
  const named = [
    ...texts.matchAll(/(?:command:|onCommand:|executeCommand\(\s*'|command: '|command": ")(lockstep\.\w+)/g),
  ];
  assert.ok(named.length > 20);
  for (const [, id = ''] of named) assert.ok(declared.includes(id), id);
});

test('the settings are those that the server reads, with the same defaults', () => {
  const shown = Object.entries(manifest.contributes.configuration.properties).map(([id, setting]) => [
    id,
    setting.default,
  ]);
  // Read by the library that the client is built on.
  const ours = { ...flat('lockstep', defaultSettings), 'lockstep.trace.server': 'off' };
  assert.deepEqual(Object.fromEntries(shown), ours);
});

test('every setting is described, in order, with a scope', () => {
  const settings = Object.values(manifest.contributes.configuration.properties);
  assert.deepEqual(
    settings.map(({ order }) => order),
    settings.map((_, index) => index + 1),
  );
  for (const { scope, markdownDescription } of settings) {
    assert.ok(scope !== undefined);
    assert.match(markdownDescription ?? '', /^%setting\./);
  }
});

test('every condition of our own is set somewhere', () => {
  const conditions = [...manifestText.matchAll(/"(?:when|enablement)": "([^"]*)"/g)].map(
    // Views are named there as well.
    ([, text = '']) => text.replace(/\bview (?:==|=~) \S+/g, ''),
  );
  const keys = new Set(conditions.flatMap((text) => text.match(/\blockstep\.\w+/g) ?? []));
  assert.ok(keys.size > 0);
  for (const key of keys) assert.ok(clientText.includes(`'setContext', '${key}'`), key);
});

test('every string has its text, and every text its use', () => {
  const used = new Set([...manifestText.matchAll(/"%([\w.]+)%"/g)].map(([, key = '']) => key));
  assert.deepEqual([...used].sort(), Object.keys(strings).sort());
  for (const [key, text] of Object.entries(strings)) assert.ok(text.trim().length > 3, key);
});

test('every file that is named is there', () => {
  const paths = [...manifestText.matchAll(/"(?:\.\/)?((?:client|syntaxes)\/[\w./-]+)"/g)].map(
    ([, path = '']) => path,
  );
  assert.ok(paths.length > 8);
  for (const path of paths) assert.ok(existsSync(join(root, path)), path);
  assert.ok(manifest.icon.endsWith('.png'));
});

test('what is used of VS Code is what the oldest one has', () => {
  assert.equal(manifest.engines.vscode, manifest.devDependencies['@types/vscode']);
});

test('each step of the walkthrough can be done from its text', () => {
  const steps = manifest.contributes.walkthroughs.flatMap((walkthrough) => walkthrough.steps);
  assert.equal(steps.length, 5);
  for (const { id, description, completionEvents } of steps) {
    const text = strings[description.replaceAll('%', '')] ?? '';
    for (const event of completionEvents) {
      assert.ok(text.includes(`(command:${event.replace('onCommand:', '')})`), id);
    }
  }
});

test('pictures take their colours from the theme, and need no style sheet, which is not let in', () => {
  for (const { path, text } of sourcesUnder(['client/media'], ['.svg'])) {
    if (/(icon|file-\w+)\.svg$/.test(path)) continue;
    assert.ok(!text.includes('style'), path);
    const colours = [...text.matchAll(/(?:fill|stroke)="([^"]*)"/g)].map(([, colour = '']) => colour);
    assert.ok(colours.length > 3, path);
    for (const colour of colours) assert.match(colour, /^(none|var\(--vscode-[\w-]+, #\w+\))$/, path);
  }
});

function flat(prefix: string, value: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]: [string, unknown]): [string, unknown][] => {
      const name = `${prefix}.${key}`;
      return typeof inner === 'object' && inner !== null
        ? Object.entries(flat(name, inner))
        : [[name, inner]];
    }),
  );
}
