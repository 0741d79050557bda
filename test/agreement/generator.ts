/**
 * Random scenarios as texts: two or three actors, some of the kernel's primitives, and what must hold.
 *
 * Every text is one that a person might write: without a diagnostic, with bounded loops, and mostly with few states.
 * Most break something, and that is wanted.
 */

import fc from 'fast-check';
import type { Code } from './code.ts';
import { declarationsFor, type Theme, themes } from './declarations.ts';
import { condition, type Text } from './expressions.ts';
import { block } from './statements.ts';

/** Scenarios about one to four of the themes. */
export function scenarios(from: readonly Theme[] = themes): Text {
  return fc
    .subarray([...from], { minLength: 1, maxLength: Math.min(4, from.length) })
    .chain((drawn) => scenario(drawn))
    .map(indented);
}

function scenario(drawn: readonly Theme[]): Text {
  // Callbacks and reference counts are about objects.
  const used: Theme[] = [
    ...drawn,
    ...(drawn.includes('rcu') || drawn.includes('srcu') ? ['pool' as const] : []),
  ];
  return fc
    .record({
      actors: fc.array(actor(used), { minLength: 2, maxLength: 3 }),
      handler: block({ themes: used, where: 'handler', depth: 1, inLoop: false }, 1, 2),
      helper: block(
        { themes: used.filter((one) => one !== 'functions'), where: 'function', depth: 1, inLoop: false },
        1,
        2,
      ),
      item: block(
        { themes: used.filter((one) => one !== 'functions'), where: 'task', depth: 1, inLoop: false },
        1,
        2,
      ),
      callee: block(
        {
          themes: used.filter((one) => one !== 'calls' && one !== 'functions'),
          where: 'handler',
          depth: 0,
          inLoop: false,
        },
        1,
        1,
      ),
      shared: fc.boolean(),
      reuse: fc.boolean(),
      initial: fc.array(
        fc.tuple(fc.constantFrom('x', 'y', 'flag'), fc.constantFrom('1', '2', 'choose(0..1)')),
        { maxLength: 1 },
      ),
      properties: fc.array(property(used), { maxLength: 3 }),
      hooks: fc.array(hook(used), { maxLength: 2 }),
      races: fc.boolean(),
    })
    .map((parts) => {
      const counter = numbers();
      const interrupted = used.includes('interrupts');
      const threads = parts.actors.map((one, index) =>
        threadText(one, index, { interrupted, shared: parts.shared, calls: used.includes('calls') }, counter),
      );
      if (interrupted) {
        threads.push(handlerText('irq tick on cpu(0) times 1', parts.handler(counter)));
      }
      const body = threads.join('\n');
      const properties = parts.properties.map((make, index) => make(index));
      const functions = functionsFor(`${body}\n${properties.join('\n')}\n${parts.hooks.join('\n')}`, {
        helper: parts.helper(counter),
        item: parts.item(counter),
        callee: parts.callee(counter),
      });
      const raised = /\bbottom\b/.test(functions + body);
      const softirq = raised ? [handlerText('softirq bottom on cpu(0)', 'flag = !flag;')] : [];
      const text = [functions, body, ...softirq, ...properties, ...parts.hooks].join('\n');
      const initial = parts.initial.map(([name, of]) => `${name} = ${of};`);
      return [
        'scenario "Generated";',
        ...(parts.races ? [] : ['check data_race off;']),
        declarationsFor(text, parts.reuse, initial),
        text,
      ].join('\n');
    });
}

function numbers(): () => number {
  let next = 0;
  return () => next++;
}

// ---------------------------------------------------------------- actors

interface Actor {
  readonly kind: 'task' | 'vcpu' | 'family' | 'daemon';
  readonly wait: string;
  readonly body: Code;
}

function actor(used: readonly Theme[]): fc.Arbitrary<Actor> {
  return fc.record({
    kind: fc.oneof(
      { weight: 8, arbitrary: fc.constant('task' as const) },
      { weight: 1, arbitrary: fc.constant('vcpu' as const) },
      { weight: 1, arbitrary: fc.constant('family' as const) },
      { weight: 1, arbitrary: fc.constant('daemon' as const) },
    ),
    wait: condition(used),
    body: block({ themes: used, where: 'task', depth: 2, inLoop: false }, 2, 4),
  });
}

interface Cpus {
  readonly interrupted: boolean;
  readonly shared: boolean;
  readonly calls: boolean;
}

function threadText(
  one: Actor,
  index: number,
  { interrupted, shared, calls }: Cpus,
  fresh: () => number,
): string {
  const cpu = calls ? index % 2 : interrupted && (index === 0 || shared) ? 0 : null;
  const on = cpu === null ? '' : ` on cpu(${cpu})`;
  const body = one.body(fresh);
  // wake_up_process() names the first actor, which is then no family.
  const kind = one.kind === 'family' && index === 0 ? 'task' : one.kind;
  if (kind === 'family')
    return `task t${index}[i : 0..1]${on} {\n${localsFor(body, 'i')}${result(body, '')}\n}`;
  if (kind === 'daemon')
    return `task t${index}${on} daemon {\n${localsFor(body, '0')}wait_until(${one.wait});\n${result(body, '')}\n}`;
  return `${kind} t${index}${on} {\n${localsFor(body, String(index))}${result(body, '')}\n}`;
}

function handlerText(head: string, body: string): string {
  return `${head} {\n${localsFor(body, '1')}${result(body, '')}\n}`;
}

