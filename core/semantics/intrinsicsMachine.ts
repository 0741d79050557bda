/** Waiting, threads, pools, all objects of a type, holders of locks. */

import type { Argument } from '../syntax/ast.ts';
import { type Checked, plainName } from './context.ts';
import { constant, convert, intType, isScalar, pointerTo, u64Type, voidType } from './conversions.ts';
import { poolOf } from './declarations.ts';
import { value } from './expressions.ts';
import type { Expr, Pool } from './hir.ts';
import { intrinsic, type IntrinsicRule, reportAt, type Use, valueAt, valueOfType } from './intrinsics.ts';
import { didYouMean } from './nearest.ts';
import type { WrittenName } from './recorder.ts';
import { typeArgument } from './sizes.ts';
import { completeType } from './structs.ts';
import { typeName } from './typeName.ts';

export const machineIntrinsics: readonly (readonly [string, IntrinsicRule])[] = [
  ['wait_until', { least: 1, most: 1, check: waitUntil }],
  ['__wait', { least: 2, most: 2, check: waitUntil }],
  ['__self', { least: 0, most: 0, check: (use) => intrinsic(use, { op: 'self' }, intType) }],
  ['__thread_count', { least: 0, most: 0, check: (use) => intrinsic(use, { op: 'thread-count' }, intType) }],
  ['__cpu_count', { least: 0, most: 0, check: (use) => intrinsic(use, { op: 'cpu-count' }, intType) }],
  [
    '__callbacks_interrupt',
    { least: 0, most: 0, check: (use) => intrinsic(use, { op: 'callbacks-interrupt' }, intType) },
  ],
  ['__thread_kind', { least: 1, most: 1, check: (use) => ofThread(use, 'thread-kind') }],
  ['__stores_wait', { least: 1, most: 1, check: (use) => ofThread(use, 'stores-wait') }],
  ['__thread_cpu', { least: 1, most: 1, check: (use) => ofThread(use, 'thread-cpu') }],
  ['__thread_of', { least: 2, most: 2, check: threadOf }],
  ['__thread_named', { least: 1, most: 1, check: threadNamed }],
  ['alloc', { least: 1, most: 1, check: (use) => allocate(use, true) }],
  ['alloc_uninit', { least: 1, most: 1, check: (use) => allocate(use, false) }],
  ['alloc_at', { least: 1, most: 2, check: (use) => allocateAt(use, true) }],
  ['alloc_at_uninit', { least: 1, most: 2, check: (use) => allocateAt(use, false) }],
  ['free_object', { least: 1, most: 1, check: free }],
  ['is_live', { least: 1, most: 1, check: isLive }],
  ['__object_count', { least: 1, most: 1, check: objectCount }],
  ['__object_at', { least: 2, most: 2, check: objectAt }],
  ['__writers', { least: 1, most: 1, check: (use) => holders(use, 'writers') }],
  ['__readers', { least: 1, most: 1, check: (use) => holders(use, 'readers') }],
  ['in', { least: 1, most: 1, check: inFunction }],
];

/** `wait_until(condition)`, `__wait(condition, mask of the threads waited for)` */
function waitUntil(use: Use): Checked | null {
  const condition = valueAt(use, 0);
  const holdersMask = use.args.length < 2 ? null : valueOfType(use, 1, u64Type);
  if (condition === null || (use.args.length === 2 && holdersMask === null)) return null;
  if (!isScalar(condition.type))
    return reportAt(
      use,
      0,
      'type-mismatch',
      `'${use.name}': expected a condition, found '${typeName(condition.type)}'`,
    );
  return intrinsic(use, { op: 'wait-until', condition, holders: holdersMask }, voidType);
}

// ---------------------------------------------------------------- threads

function ofThread(use: Use, op: 'thread-kind' | 'thread-cpu' | 'stores-wait'): Checked | null {
  const thread = valueOfType(use, 0, intType);
  return thread === null ? null : intrinsic(use, { op, thread }, intType);
}

function threadNamed(use: Use): Checked | null {
  const actor = actorAt(use, null);
  return actor === null ? null : intrinsic(use, { op: 'thread-named', actor }, intType);
}

function threadOf(use: Use): Checked | null {
  const actor = actorAt(use, 'each');
  const object = valueAt(use, 1);
  if (actor === null || object === null) return null;
  if (object.type.kind !== 'pointer')
    return reportAt(
      use,
      1,
      'type-mismatch',
      `argument 2 of '${use.name}': expected a pointer to the object, found '${typeName(object.type)}'`,
    );
  return intrinsic(use, { op: 'thread-of', actor, object }, intType);
}

function actorAt(use: Use, family: 'each' | null): string | null {
  const written = nameAt(use, 0);
  if (written === null)
    return reportAt(use, 0, 'wrong-arguments', `argument 1 of '${use.name}' is the name of an actor`);
  const name = written.text;
  const actor = use.cx.actor(name);
  if (actor !== undefined) use.cx.used(written, { kind: 'declared', declaration: actor });
  if (actor === undefined)
    return reportAt(
      use,
      0,
      'unknown-name',
      `unknown actor '${name}'${didYouMean(name, use.cx.everything().actors.keys())}`,
    );
  if (family !== null && actor.item.family?.kind !== family)
    return reportAt(use, 0, 'wrong-arguments', `'${name}' is not a family with one thread for each object`);
  return name;
}

/** An argument that is only a name, perhaps through macro parameters. */
function nameAt(use: Use, index: number): WrittenName | null {
  const arg = use.args[index];
  if (arg === undefined) return null;
  const argument: Argument = arg.argument;
  if (argument.kind === 'type' || argument.kind === 'block') return null;
  return use.cx.inFrame(arg.frame, () => plainName(use.cx, argument));
}

