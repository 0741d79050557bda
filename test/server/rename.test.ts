import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renameAt } from '../../server/features/rename.ts';
import { Workspace } from '../../server/workspace.ts';
import { placesOf, workspaceOf } from './marked.ts';

const common = new Workspace();

/** The name at `$0` becomes `fresh`; `«…»` is what changes. */
const renamed: Readonly<Record<string, string>> = {
  'a local': 'task t { int «a» = 1; { int a = 2; a++; } $0«a»++; }',
  'a parameter': 'static int f(int $0«a», struct s { int a; } *p) { return «a» + p->a; }',
  'a function with its prototype and hook':
    'static void «f»(void);\nstatic void $0«f»(void) { }\nbefore «f»() { }\ntask t { «f»(); }',
  'a member, and not a local of this name':
    'struct s { int $0«a»; };\nstruct s x = { .«a» = 1 };\ntask t { int a = x.«a»; }',
  'a member to the name of a variable':
    'int other;\nstruct s { int $0«a»; };\nstruct s x;\ntask t { x.«a» = other; }',
  'a tag': 'struct $0«s» { struct «s» *next; };\nstruct «s» s;',
  'a value of an option':
    'option fix = { none, $0«some» };\ntask t { if (fix == «some») { } }\nexpect passes when fix in { none, «some» };',
  'an option': 'option $0«fix» = { none, some };\nexpect passes when «fix» == none;',
  'a property that is expected':
    'int g;\ninvariant $0«small»: g < 2;\ncheck «small» error;\nexpect fails «small»;',
  'a check in quotes': 'task t { WARN_ON(1, "$0«bad»"); WARN_ON(2, "«bad»"); }\nexpect fails «bad»;',
  'an actor': 'task $0«one» { }\nschedule "s" { «one»; }',
  'a label': 'int g;\ntask t { «again»: g++; if (g < 2) goto $0«again»; }\nschedule "s" { t until «again»; }',
  'through a macro': 'int $0«g»;\n#define G («g» + 1)\n#define ID(x) (x)\ntask t { int a = G + ID(«g»); }',
  'a macro': '#define $0«G» 1\nint a = «G»;',
  'a macro parameter': '#define ADD($0«x», y) ((«x») + (y))',
  'in code that the variant leaves out':
    'option fix = { none, some };\nstatic void $0«f»(void) { }\ntask t { if (fix == some) «f»(); }',
  'declared for each variant':
    'option fix = { none, some };\nwhen (fix == some) { static void «f»(void) { } }\nwhen (fix == none) { static void «f»(void) { } }\ntask t { $0«f»(); }',
  'over files':
    'import "./other";\ntask t { $0«f»(); }\n//- other.lockstep\nstatic void «f»(void) { }\n//- third.lockstep\nimport "./other";\ntask u { «f»(); }\n//- fourth.lockstep\nstatic void f(void) { }',
  'an override with what it replaces':
    'import "./other";\noverride void $0«f»(void) { }\n//- other.lockstep\nstatic void «f»(void) { }',
  'in a helper, of the scenario that imports it':
    'static int f(void) { return $0«fix»; }\n//- user.lockstep\nscenario "a";\noption «fix» = { none, some };\nimport "./main";',
  'with a prototype in another file':
    'import "./other";\nstatic void $0«f»(void) { }\n//- other.lockstep\nstatic void «f»(void);\nstatic void g(void) { «f»(); }',
  'with an announcement in another file':
    'import "./other";\nstruct $0«s» { int a; };\nstruct «s» s;\n//- other.lockstep\nstruct «s»;',
  'a typedef': 'typedef u64 $0«word»;\n«word» w;',
};

for (const [name, text] of Object.entries(renamed)) {
  test(`rename: ${name}`, async () => {
    const { workspace, scene, offset, marks } = workspaceOf(text, common);
    const edits = await renameAt(workspace, scene, offset, 'fresh');
    assert.ok(typeof edits !== 'string', String(edits));
    const locations = edits.flatMap(({ textDocument: { uri, version }, edits: list }) => {
      assert.equal(version, 1);
      return list.map((edit) => {
        assert.ok('newText' in edit && edit.newText === 'fresh');
        return { uri, range: edit.range };
      });
    });
    assert.deepEqual(placesOf(workspace, locations), marks);
  });
}

