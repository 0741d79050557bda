import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import type { CodeAction, TextDocumentEdit } from 'vscode-languageserver-types';
import { suggestionIn, didYouMean } from '../../core/semantics/nearest.ts';
import { codeActions, textProblems } from '../../server/features/codeActions.ts';
import { LibraryNames } from '../../server/features/codeActions/library.ts';
import { nameFixes } from '../../server/features/codeActions/names.ts';
import type { Problem } from '../../server/features/codeActions/offer.ts';
import { toRange } from '../../server/positions.ts';
import type { Scene } from '../../server/scene.ts';
import { Workspace } from '../../server/workspace.ts';
import { applied, examples, fileOf } from './files.ts';
import { cursor, type RunningServer, startServer } from './harness.ts';

/** A cursor at `$0`; what is offered there, in order, and the text after the first offer. Explanations are left out. */
const cases: Readonly<
  Record<string, { readonly text: string; readonly titles: readonly string[]; readonly after?: string }>
> = {
  'a name that was misspelt': {
    text: 'int counter;\ntask t { coun$0tre = 1; }',
    titles: ["Change to 'counter'"],
    after: 'int counter;\ntask t { counter = 1; }',
  },
  'a member that was misspelt': {
    text: 'struct s { int first; } x;\ntask t { x.fir$0ts = 1; }',
    titles: ["Change to 'first'"],
    after: 'struct s { int first; } x;\ntask t { x.first = 1; }',
  },
  'a label': {
    text: 'task t {\n\tgoto ou$0;\nout:\n\t;\n}',
    titles: [],
  },
  'a struct without its word': {
    text: 'struct thing { int a; };\nth$0ing x;',
    titles: ["Change to 'struct thing'"],
    after: 'struct thing { int a; };\nstruct thing x;',
  },
  'an option value': {
    text: 'option fix = { none, spinlock };\nint a;\ntask t { if (fix == spin$0lok) a = 1; }',
    titles: ["Change to 'spinlock'"],
    after: 'option fix = { none, spinlock };\nint a;\ntask t { if (fix == spinlock) a = 1; }',
  },
  'an actor in a schedule': {
    text: 'task writer { }\nschedule "s" { wri$0tter; }',
    titles: ["Change to 'writer'"],
    after: 'task writer { }\nschedule "s" { writer; }',
  },
  'a check in an expectation': {
    text: 'int a;\ntask t { a = 1; }\ninvariant counted: a < 2;\nexpect fails coun$0ed;',
    titles: ["Change to 'counted'"],
    after: 'int a;\ntask t { a = 1; }\ninvariant counted: a < 2;\nexpect fails counted;',
  },
  'the path of an import': {
    text: 'import "linux/complet$0on";\n',
    titles: ["Change to 'linux/completion'"],
    after: 'import "linux/completion";\n',
  },
  'a function of the library, behind the imports': {
    text: 'scenario "S";\nimport "linux/list";\n\ntask t { kvm_flush_remote_tlb$0s(0); }',
    titles: ['Import "kvm/x86/tlb"'],
    after:
      'scenario "S";\nimport "linux/list";\nimport "kvm/x86/tlb";\n\ntask t { kvm_flush_remote_tlbs(0); }',
  },
  'a type of the library, behind the title': {
    text: 'scenario "S";\n\nstruct kvm_memory_sl$0ot *slot;',
    titles: ['Import "kvm/x86/types"'],
    after: 'scenario "S";\n\nimport "kvm/x86/types";\n\nstruct kvm_memory_slot *slot;',
  },
  'in a file without a title, above its first comment': {
    text: '/** What it is. */\nstruct kvm_memory_sl$0ot *slot;\n',
    titles: ['Import "kvm/x86/types"'],
    after: 'import "kvm/x86/types";\n\n/** What it is. */\nstruct kvm_memory_slot *slot;\n',
  },
  'nothing is wrong': { text: 'int a$0;', titles: [] },
  'nothing is wrong here': { text: 'int a$0;\ntask t { unknown_thing = 1; }', titles: [] },
  'inside a macro the word is not at the use': {
    text: 'int counter;\n#define BUMP() (countre++)\ntask t { BU$0MP(); }',
    titles: [],
  },
  'a bit that cannot be exchanged': {
    text: 'union role {\n\tu32 word;\n\tstruct {\n\t\tu32 level : 4;\n\t\tu32 invalid : 1;\n\t};\n};\nunion role role;\ntask zap {\n\txchg(&role.inv$0alid, 1);\n}\n',
    titles: ['Exchange role.word, the word that contains the bit-field'],
  },
  'a lock that is never released': {
    text: 'spinlock_t list_lock;\nint a;\ntask t {\n\tspin_l$0ock(&list_lock);\n\ta = 1;\n}\n',
    titles: ['Release list_lock at the end'],
    after:
      'spinlock_t list_lock;\nint a;\ntask t {\n\tspin_lock(&list_lock);\n\ta = 1;\n\tspin_unlock(&list_lock);\n}\n',
  },
};