function localsFor(body: string, me: string): string {
  const uses = (name: string): boolean => new RegExp(`\\b${name}\\b`).test(body);
  return [
    ...(uses('me') ? [`const int me = ${me};`] : []),
    ...(uses('v') ? ['int v = 0;'] : []),
    ...(uses('w') ? ['u8 w = 1;'] : []),
    ...(uses('n') ? ['struct node *n = NULL;'] : []),
    ...(uses('local') ? ['int local[2] = { 0 };'] : []),
    ...(uses('p') ? ['int *p = &x;'] : []),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function result(body: string, value: string): string {
  return body.replaceAll('return RESULT;', value === '' ? 'return;' : `return ${value};`);
}

// ---------------------------------------------------------------- functions

interface Bodies {
  readonly helper: string;
  readonly item: string;
  readonly callee: string;
}

/** The functions that the threads call, as far as they do. */
function functionsFor(text: string, { helper, item, callee }: Bodies): string {
  const uses = (name: string): boolean => new RegExp(`\\b${name}\\b`).test(text);
  const all: readonly (readonly [string, string])[] = [
    [
      'helper',
      `static int helper(int me)\n{\n${localsFor(`${helper} v`, '0').replace('const int me = 0;\n', '')}${result(helper, 'v')}\nreturn v;\n}`,
    ],
    ['twice', '#define twice(value) ({ int _once = (value); _once + _once; })'],
    ['fetch', 'static int fetch(void)\n{\nif (READ_ONCE(x))\nreturn y;\nreturn x;\n}'],
    ['bump', 'static void bump(int *place)\n{\n(*place)++;\n*place &= 3;\n}'],
    ['depth', 'static int depth(int n)\n{\nreturn n > 0 ? depth(n - 1) + x : y;\n}'],
    [
      'both',
      'primitive void both(void)\n{\nwait_until(x != 3);\nx = (x + 1) & 3;\nif (y)\nstep;\ny ^= 1;\n}',
    ],
    [
      'node_free',
      'static void node_free(struct rcu_head *head)\n{\nstruct node *node = container_of(head, struct node, rcu);\nnode->value = 3;\nfree_object(node);\n}',
    ],
    ['called', `static void called(void *info)\n{\n${localsFor(callee, '1')}${result(callee, '')}\n}`],
    ['work', `static void work_fn(struct work_struct *of)\n{\n${localsFor(item, '1')}${result(item, '')}\n}`],
  ];
  const first = all.filter(([name]) => uses(name));
  // What only a function calls.
  const inner = first.map(([, code]) => code).join('\n');
  const second = all.filter((one) => !first.includes(one) && new RegExp(`\\b${one[0]}\\b`).test(inner));
  return [...first, ...second].map(([, code]) => code).join('\n');
}

// ---------------------------------------------------------------- properties and hooks

function property(used: readonly Theme[]): fc.Arbitrary<(index: number) => string> {
  const locks = [
    ...(used.includes('spinlock') ? ['held(s0)', 'held(s1)'] : []),
    ...(used.includes('rwlock') ? ['held_read(rw)', 'held_write(rw)'] : []),
    ...(used.includes('mutex') ? ['held(m)'] : []),
    ...(used.includes('rwsem') ? ['held_write(sem)'] : []),
    ...(used.includes('srcu') ? ['held(ss)'] : []),
    ...(used.includes('functions') ? ['in(helper)', 'in(depth)'] : []),
    'flag',
    'y == 2',
  ];
  const holds = condition(used, used.includes('ghost') ? ['g', 'seen[0]'] : []);
  return fc.oneof(
    fc.tuple(holds, fc.option(fc.constantFrom(...locks))).map(
      ([what, unless]) =>
        (index: number) =>
          `invariant always${index}${unless === null ? '' : ` unless ${unless}`}: ${what};`,
    ),
    holds.map((what) => (index: number) => `finally at_end${index}: ${what};`),
    holds.map((what) => (index: number) => `reachable somewhere${index}: ${what};`),
  );
}

function hook(used: readonly Theme[]): Text {
  const themesWithout = used.filter((one) => one === 'memory' || one === 'atomics');
  const what = condition(themesWithout);
  return fc.oneof(
    ...(used.includes('functions')
      ? [
          what.map((one) => `before helper(a) { WARN_ON(a == 1 && !(${one}), "before_helper"); }`),
          what.map((one) => `after helper(a) returns kept: (${one}) || old(x) == x;`),
          fc.constant('after helper(a) returns (r) { WARN_ON(r == a && old(y) != y, "returned"); }'),
          fc.constant('after fetch() returns (r): r <= 1;'),
        ]
      : []),
    ...(used.includes('ghost')
      ? [
          what.map((one) => `on ping(k) { if (${one}) g = k; }`),
          fc.constantFrom('0', '1', 'y', 'seen[0]').map((of) => `on ping(k) { seen[k & 1] = k == ${of}; }`),
        ]
      : []),
    ...(used.includes('spinlock')
      ? [what.map((one) => `at release(s0) { WARN_ON(${one}, "at_release"); }`)]
      : []),
    ...(used.includes('rwlock') ? [what.map((one) => `at release(rw): ${one};`)] : []),
    // A hook that no theme asks for: the scenario has none.
    fc.constant(''),
  );
}

/** Indents as blocks nest, so that a failure can be read. */
function indented(text: string): string {
  let depth = 0;
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const opened = line.split('{').length - line.split('}').length;
      const shown = '\t'.repeat(Math.max(0, depth - (line.startsWith('}') ? 1 : 0))) + line;
      depth += opened;
      return shown;
    })
    .join('\n')
    .concat('\n');
}