test('rename: the call of a guest leaves out a part of the name', async () => {
  const text = `struct cpu { int a; };
vcpu_state struct cpu cpus;
static void guest_$0poke(struct cpu *cpu) { cpu->a = 1; }
vcpu v { guest { poke(); } }`;
  const { workspace, scene, offset } = workspaceOf(text, common);
  const edits = await renameAt(workspace, scene, offset, 'guest_touch');
  assert.ok(typeof edits !== 'string', String(edits));
  const texts = edits.flatMap(({ edits: list }) =>
    list.map((edit) => ('newText' in edit ? edit.newText : '')),
  );
  assert.deepEqual(texts, ['guest_touch', 'touch']);
  assert.match(String(await renameAt(workspace, scene, offset, 'touch')), /must begin with 'guest_'/);
});

/** The name at `$0` cannot become the one that is said; why. */
const refusals: Readonly<Record<string, readonly [text: string, newName: string, why: RegExp]>> = {
  'no name': ['task t { $0 }', 'fresh', /no name here/],
  'a keyword': ['$0static int a;', 'fresh', /no name here/],
  'a name of the library': [
    'import "linux/spinlock";\nspinlock_t l;\ntask t { $0spin_lock(&l); }',
    'fresh',
    /'spin_lock' belongs to the library \(linux\/spinlock\)/,
  ],
  'an override of the library': [
    'import "linux/spinlock";\noverride void $0spin_lock(spinlock_t *lock) { }',
    'fresh',
    /belongs to the library/,
  ],
  'what the library announces': [
    'import "./other";\nstatic void $0f(void) { }\n//- library:///linux/made_up.lockstep\nstatic void f(void);\n//- other.lockstep\nimport "linux/made_up";',
    'fresh',
    /'f' belongs to the library \(linux\/made_up\)/,
  ],
  'no name in the new one': ['int $0g;', 'two words', /is no name/],
  'a digit in front': ['int $0g;', '1g', /is no name/],
  nothing: ['int $0g;', '', /is no name/],
  'to a keyword': ['int $0g;', 'while', /'while' is a keyword/],
  'to the name of a type': ['int $0g;', 'size_t', /reads as the name of a type/],
  'to what the language knows': ['static void $0f(void) { }', 'READ_ONCE', /meaning of its own/],
  'to a built-in check': ['int g;\ninvariant $0small: g < 2;', 'data_race', /built-in check/],
  'another global': ['int $0g;\nint other;', 'other', /already a variable 'other' in main.lockstep/],
  'another global of an imported file': [
    'import "./other";\nint $0g;\n//- other.lockstep\nstatic void other(void) { }',
    'other',
    /already a function 'other' in other.lockstep/,
  ],
  'another global of a file that imports this one': [
    'int $0g;\n//- other.lockstep\nimport "./main";\nint other;',
    'other',
    /already a variable 'other' in other.lockstep/,
  ],
  'another global of the library': [
    'import "linux/list";\nint $0g;',
    'list_del',
    /already a function 'list_del' in list/,
  ],
  'another member': ['struct s { int $0a; int b; };', 'b', /already a member 'b' in struct s/],
  'another tag': ['struct $0s { int a; };\nstruct r { int a; };', 'r', /already a struct 'r'/],
  'another value': ['option fix = { $0none, some };', 'some', /already a value 'some' in option fix/],
  'another actor': ['task $0one { }\ntask two { }', 'two', /already an actor 'two'/],
  'another label': ['task t { $0one: ; two: ; }', 'two', /already a label 'two' in t/],
  'another check': ['int g;\ninvariant $0one: g < 2;\ninvariant two: g < 3;', 'two', /already a check 'two'/],
  'a global that a local would hide': [
    'int $0g;\ntask t { int a = 1; g = a; }',
    'a',
    /'a' already means something in 't'/,
  ],
  'a local that would hide a global': [
    'int g;\ntask t { int $0a = 1; g = a; }',
    'g',
    /'g' already means something in 't'/,
  ],
  'a local of the same body': ['task t { int $0a = 1; { int b = a; } }', 'b', /already means something/],
  'a value that hides a global': ['int g;\noption fix = { $0none, some };', 'g', /already a variable 'g'/],
  'a member that a macro would replace': [
    'struct s { int $0a; };\n#define A(p) ((p)->a)\nstatic int f(struct s *q) { return A(q); }',
    'p',
    /'p' already means something in 'A'/,
  ],
};

for (const [name, [text, newName, why]] of Object.entries(refusals)) {
  test(`rename refuses: ${name}`, async () => {
    const { workspace, scene, offset } = workspaceOf(text, common);
    const result = await renameAt(workspace, scene, offset, newName);
    assert.ok(typeof result === 'string', JSON.stringify(result));
    assert.match(result, why);
  });
}

test('rename to the same name changes nothing', async () => {
  const { workspace, scene, offset } = workspaceOf('int $0g;');
  assert.deepEqual(await renameAt(workspace, scene, offset, 'g'), []);
});
