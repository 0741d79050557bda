/** What the intrinsics of the language are worth in a state. */

import type { Expr, Intrinsic } from '../semantics/hir.ts';
import { evaluate, flat, map, placeOf, readAt, type Results, test, write } from './evaluate.ts';
import { known, privateCell, type State } from './lockset.ts';
import {
  anything,
  binary,
  constantOf,
  converted,
  falsehood,
  number,
  pointerTo,
  self,
  truth,
  type Value,
} from './values.ts';
import type { Frame, Walk } from './walk.ts';

export function intrinsic(
  walk: Walk,
  frame: Frame,
  e: Expr & { kind: 'intrinsic' },
  call: Intrinsic,
  state: State,
): Results<Value> {
  switch (call.op) {
    case 'read-once':
      return flat(placeOf(walk, frame, call.place, state), (at, s) => readAt(walk, frame, call.place, at, s));
    case 'write-once':
      return flat(evaluate(walk, frame, call.value, state), (value, s) =>
        flat(placeOf(walk, frame, call.place, s), (at, t) =>
          write(walk, frame, call.place, at, converted(value, call.place.type), t),
        ),
      );
    case 'data-race':
      return walk.guards.off(() => evaluate(walk, frame, call.value, state));
    case 'fetch':
      return flat(evaluate(walk, frame, call.value, state), (value, s) =>
        flat(placeOf(walk, frame, call.place, s), (at, t) =>
          flat(readAt(walk, frame, call.place, at, t), (old, u) => {
            const stored =
              call.how === 'xchg' ? value : binary(call.how, known(u, old), known(u, value), call.place.type);
            return map(write(walk, frame, call.place, at, stored, u), (_, v) => [v, old]);
          }),
        ),
      );
    case 'cmpxchg':
      return flat(evaluate(walk, frame, call.expected, state), (_, s) =>
        flat(evaluate(walk, frame, call.desired, s), (__, t) =>
          flat(placeOf(walk, frame, call.place, t), (at, u) =>
            map(write(walk, frame, call.place, at, anything, u), (___, v) => walk.fresh(frame, e.loc, v)),
          ),
        ),
      );
    case 'try-cmpxchg':
      return flat(evaluate(walk, frame, call.desired, state), (_, s) =>
        flat(placeOf(walk, frame, call.place, s), (at, t) =>
          flat(write(walk, frame, call.place, at, anything, t), (__, u) =>
            flat(placeOf(walk, frame, call.expected, u), (expected, v) =>
              map(write(walk, frame, call.expected, expected, anything, v), (___, w) =>
                walk.fresh(frame, e.loc, w),
              ),
            ),
          ),
        ),
      );
    case 'wait-until':
      return test(walk, frame, call.condition, [state]).yes.map((s) => [s, falsehood]);
    case 'check': {
      const answers = evaluate(walk, frame, call.condition, state);
      // What is unknown may well be as it should: only what fails on every way is a failure.
      const fails = answers.length > 0 && answers.every(([, value]) => value === falsehood);
      return flat(fails ? answers : answers.filter(([, value]) => value !== falsehood), (value, s) =>
        walk.check(frame, e, call, value, s),
      );
    }
    case 'self':
      return [[state, number(self)]];
    case 'thread-kind':
    case 'thread-cpu':
      return map(evaluate(walk, frame, call.thread, state), (thread, s) => [
        s,
        constantOf(thread) === self
          ? call.op === 'thread-kind'
            ? number(BigInt(walk.threadKind))
            : '$m(cpu)'
          : anything,
      ]);
    case 'stores-wait':
      return map(evaluate(walk, frame, call.thread, state), (_, s) => [s, anything]);
    case 'thread-of':
      return map(evaluate(walk, frame, call.object, state), (_, s) => [s, anything]);
    case 'alloc': {
      const { pool, at } = call;
      if (at !== null) return evaluate(walk, frame, at, state);
      const [s, name] = walk.fresh(frame, e.loc, state);
      const base = `pool:${pool.name}[0 ${name}]`;
      const cells = new Map(s.cells).set(privateCell(base), truth);
      return [[{ ...s, cells }, pointerTo({ base, offset: 0 })]];
    }
    case 'free':
      return flat(evaluate(walk, frame, call.pointer, state), (pointer, s) => {
        walk.freed(frame, pointer, s, e.loc);
        return [[s, falsehood]];
      });
    case 'is-live':
      return map(evaluate(walk, frame, call.pointer, state), (_, s) => walk.fresh(frame, e.loc, s));
    case 'object-at':
      return map(evaluate(walk, frame, call.index, state), (_, s) => walk.fresh(frame, e.loc, s));
    case 'fence':
    // The rules look at a handler by itself, wherever it runs.
    case 'callbacks-interrupt':
    // No step and no access: only views show.
    case 'show':
    case 'show-end':
    case 'show-at':
      return [[state, falsehood]];
    case 'thread-count':
    case 'cpu-count':
    case 'thread-named':
    case 'object-count':
      return [[state, anything]];
  }
}
