import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Diagnostic } from 'vscode-languageserver-types';
import { type RunningServer, startServer } from './harness.ts';

const paths = ['a.lockstep', 'b.lockstep', 'common.lockstep'] as const;
const files = {
  'a.lockstep': 'scenario "A"; import "./common"; vcpu t { f(); }',
  'b.lockstep': 'scenario "B"; option way = { x, y }; import "./common"; vcpu t { if (way == x) f(); }',
  'common.lockstep': 'int count; void f(void) { count = 1; }',
};
const texts = [
  ...Object.values(files),
  '',
  'scenario "C"; vcpu t { f(',
  'void f(int x) { }',
  'import "./a"; import "./nowhere";',
  '\u{1f512} "',
];

type Action =
  | { readonly kind: 'open'; readonly path: string; readonly text: string }
  | { readonly kind: 'change'; readonly path: string; readonly text: string; readonly version: number }
  | { readonly kind: 'close'; readonly path: string }
  | { readonly kind: 'write'; readonly path: string; readonly text: string | null }
  | { readonly kind: 'ask'; readonly path: string; readonly method: string; readonly at: number };

const path = fc.constantFrom(...paths);
const text = fc.constantFrom(...texts);
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ kind: fc.constant('open' as const), path, text }),
  fc.record({ kind: fc.constant('change' as const), path, text, version: fc.integer() }),
  fc.record({ kind: fc.constant('close' as const), path }),
  fc.record({ kind: fc.constant('write' as const), path, text: fc.option(text) }),
  fc.record({
    kind: fc.constant('ask' as const),
    path,
    method: fc.constantFrom(
      ...['completion', 'hover', 'definition', 'references', 'signatureHelp', 'documentHighlight'],
      ...['codeLens', 'documentLink', 'documentSymbol', 'foldingRange', 'semanticTokens/full'],
    ),
    at: fc.constantFrom(-5, 0, 3, 20, 1e9, Number.NaN),
  }),
);

/** Requests are answered in any order, with an answer or an error that says why there is none. */
async function perform(server: RunningServer, actions: readonly Action[]): Promise<void> {
  const asked: Promise<unknown>[] = [];
  for (const each of actions) {
    if (each.kind === 'open') server.open(each.path, each.text);
    else if (each.kind === 'change') server.change(each.path, each.text, each.version);
    else if (each.kind === 'close') server.closeDocument(each.path);
    else if (each.kind === 'write') server.write(each.path, each.text);
    else {
      const params = {
        textDocument: each.path,
        position: { line: 0, character: each.at },
        context: { includeDeclaration: true },
      };
      asked.push(
        server.request(`textDocument/${each.method}`, params).catch((error: { code: number }) => {
          // Cancelled or overtaken by an edit; a fault of the server's own would be another.
          assert.ok([-32800, -32801].includes(error.code), `${each.method}: ${JSON.stringify(error)}`);
        }),
      );
    }
  }
  await Promise.all(asked);
}

/** As it is once all files are open with their last texts. */
async function told(
  server: RunningServer,
  open: Readonly<Record<string, string>>,
): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  for (const [name, content] of Object.entries(open)) server.open(name, content);
  for (const [name, content] of Object.entries(open)) {
    const version = 1_000_000;
    server.change(name, `${content} `, version);
    const diagnostics = await server.diagnosticsOf(name);
    const shown = diagnostics.map(({ range, code, message }: Diagnostic) => {
      const words = String(message).replaceAll(server.uri(''), '');
      return { name, range, code, words };
    });
    found.push(shown);
  }
  return found;
}

test('whatever is opened, edited, closed, written and asked in any order, what is told at the end is right', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(action, { maxLength: 12 }),
      fc.tuple(text, text, text),
      async (actions, last) => {
        const open = Object.fromEntries(paths.map((name, index) => [name, last[index] ?? '']));
        const server = await startServer({ files });
        await perform(server, actions);
        const shown = await told(server, open);
        const faults = server.messages.filter((message) => message.includes('internal error'));
        await server.close();
        const fresh = await startServer({ files });
        const expected = await told(fresh, open);
        await fresh.close();
        assert.deepEqual(faults, []);
        assert.deepEqual(shown, expected);
      },
    ),
    { numRuns: 4 },
  );
});
