import assert from 'node:assert/strict';
import { test } from 'node:test';
import { declarationsAt, definitionsAt, implementationsAt } from '../../server/features/definition.ts';
import { Workspace } from '../../server/workspace.ts';
import { placesOf, workspaceOf } from './marked.ts';

const common = new Workspace();

/** `«…»` is the definition of the name at `$0`. */
const definitions: Readonly<Record<string, string>> = {
  'a function': 'static void «f»(void) { }\ntask t { $0f(); }',
  'the name in its own definition': 'static void «$0f»(void) { }',
  'the end of a name': 'static void «f»(void) { }\ntask t { f$0(); }',
  'a local in the inner of two blocks': 'task t { int a = 1; { int «a» = 2; $0a++; } a++; }',
  'a parameter': 'static int f(int «a») { return $0a; }',
  'a family variable': 'task t[«i» : 0..1] { int a = $0i; }',
  'a global': 'int «g»;\ntask t { g$0 = 1; }',
  'a member behind an arrow': 'struct s { int a; int «b»; };\nstatic int f(struct s *p) { return p->$0b; }',
  'a member of an anonymous member':
    'struct s { union { u64 word; struct { u64 «low»:1; }; }; };\nstruct s x;\ntask t { x.$0low = 1; }',
  'a member of a named inner struct':
    'struct s { struct { int «a»; } in; };\nstruct s x;\ntask t { x.in.$0a = 1; }',
  'a member in a designator': 'struct s { int «a»; };\nstruct s x = { .$0a = 1 };',
  'a member in container_of':
    'struct s { int x; int «a»; };\nstatic struct s *f(int *p) { return container_of(p, struct s, $0a); }',
  'a struct tag': 'struct «s» { int a; };\nstruct $0s x;',
  'a struct that is announced first': 'struct s;\nstruct $0s *p;\nstruct «s» { int a; };',
  'a local struct': 'task t { struct «s» { int a; }; struct $0s x; x.a = 1; }',
  'a member of a local struct': 'task t { struct s { int «a»; }; struct s x; x.$0a = 1; }',
  'an enum tag and an enumerator': 'enum mode { READ, «WRITE» };\nenum mode m = $0WRITE;',
  'a typedef behind const': 'typedef u64 «word_t»;\nconst $0word_t w = 1;',
  'a pool': 'struct s { int a; };\npool struct s «things»[2];\ntask t { struct s *p = alloc($0things); }',
  'a macro': '#define «TWICE»(x) ((x) + (x))\nint a = $0TWICE(2);',
  'a name in the argument of a macro':
    '#define TWICE(x) ((x) + (x))\nint «g»;\ntask t { int a = TWICE($0g); }',
  'a name in an argument that the macro drops':
    '#define NOTHING(x) do { } while (0)\nint «g»;\ntask t { NOTHING($0g); }',
  'a macro parameter': '#define TWICE(«x») ((x) + ($0x))',
  'a local of a macro': '#define ZERO() ({ int «z» = 0; $0z; })\ntask t { int a = ZERO(); }',
  'a name in a macro': 'int «g»;\n#define G ($0g + 1)\ntask t { int a = G; }',
  'a member in a macro, known from its use':
    'struct s { int «a»; };\n#define A(p) ((p)->$0a)\nstatic int f(struct s *p) { return A(p); }',
  'a variable that a macro is given':
    '#define each(i) for (i = 0; i < 2; i++)\ntask t { int «n»; each($0n) { } }',
  'an option': 'option «fix» = { none, some };\nexpect passes when $0fix == none;',
  'a value of an option': 'option fix = { none, «some» };\ntask t { if (fix == $0some) { } }',
  'a value in a list': 'option fix = { none, «some», more };\nexpect passes when fix in { $0some, more };',
  'a value under switch':
    'option fix = { none, «some» };\ntask t { switch (fix) { case $0some: break; case none: break; } }',
  'a setting': 'setting «depth» = 2 in 1..4;\nmachine { $0depth = 3; }',
  'an actor in a schedule': 'task «one» { int a = 1; }\nschedule "s" { $0one; }',
  'a label of goto': 'task t { goto $0out; «out»: ; }',
  'a label of a schedule': 'int g;\ntask t { g = 1; «here»: g = 2; }\nschedule "s" { t until $0here; t; }',
  'a property in expect': 'int g;\ninvariant «small»: g < 2;\ntask t { g = 2; }\nexpect fails $0small;',
  'a check in code, where it is spelled with a dash':
    'task t { WARN_ON(1, "«went-wrong»"); }\nexpect fails $0went_wrong;',
  'a check of two places': 'task t { WARN_ON(1, "«bad»"); WARN_ON(2, "«bad»"); }\nexpect fails $0bad;',
  'a severity': 'int g;\ninvariant «small»: g < 2;\ncheck $0small warning;',
  'an event': 'event «wrote»(int a);\non wrote(a) { }\ntask t { emit $0wrote(1); }',
  'the target of a hook': 'static void «f»(void) { }\nbefore $0f() { }',
  'a field in an annotation':
    'import "linux/spinlock";\nstruct s { spinlock_t «lock»; int a __guarded_by($0lock); };',
  'in code that the variant leaves out':
    'option fix = { none, some };\nstatic void «f»(void) { }\ntask t { if (fix == some) $0f(); }',
  'declared for another variant':
    'option fix = { none, some };\nwhen (fix == some) { static void «f»(void) { } }\ntask t { if (fix == some) $0f(); }',
  'declared for each variant':
    'option fix = { none, some };\nwhen (fix == some) { static void «f»(void) { } }\nwhen (fix == none) { static void «f»(void) { } }\ntask t { $0f(); }',
  'in a body with errors': 'int «g»;\ntask t { unknown(; $0g = 1; }',
  'in a hook on something unknown': 'int «g»;\nafter nowhere(a) { $0g = 1; }',
  'a parameter of such a hook': 'after nowhere(«a») { assert($0a); }',
  'in the value of something of unknown type': 'int «g»;\ntask t { struct none x = { .a = $0g }; }',
  'in a call with too few arguments': 'int «g»;\nstatic void f(int a, int b) { }\ntask t { f($0g); }',
  'in a file that is imported':
    'import "./other";\ntask t { $0f(); }\n//- other.lockstep\nstatic void «f»(void) { }',
  'an override':
    'import "./other";\noverride void «f»(void) { }\ntask t { $0f(); }\n//- other.lockstep\nstatic void f(void) { }',
  'in a helper, of the scenario that imports it':
    'static int f(void) { return $0fix; }\n//- user.lockstep\nscenario "a";\noption «fix» = { none, some };\nimport "./main";',
  'nothing at a keyword': '$0task t { }',
  'nothing at a number': 'int a = $01;',
  'nothing at an unknown name': 'task t { $0nowhere(); }',
  'nothing behind the end': 'int a;\n\n$0',
};

