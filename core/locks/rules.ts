/** Declared rules: orders (which the order graph judges), locks whose sections need another lock, and leaves. */

import type { Standing } from '../program/probes.ts';
import type { CheckedProgram, Expr, HirAnnotation, Loc } from '../semantics/hir.ts';
import { classAt, classOf, isOrdered, lockNameOf, lockTypeOf } from './classes.ts';
import type { LockClass } from './events.ts';
import type { DeclaredOrder } from './graph.ts';
import type { Held, State } from './lockset.ts';
import type { Frame, Walk } from './walk.ts';

export class DeclaredRules {
  readonly orders: readonly DeclaredOrder[];
  /** By class: locks that must be held around it. */
  private readonly nested = new Map<string, { readonly around: readonly LockClass[]; readonly loc: Loc }>();
  private readonly leaves = new Map<string, Loc>();

  constructor(program: CheckedProgram) {
    const orders: DeclaredOrder[] = [];
    for (const { locks, loc } of program.lockOrders) {
      const classes = locks.map(classAt);
      classes.forEach((after, index) => {
        const before = index === 0 ? null : (classes[index - 1] ?? null);
        if (before !== null && after !== null) orders.push({ before, after, loc });
      });
    }
    for (const { lock, annotation } of annotatedLocks(program)) this.annotate(lock, annotation, orders);
    this.orders = orders;
  }

  private annotate(lock: LockClass, { name, args, loc }: HirAnnotation, orders: DeclaredOrder[]): void {
    const others = args.map((arg: Expr) => classAt(arg)).filter((each) => each !== null);
    if (name === '__acquired_after') for (const before of others) orders.push({ before, after: lock, loc });
    if (name === '__acquired_before') for (const after of others) orders.push({ before: lock, after, loc });
    if (name === '__nested_in') this.nested.set(lock.key, { around: others, loc });
    if (name === '__leaf') this.leaves.set(lock.key, loc);
  }

  /** A lock is taken: is that as declared? */
  acquired(walk: Walk, frame: Frame, lock: Held, trylock: boolean, state: State): void {
    const { class: taken, loc } = lock;
    if (taken === null) return;
    const activation = walk.activationAt(frame);
    const asked = (kind: 'at-with' | 'at-without', other: LockClass): Standing => ({
      ...{ kind, loc, mode: 'any' },
      where: { kind: 'request', lock: lockNameOf(taken.key), interrupt: null },
      lock: { kind: 'class', lock: lockNameOf(other.key) },
    });
    for (const held of state.held) {
      if (held.class === null || held.event?.context !== lock.event?.context) continue;
      const leaf = this.leaves.get(held.class.key);
      // What is never waited for closes no circle.
      if (leaf !== undefined && !trylock && taken.waitType !== 'free' && isOrdered(lock.type)) {
        walk.report.judge('leaf', activation, loc, `${held.name} ${taken.key}`, () => ({
          code: 'lock-leaf',
          severity: 'error',
          message: `Nothing is taken inside ${held.name}, which is declared a leaf. ${taken.name} is taken here while it is held.`,
          related: [
            { message: `${held.name} is taken here`, loc: held.loc },
            { message: 'it is declared a leaf here', loc: leaf },
          ],
          witness: asked('at-with', held.class ?? taken),
          fixes: [],
        }));
      }
    }
    const nested = this.nested.get(taken.key);
    for (const around of nested?.around ?? []) {
      const kept = state.held.some((held) => held.class?.key === around.key);
      walk.report.judge(
        'nesting',
        activation,
        loc,
        `${taken.key} ${around.key}`,
        kept
          ? null
          : () => ({
              code: 'lock-nesting',
              severity: walk.alone ? 'warning' : 'error',
              message: `Critical sections of ${taken.name} must also hold ${around.name}. It is taken here without ${around.name}.`,
              related:
                nested === undefined ? [] : [{ message: 'the rule is declared here', loc: nested.loc }],
              lacks: around,
              witness: asked('at-without', around),
              fixes: [],
            }),
      );
    }
  }
}

/** Every lock of the program that is declared with annotations. */
function annotatedLocks(
  program: CheckedProgram,
): { readonly lock: LockClass; readonly annotation: HirAnnotation }[] {
  const found: { lock: LockClass; annotation: HirAnnotation }[] = [];
  for (const variable of program.globals) {
    const type = lockTypeOf(variable.type);
    if (type === null) continue;
    const lock = classOf({ kind: 'variable', variable }, type, variable.loc);
    for (const annotation of variable.annotations) found.push({ lock, annotation });
  }
  for (const struct of program.structs) {
    for (const field of struct.fields) {
      const type = lockTypeOf(field.type);
      if (type === null) continue;
      for (const annotation of field.annotations) {
        found.push({
          lock: classOf({ kind: 'field', struct, field: field.name }, type, annotation.loc),
          annotation,
        });
      }
    }
  }
  return found;
}