let server: RunningServer;
before(async () => {
  server = await startServer({ options: { features: [codeActions] } });
});
after(() => server.close());

for (const [index, [name, { text: marked, titles, after: expected }]] of Object.entries(cases).entries()) {
  test(`code action: ${name}`, async () => {
    const { text, position } = cursor(marked);
    const path = `case${index}.lockstep`;
    const uri = server.open(path, text);
    const actions = await ask(path, position);
    const fixes = actions.filter((each) => each.edit !== undefined);
    assert.deepEqual(
      fixes.map(({ title }) => title),
      titles,
    );
    const [first] = fixes;
    if (first === undefined || expected === undefined) return;
    const [change] = editsOf(first);
    assert.deepEqual(change?.textDocument, { uri, version: 1 });
    assert.equal(textAfter(text, change), expected);
  });
}

test('every code of what is wrong can be explained', async () => {
  server.open('explain.lockstep', 'task t { unknown_thing = 1; }');
  const actions = await ask('explain.lockstep', { line: 0, character: 12 });
  const explain = actions.find(({ command }) => command !== undefined);
  assert.deepEqual(explain?.command, {
    title: 'Explain unknown-name',
    command: 'lockstep.explain',
    arguments: ['unknown-name'],
  });
});

test('diagnostics of others, and of any shape, do no harm', async () => {
  server.open('shapes.lockstep', 'int a;');
  const range = { start: { line: 0, character: 0 }, end: { line: 9999, character: 0 } };
  const diagnostics = [
    { range, message: 'of somebody else', source: 'clang', code: 'unknown-name' },
    { range, message: 'no such code', source: 'lockstep', code: 'no-such-code' },
    { range, message: 'a number', source: 'lockstep', code: 7 },
  ];
  const context = { diagnostics };
  assert.deepEqual(
    await server.request('textDocument/codeAction', { textDocument: 'shapes.lockstep', range, context }),
    [],
  );
});

test('all safe fixes at once', async () => {
  const text =
    'scenario "S";\nint counter;\nstruct kvm_memory_slot *one;\nstruct kvm_memory_slot *two;\ntask t { countre = 1; couter = 2; nothing_like_it = 3; }\n';
  server.open('all.lockstep', text);
  const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
  for (const only of [['source.fixAll'], ['source.fixAll.lockstep'], ['source']]) {
    const context = { diagnostics: [], only };
    const actions: CodeAction[] = await server.request('textDocument/codeAction', {
      textDocument: 'all.lockstep',
      range,
      context,
    });
    assert.deepEqual(
      actions.map(({ kind }) => kind),
      ['source.fixAll.lockstep'],
    );
    const [change] = editsOf(actions[0]);
    assert.equal(
      textAfter(text, change),
      'scenario "S";\n\nimport "kvm/x86/types";\nint counter;\nstruct kvm_memory_slot *one;\nstruct kvm_memory_slot *two;\ntask t { counter = 1; counter = 2; nothing_like_it = 3; }\n',
    );
  }
  const refactor = { diagnostics: [], only: ['refactor'] };
  assert.deepEqual(
    await server.request('textDocument/codeAction', {
      textDocument: 'all.lockstep',
      range,
      context: refactor,
    }),
    [],
  );
});