for (const [name, text] of Object.entries(definitions)) {
  test(`definition: ${name}`, () => {
    const { workspace, scene, offset, marks } = workspaceOf(text, common);
    assert.deepEqual(placesOf(workspace, definitionsAt(workspace, scene, offset)), marks);
  });
}

/** `«…»` are the declarations of the name at `$0`. */
const declarations: Readonly<Record<string, string>> = {
  'a prototype': 'static void «f»(void);\ntask t { $0f(); }\nstatic void f(void) { }',
  extern: 'extern int «g»;\nint g;\ntask t { $0g = 1; }',
  'a struct without its fields': 'struct «s»;\nstruct s { int a; };\nstruct $0s x;',
  'the definition, when there is no other': 'int «g»;\ntask t { $0g = 1; }',
};

for (const [name, text] of Object.entries(declarations)) {
  test(`declaration: ${name}`, () => {
    const { workspace, scene, offset, marks } = workspaceOf(text, common);
    assert.deepEqual(placesOf(workspace, declarationsAt(workspace, scene, offset)), marks);
  });
}

/** `«…»` are the implementations of the name at `$0`. */
const implementations: Readonly<Record<string, string>> = {
  'an override, what it replaces, and that of another scenario':
    'import "./other";\noverride void «f»(void) { }\ntask t { $0f(); }\n//- other.lockstep\nstatic void «f»(void) { }\n//- third.lockstep\nimport "./other";\noverride void «f»(void) { }',
  'the body behind a prototype': 'static void f(void);\ntask t { $0f(); }\nstatic void «f»(void) { }',
  'of anything else, the definition': 'int «g»;\ntask t { $0g = 1; }',
};

for (const [name, text] of Object.entries(implementations)) {
  test(`implementation: ${name}`, () => {
    const { workspace, scene, offset, marks } = workspaceOf(text, common);
    assert.deepEqual(placesOf(workspace, implementationsAt(workspace, scene, offset)), marks);
  });
}

test('a definition in the library can be opened', () => {
  const { workspace, scene, offset } = workspaceOf('import "linux/spinlock";\n$0spinlock_t l;');
  const [found] = definitionsAt(workspace, scene, offset);
  assert.match(found?.uri ?? '', /^file:.*\/library\/linux\/spinlock\.lockstep$/);
});

test('an import leads to its file', () => {
  const { workspace, scene, offset } = workspaceOf('import "./o$0ther";\n//- other.lockstep\nint a;');
  assert.deepEqual(
    definitionsAt(workspace, scene, offset).map(({ uri }) => uri),
    ['file:///home/other.lockstep'],
  );
});
