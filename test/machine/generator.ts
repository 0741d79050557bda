/**
 * Random small machine programs, for the agreement of engines: two or three threads over a few shared cells.
 *
 * Every generated program is valid by the rules of core/program/ir.ts and has finitely many states: whatever is kept in
 * a register or stored is a function of values cut to a few bits. Registers are r0..r2; statements may nest.
 */

import fc from 'fast-check';
import {
  and,
  answer,
  assume,
  at,
  bin,
  eqz,
  type Item,
  jump,
  label,
  load,
  ne,
  park,
  type ProgramSpec,
  type PropertySpec,
  thread,
  type ThreadSpec,
} from './builder.ts';
import { itemsOf, lockName, mostly, place, small, type Statement, statement } from './statements.ts';

/** Specifications: print these when a property fails, and make the program with `program(spec)`. */
export function specs(): fc.Arbitrary<ProgramSpec> {
  return fc
    .record({
      bodies: fc.array(actor(), { minLength: 2, maxLength: 3 }),
      family: fc.boolean(),
      init: fc.array(statement(0), { maxLength: 3 }),
      initial: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 2, maxLength: 2 }),
      node: fc.record({ alive: mostly(), marks: mostly() }),
      invariants: fc.array(property(), { maxLength: 2 }),
      finals: fc.array(property(), { maxLength: 1 }),
      goals: fc.array(condition(), { maxLength: 2 }),
      soft: fc.boolean(),
      calm: mostly(),
    })
    .map(
      ({ bodies, family, init, initial, node, invariants, finals, goals, soft, calm }): ProgramSpec => ({
        objects: [
          { name: 'm', bytes: 16, initial },
          { name: 'c', bytes: 4 },
          { name: 'w', bytes: 8, marks: false },
          { name: 'node', bytes: 12, alive: node.alive, marks: node.marks, address: 0xffff_8880_0000_1000n },
          { name: 'l0', bytes: 8 },
          { name: 'l1', bytes: 8 },
        ],
        checks: [
          { name: 'soft', code: 'warning-triggered', severity: soft ? 'warning' : 'error', fatal: false },
          { name: 'hard', code: 'assertion-failed', fatal: true },
        ],
        // Nobody would end a spinning loop there; a wait mostly leaves no initial state.
        init: itemsOf(
          init.filter(
            (one) =>
              one.kind !== 'spin' &&
              (!calm || (one.kind !== 'wait' && one.kind !== 'pick' && one.kind !== 'alloc')),
          ),
          'init',
        ),
        threads: threadsOf(bodies, family),
        invariants: invariants.map((make, index) => make(`inv${index}`)),
        finals: finals.map((make, index) => make(`final${index}`)),
        goals: goals.map((predicate, index) => ({ name: `goal${index}`, predicate })),
        points: ['p0', 'p1', 'p2'],
      }),
    );
}

// ---------------------------------------------------------------- threads and properties

interface Body {
  readonly ending: NonNullable<ThreadSpec['ending']>;
  readonly local: readonly Statement[];
  readonly body: readonly Statement[];
}

function actor(): fc.Arbitrary<Body> {
  const ending = fc.oneof(
    { weight: 6, arbitrary: fc.constant('normal' as const) },
    { weight: 1, arbitrary: fc.constant('daemon' as const) },
    { weight: 1, arbitrary: fc.constant('optional' as const) },
  );
  const local = fc
    .array(statement(0), { maxLength: 1 })
    .map((some) => some.filter((one) => one.kind === 'set' || one.kind === 'choose' || one.kind === 'check'));
  return fc.record({
    ending,
    local,
    body: fc.array(statement(2), { minLength: 2, maxLength: 4, size: 'max' }),
  });
}

function threadsOf(bodies: readonly Body[], family: boolean): ThreadSpec[] {
  const threads = bodies.map((one, index): ThreadSpec => {
    const body = itemsOf(one.body, 'b');
    const items =
      one.ending === 'normal'
        ? body
        : one.ending === 'daemon'
          ? [
              label('head'),
              park('head', { head: true }),
              load('t', at('m')),
              assume(eqz(and('t', 1))),
              ...body,
              jump('head'),
            ]
          : [park('head', { head: true }), ...body];
    return thread(`t${index}`, [...itemsOf(one.local, 'a'), ...items], {
      ending: one.ending,
      param: BigInt(index),
    });
  });
  const first = threads[0];
  return family && first !== undefined
    ? threads.map((one, index) => (index === 1 ? { ...first, name: one.name, param: 1n } : one))
    : threads;
}

/** Items that leave a truth about one place in the answer. */
function condition(): fc.Arbitrary<readonly Item[]> {
  return fc
    .tuple(place(), small(3), fc.constantFrom('ne' as const, 'eq' as const, 'leu' as const))
    .map(([where, limit, op]) => [
      load('t', where.address, { bytes: where.bytes }),
      answer(bin(op, and('t', 3), limit)),
    ]);
}

function property(): fc.Arbitrary<(name: string) => PropertySpec> {
  const held = (name: string): readonly Item[] => [load('t', at(name)), answer(ne('t', 0))];
  return fc.tuple(condition(), fc.option(lockName())).map(
    ([holds, unless]) =>
      (name: string): PropertySpec =>
        unless === null ? { name, condition: holds } : { name, condition: holds, unless: held(unless) },
  );
}
