import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DocumentHighlightKind } from 'vscode-languageserver-types';
import { highlightsAt } from '../../server/features/documentHighlight.ts';
import { referencesAt } from '../../server/features/references.ts';
import { Workspace } from '../../server/workspace.ts';
import { placesIn, placesOf, workspaceOf } from './marked.ts';

const common = new Workspace();

/** `«…»` are the references of the name at `$0`, its declarations included. */
const cases: Readonly<Record<string, string>> = {
  'a function, called and in prototypes':
    'static void «f»(void);\nstatic void «f»(void) { }\ntask t { $0«f»(); }',
  'a local, not its namesake': 'task t { int «a» = 1; { int a = 2; a++; } $0«a»++; }\ntask u { int a = 1; }',
  'a member of one struct only':
    'struct s { int «a»; };\nstruct r { int a; };\nstruct s x = { .«a» = 1 };\nstruct r y = { .a = 1 };\ntask t { x.$0«a» = y.a; }',
  'a struct tag': 'struct «s»;\nstruct «s» { struct «s» *next; };\nstruct $0«s» x;',
  'in code that this variant leaves out':
    'option fix = { none, some };\nint «g»;\ntask t { if (fix == some) «g» = 1; else «g» = 2; while (fix == some) «g»++; }\nwhen (fix == some) { task u { $0«g» = 3; } }\nexpect passes;',
  'a value of an option, not the name of something else':
    'option fix = { none, «some» };\nint g;\ntask t { int some = 1; if (fix == $0«some») g = some; }\nexpect passes when fix in { none, «some» };',
  'a property': 'int g;\ninvariant «small»: g < 2;\ncheck «small» error;\nexpect fails $0«small»;',
  'one check at two places, asked at one of them':
    'task t { WARN_ON(1, "$0«bad»"); WARN_ON(2, "«bad»"); }\nexpect fails «bad»;',
  'an actor': 'task «one» { }\nschedule "s" { $0«one»; «one»; }',
  'a label that a schedule names':
    'int g;\ntask t { «again»: g++; if (g < 2) goto $0«again»; }\nschedule "s" { t until «again»; }',
  'through macros': 'int «g»;\n#define ADD(x) ((x) + «g»)\n#define G «g»\ntask t { int a = ADD($0«g») + G; }',
  'a parameter of a macro, not in its texts':
    '#define CHECK($0«x») __warn((«x») > 0, refcount_error, "the x is wrong")',
  'a member in a macro':
    'struct s { int «a»; };\n#define A(p) ((p)->«a»)\nstatic int f(struct s *p) { return A(p) + p->$0«a»; }',
  'a member in a macro that another file uses':
    'struct s { int «a»; };\nstatic int f(struct s *p) { return p->$0«a»; }\n#define A(p) ((p)->«a»)\n//- other.lockstep\nimport "./main";\nstatic int h(struct s *p) { return A(p); }',
  'a member that only a macro of another file speaks of':
    'struct s { int $0«a»; };\n//- macros.lockstep\n#define A(p) ((p)->«a»)\n//- other.lockstep\nimport "./main";\nimport "./macros";\nstatic int h(struct s *p) { return A(p); }',
  'what a macro means in two structs is linked':
    'struct s { int «a»; };\nstruct r { int «a»; };\n#define A(p) ((p)->«a»)\nstatic int f(struct s *p) { return A(p); }\nstatic int h(struct r *p) { return A(p) + p->$0«a»; }',
  'over files, the others of this name apart':
    'import "./other";\ntask t { $0«f»(); }\n//- other.lockstep\nstatic void «f»(void) { }\n//- third.lockstep\nimport "./other";\ntask u { «f»(); }\n//- fourth.lockstep\nstatic void f(void) { }\ntask v { f(); }',
  'an override and what it replaces':
    'import "./other";\noverride void «f»(void) { }\ntask t { $0«f»(); }\n//- other.lockstep\nstatic void «f»(void) { }\n//- third.lockstep\nimport "./other";\ntask u { «f»(); }',
  'a helper that speaks of the option of its users':
    'scenario "a";\noption fix = { none, «some» };\nimport "./helper";\nexpect passes when fix == $0«some»;\n//- helper.lockstep\nstatic int f(void) { return fix == «some»; }',
  'in code with errors': 'int «g»;\ntask t { unknown(; «g» = 1; }\ntask u { $0«g» = ; }',
};

for (const [name, text] of Object.entries(cases)) {
  test(`references: ${name}`, async () => {
    const { workspace, scene, offset, marks } = workspaceOf(text, common);
    assert.deepEqual(placesOf(workspace, await referencesAt(workspace, scene, offset, true)), marks);
    // The same in one file, from the records of that alone.
    if (name.includes('another file')) return;
    const own = marks.filter((mark) => mark.startsWith(`${scene.uri.replace(/^.*\//, '')}:`));
    assert.deepEqual(placesIn(scene, highlightsAt(scene, offset)), own);
  });
}

test('references without the declaration', async () => {
  const { workspace, scene, offset } = workspaceOf('int $0g;\ntask t { g = 1; }');
  assert.deepEqual(placesOf(workspace, await referencesAt(workspace, scene, offset, false)), [
    'main.lockstep:16 g',
  ]);
});

test('references in the library, and in what was typed since', async () => {
  const { workspace, scene, offset } = workspaceOf(
    'import "linux/list";\nstatic void f(struct list_head *p) { $0list_del(p); }',
  );
  const before = await referencesAt(workspace, scene, offset, true);
  assert.ok(before.some(({ uri }) => /^file:.*\/library\/linux\/list\.lockstep$/.test(uri)));
  const text = `${scene.text}\nstatic void g(struct list_head *p) { list_del(p); }`;
  workspace.open({ uri: scene.uri, version: 2, text });
  const after = workspace.scene(scene.uri);
  assert.ok(after !== null);
  assert.equal((await referencesAt(workspace, after, offset, true)).length, before.length + 1);
});

test('a request that is not wanted any more finds nothing', async () => {
  const files = Array.from({ length: 40 }, (_, n) => `//- f${n}.lockstep\nimport "./main";\ntask t { f(); }`);
  const { workspace, scene, offset } = workspaceOf(['static void $0f(void) { }', ...files].join('\n'));
  const token = { isCancellationRequested: true, onCancellationRequested: () => ({ dispose: () => {} }) };
  assert.deepEqual(await referencesAt(workspace, scene, offset, true, token), []);
});

test('highlights tell reading from writing', () => {
  const text = 'int $0g = 1;\ntask t { int a = g; g = a; g++; WRITE_ONCE(g, 1); }';
  const { scene, offset } = workspaceOf(text, common);
  const kinds = highlightsAt(scene, offset).map(({ kind }) => kind);
  const { Read, Write } = DocumentHighlightKind;
  assert.deepEqual(kinds, [Write, Read, Write, Write, Write]);
});

test('a prototype that is added in another file joins what it announces', async () => {
  const text = 'import "./other";\nstatic void $0f(void) { }\ntask t { f(); }\n//- other.lockstep\nint g;';
  const { workspace, scene, offset } = workspaceOf(text, common);
  assert.equal((await referencesAt(workspace, scene, offset, true)).length, 2);
  const other = 'file:///home/other.lockstep';
  workspace.open({ uri: other, version: 2, text: 'int g;\nstatic void f(void);' });
  const after = workspace.scene(scene.uri);
  assert.ok(after !== null);
  assert.equal((await referencesAt(workspace, after, offset, true)).length, 3);
});