/** `in(f)`: some thread is inside f. */
function inFunction(use: Use): Checked | null {
  const written = nameAt(use, 0);
  if (written === null) return reportAt(use, 0, 'wrong-arguments', "'in' needs the name of a function");
  const name = written.text;
  const declaration = use.cx.name(name);
  if (declaration !== undefined) use.cx.used(written, { kind: 'declared', declaration });
  if (declaration?.kind === 'function')
    return value({ kind: 'in-function', name, type: intType, loc: use.loc });
  const functions = [...use.cx.everything().names.values()]
    .filter((each) => each.kind === 'function')
    .map((each) => each.name);
  return reportAt(use, 0, 'unknown-name', `unknown function '${name}'${didYouMean(name, functions)}`);
}

// ---------------------------------------------------------------- pools and objects

function allocate(use: Use, zeroed: boolean): Checked | null {
  const pool = poolAt(use);
  return pool === null ? null : intrinsic(use, { op: 'alloc', pool, at: null, zeroed }, pointerTo(pool.type));
}

/** `alloc_at(pointer)`; `alloc_at(pool, pointer)` where the type does not say which pool. */
function allocateAt(use: Use, zeroed: boolean): Checked | null {
  const named = use.args.length === 2 ? poolAt(use) : null;
  const index = use.args.length - 1;
  const at = valueAt(use, index);
  if (at === null || (use.args.length === 2 && named === null)) return null;
  if (at.type.kind !== 'pointer')
    return reportAt(
      use,
      index,
      'type-mismatch',
      `'${use.name}': expected a pointer, found '${typeName(at.type)}'`,
    );
  const pool = named ?? poolBehind(use, at);
  return pool === null ? null : intrinsic(use, { op: 'alloc', pool, at, zeroed }, pointerTo(pool.type));
}

/** The only pool that a pointer can lead into: of its type, or for `void *` the one at fixed addresses. */
function poolBehind(use: Use, at: Expr): Pool | null {
  const to = at.type.kind === 'pointer' ? at.type.to : null;
  const pools = [...use.cx.everything().names.values()].flatMap((each) =>
    each.kind === 'pool' ? (poolOf(use.cx.env, each) ?? []) : [],
  );
  const candidates =
    to === null || to.kind === 'void'
      ? pools.filter((pool) => pool.at !== null)
      : pools.filter((pool) => pool.type === to);
  const [only] = candidates;
  if (only !== undefined && candidates.length === 1) return only;
  return reportAt(
    use,
    0,
    'wrong-arguments',
    `'${use.name}' cannot tell the pool from '${typeName(at.type)}': write ${use.name}(pool, pointer)`,
  );
}

function poolAt(use: Use): Pool | null {
  const written = nameAt(use, 0);
  const found = written?.text ?? null;
  const declaration = found === null ? undefined : use.cx.name(found);
  if (written !== null && declaration !== undefined) use.cx.used(written, { kind: 'declared', declaration });
  if (declaration?.kind === 'pool') return poolOf(use.cx.env, declaration);
  const pools = [...use.cx.everything().names.values()]
    .filter((each) => each.kind === 'pool')
    .map((each) => each.name);
  if (found === null || declaration !== undefined)
    return reportAt(use, 0, 'wrong-arguments', `argument 1 of '${use.name}' is the name of a pool`);
  return reportAt(use, 0, 'unknown-name', `unknown pool '${found}'${didYouMean(found, pools)}`);
}

function free(use: Use): Checked | null {
  const pointer = pointerAt(use);
  return pointer === null ? null : intrinsic(use, { op: 'free', pointer }, voidType);
}

function isLive(use: Use): Checked | null {
  const pointer = pointerAt(use);
  return pointer === null ? null : intrinsic(use, { op: 'is-live', pointer }, intType);
}

function pointerAt(use: Use): Expr | null {
  const pointer = valueAt(use, 0);
  if (pointer === null || pointer.type.kind === 'pointer') return pointer;
  return reportAt(
    use,
    0,
    'type-mismatch',
    `argument 1 of '${use.name}': expected a pointer, found '${typeName(pointer.type)}'`,
  );
}

function objectCount(use: Use): Checked | null {
  const [arg] = use.args;
  const of = arg === undefined ? null : typeArgument(use.cx, arg);
  return of === null || !completeType(use.cx, of, use.span)
    ? null
    : intrinsic(use, { op: 'object-count', of }, intType);
}

function objectAt(use: Use): Checked | null {
  const [arg] = use.args;
  const of = arg === undefined ? null : typeArgument(use.cx, arg);
  const index = valueOfType(use, 1, intType);
  if (of === null || index === null || !completeType(use.cx, of, use.span)) return null;
  return intrinsic(use, { op: 'object-at', of, index }, pointerTo(of));
}

/** Calls the function that the lock_type of *pointer names; 0 when it names none. */
function holders(use: Use, entry: 'writers' | 'readers'): Checked | null {
  const pointer = valueAt(use, 0);
  if (pointer === null) return null;
  const lock =
    pointer.type.kind === 'pointer' && pointer.type.to.kind === 'struct' ? pointer.type.to.lock : null;
  if (lock === null)
    return reportAt(
      use,
      0,
      'type-mismatch',
      `expected a pointer to a lock, found '${typeName(pointer.type)}', which no lock_type declares`,
    );
  const name = lock.entries.get(entry);
  if (name === undefined) return value(constant(0n, u64Type, use.loc));
  return value({
    kind: 'call',
    callee: { kind: 'direct', name },
    args: [convert(pointer, pointer.type)],
    type: u64Type,
    loc: use.loc,
  });
}