test('locks are not tried out while the cursor only passes', async () => {
  server.open('passing.lockstep', 'spinlock_t l;\nint a;\ntask t {\n\tspin_lock(&l);\n\ta = 1;\n}\n');
  const at = { line: 3, character: 3 };
  const titles = (actions: readonly CodeAction[]): readonly string[] =>
    actions.filter(({ edit }) => edit !== undefined).map(({ title }) => title);
  assert.deepEqual(titles(await ask('passing.lockstep', at, 2)), []);
  assert.deepEqual(titles(await ask('passing.lockstep', at, 1)), ['Release l at the end']);
  assert.deepEqual(titles(await ask('passing.lockstep', at, 2)), ['Release l at the end']);
});

test('a client without versioned edits gets plain ones', async () => {
  const plain = await startServer({ capabilities: {}, options: { features: [codeActions] } });
  try {
    const uri = plain.open('a.lockstep', 'int counter;\ntask t { countre = 1; }');
    const position = { line: 1, character: 10 };
    const [first] = await plain.request('textDocument/codeAction', {
      textDocument: 'a.lockstep',
      range: { start: position, end: position },
      context: { diagnostics: [] },
    });
    assert.deepEqual(Object.keys(first.edit.changes), [uri]);
  } finally {
    await plain.close();
  }
});

test('a slip in any name of an example: what is offered mends it', () => {
  const [{ text } = { text: '' }] = examples.filter(({ name }) => name.startsWith('put-root'));
  const names = [...text.matchAll(/(?<=^\t[^\n/]*)\b[a-z]\w{5,}\b/gm)];
  const workspace = new Workspace();
  const library = new LibraryNames(workspace);
  const uri = 'file:///home/main.lockstep';
  const sceneOf = (content: string): Scene => {
    workspace.open({ ...{ uri, clientUri: uri }, version: 1, text: content });
    const scene = workspace.scene(uri);
    if (scene === null) throw new Error('there is no such file');
    return scene;
  };
  let offered = 0;
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.nat(), ({ index, 0: name }, where) => {
      const at = index + 1 + (where % (name.length - 2));
      const scene = sceneOf(text.slice(0, at) + text.slice(at + 1));
      const problems = textProblems(scene);
      for (const problem of problems) {
        const alike = (all: readonly Problem[]): number =>
          all.filter(({ message }) => message === problem.message).length;
        for (const { title, edits } of nameFixes(scene.project, problem, library)) {
          offered++;
          const changes = edits.map((edit) => ({
            range: toRange(scene.file, edit.at.start, edit.at.end),
            newText: edit.text,
          }));
          const left = textProblems(sceneOf(applied(scene.file, changes)));
          assert.ok(alike(left) < alike(problems), `${title}: ${problem.message}`);
        }
      }
    }),
    { numRuns: 20 },
  );
  assert.ok(offered > 3, `${offered} fixes were offered`);
});

test('a message says what it suggests as it is read', () => {
  const cases: readonly (readonly [string, ReturnType<typeof suggestionIn>])[] = [
    [`unknown name 'coutn'${didYouMean('coutn', ['count'])}`, { wrong: 'coutn', right: 'count' }],
    [`there is no label 'ot' in 'f'${didYouMean('outt', ['out'])}`, { wrong: 'f', right: 'out' }],
    ["'__cold' only tells something to people: delete it", { wrong: '__cold', right: null }],
    ["unknown name 'page'; there is a type 'struct page'", { wrong: 'page', right: 'struct page' }],
    ["unknown name 'x'", null],
  ];
  for (const [message, expected] of cases) assert.deepEqual(suggestionIn(message), expected, message);
});

function ask(
  path: string,
  position: { line: number; character: number },
  triggerKind = 1,
): Promise<CodeAction[]> {
  return server.request('textDocument/codeAction', {
    textDocument: path,
    range: { start: position, end: position },
    context: { diagnostics: [], triggerKind },
  });
}

function editsOf(action: CodeAction | undefined): readonly TextDocumentEdit[] {
  return (action?.edit?.documentChanges ?? []).filter(
    (each): each is TextDocumentEdit => 'textDocument' in each && 'edits' in each,
  );
}

function textAfter(text: string, change: TextDocumentEdit | undefined): string {
  return applied(
    fileOf(text),
    (change?.edits ?? []).map((edit) => ({
      range: edit.range,
      newText: 'newText' in edit ? edit.newText : '',
    })),
  );
}
