/**
 * Probes: questions put to the search from outside. "Does a thread come to this place, and does it hold this lock
 * there?" becomes a check that nobody wrote, where the place stands in the code: its violation is the answer.
 *
 * Whether a lock is held is asked of the lock's own `lock_type`, by the functions that held() and the
 * lockdep_assert_… macros lower to: locks are library code, and what they say of themselves is all there is to know.
 * A probe is ghost code. It adds no step and no choice, writes nothing, and its reads count as reads of the step that
 * it hangs on, so that reduction respects it and both engines execute it as they execute any other check.
 *
 * It is asked when a thread arrives at the place, not in every state in which it stands there. The answer is the
 * same: only a thread itself takes and drops what it holds.
 *
 * A probe that stands nowhere in the program has no answer, and neither has one that could not be put everywhere:
 * silence of the search would mean nothing.
 */

import { guardsOf } from '../semantics/guards.ts';
import type { Actor, HirAnnotation, HirFunction, LocalVariable, Loc, LValue } from '../semantics/hir.ts';
import { isTrusted } from '../semantics/imports.ts';
import type { StructType, Type } from '../semantics/types.ts';
import type { Code } from '../syntax/codes.ts';
import { callNamed } from './calls.ts';
import { type Activation, keyOf, siteOf, type Unit } from './context.ts';
import { binary, ONE, unary, ZERO } from './expr.ts';
import type { Check, IrExpr } from './ir.ts';
import type { Layout } from './layout.ts';
import { hasLockOnStack, type LockName, type PlacedLock, sameName } from './lockTable.ts';
import { heldBySelf, isOneOf, structOfLock } from './probeLocks.ts';
import { addressOfPlace, constantAddress, quietly, quietValue } from './quiet.ts';

export interface Probe {
  /** No check of the scenario is called so. */
  readonly name: string;
  readonly code: Code;
  readonly asks: Standing;
}

/** Some thread stands at this place (`at`), and there holds the lock, or does not. */
export interface Standing {
  readonly kind: 'at' | 'at-with' | 'at-without';
  /** Innermost place outside the library's primitives, hardware and the like. */
  readonly loc: Loc;
  readonly where: Where;
  /** null for `at`. */
  readonly lock: AskedLock | null;
  readonly mode: 'any' | 'read' | 'write';
}

/** What the thread is about to do at the place. */
export type Where =
  /** To begin this function. */
  | { readonly kind: 'entry'; readonly function: string }
  /** To take such a lock, by any primitive; `interrupt`: in such a one, null: anywhere. */
  | {
      readonly kind: 'request';
      readonly lock: LockName;
      readonly interrupt: 'hardirq' | 'softirq' | null;
    }
  /** To read or write what stands at `place`. */
  | { readonly kind: 'access'; readonly place: Loc; readonly write: boolean }
  /** To break the check at this place in the library or in the scenario. */
  | { readonly kind: 'check'; readonly check: Loc }
  /** To free an object. */
  | { readonly kind: 'free' }
  /** To end. */
  | { readonly kind: 'end' };

export type AskedLock =
  /** Any lock of a class. */
  | { readonly kind: 'class'; readonly lock: LockName }
  /** The lock that an annotation names: of the function that begins, or of the data that is accessed. */
  | { readonly kind: 'argument'; readonly annotation: Loc; readonly index: number }
  | { readonly kind: 'parameter'; readonly index: number }
  /** Any lock of a class inside the object that is freed. */
  | { readonly kind: 'inside'; readonly lock: LockName };

/** How a probe was put. */
export interface AnswerableProbe {
  /** Index into Program.checks: its violations are the answer. */
  readonly check: number;
  /** False: at some place it could not be put, so that only a violation is an answer. */
  readonly everywhere: boolean;
}

/** A call of a primitive that takes a lock. */
export interface Request {
  /** Of the caller, and where it calls. */
  readonly frame: number;
  readonly call: Loc;
  /** null: known only when it is executed. */
  readonly lock: LockName | null;
}

/** The probes of a program under construction. */
export class Probes {
  readonly requests: Request[] = [];
  private readonly probes: readonly Probe[];
  private readonly checks: Check[];
  private readonly numbers: (number | null)[];
  private readonly refused = new Set<number>();
  /** Whose code is written; null: nobody's, and nothing is asked. */
  private actor: Actor | null = null;

  constructor(probes: readonly Probe[], checks: Check[]) {
    this.probes = probes;
    this.checks = checks;
    this.numbers = probes.map(() => null);
  }

  /** What is written from here on is the code of this actor. */
  begin(actor: Actor | null): void {
    this.actor = actor;
  }

  /** For each probe; null: it stands nowhere. */
  answerable(layout: Layout): readonly (AnswerableProbe | null)[] {
    // A lock on a stack is known to nobody but by its address.
    const onStack = hasLockOnStack(layout);
    return this.numbers.map((check, index) => {
      const named = this.probes[index]?.asks.lock?.kind;
      const isLost = onStack && (named === 'argument' || named === 'parameter');
      return check === null ? null : { check, everywhere: !isLost && !this.refused.has(index) };
    });
  }

  /** The probes that ask something of this kind at this place. */
  at<K extends Where['kind']>(unit: Unit, kind: K, loc: Loc, inGhost = false): Asking<K>[] {
    const { actor } = this;
    if (this.probes.length === 0 || actor === null || (unit.mode === 'ghost' && !inGhost)) return [];
    const here = keyOf(userPlace(unit.here, loc));
    return this.probes.flatMap(({ asks }, index) => {
      const { where } = asks;
      return where.kind === kind && keyOf(asks.loc) === here
        ? [{ index, asks, where: where as Extract<Where, { kind: K }>, actor }]
        : [];
    });
  }

  isHere(loc: Loc): boolean {
    const key = keyOf(loc);
    return this.probes.some(({ asks: { where } }) => where.kind === 'access' && keyOf(where.place) === key);
  }

  /** Asks here, with what is to be found as a number that is not zero; null: it cannot be said. */
  put(unit: Unit, index: number, loc: Loc, found: IrExpr | null): void {
    const probe = this.probes[index];
    if (probe === undefined) return;
    let check = this.numbers[index] ?? null;
    if (check === null) {
      check =
        this.checks.push({
          ...{
            name: probe.name,
            code: probe.code,
            severity: 'warning',
            fatal: false,
            message: '',
            loc: null,
          },
        }) - 1;
      this.numbers[index] = check;
    }
    if (found === null) this.refused.add(index);
    else if (found !== ZERO)
      unit.out.emit({ op: 'check', condition: unary('eqz', found), check, site: siteOf(unit, loc, 'none') });
  }
}

interface Asking<K extends Where['kind']> {
  readonly index: number;
  readonly asks: Standing;
  readonly where: Extract<Where, { kind: K }>;
  readonly actor: Actor;
}

const takes = /^__(cond_)?acquires|^__synchronizes$/;

/** A function begins: `unit.here` is its activation, with its parameters bound. */
export function probeEntry(unit: Unit, fn: HirFunction, loc: Loc): void {
  const { probes } = unit.shared;
  const requested = fn.primitive ? fn.annotations.filter(({ name }) => takes.test(name)) : [];
  const caller = unit.here.parent;
  if (requested.length > 0 && caller !== null && !caller.primitive && unit.mode !== 'ghost')
    noteRequests(unit, requested, caller.frame, loc);
  for (const { index, asks, where } of probes.at(unit, 'entry', loc)) {
    if (where.function !== fn.name) continue;
    const annotation = annotationOf(fn.annotations, asks);
    probes.put(
      unit,
      index,
      loc,
      quietly(unit, () => holds(unit, asks, annotation, fn)),
    );
  }
  if (requested.length === 0) return;
  for (const { index, asks, where, actor } of probes.at(unit, 'request', loc)) {
    const { interrupt } = where;
    const isHandler = interrupt === null || actor.kind === (interrupt === 'hardirq' ? 'irq' : 'softirq');
    probes.put(
      unit,
      index,
      loc,
      quietly(unit, () => {
        const isThis = requested.map((annotation) => requests(unit, annotation, where.lock));
        const held = holds(unit, asks, null, fn);
        // What an IPI calls is executed by the task that sent it.
        const inside = isHandler ? ONE : isIn(unit, interrupt, loc);
        if (held === null || inside === null || isThis.includes(null)) return null;
        const isOne = isThis.reduce<IrExpr>((a, b) => binary('or', a, b ?? ZERO), ZERO);
        return unit.out.stable(binary('and', isOne, binary('and', held, inside)));
      }),
    );
  }
}

/** What the library says of the thread that executes; null when it says nothing. */
function isIn(unit: Unit, interrupt: 'hardirq' | 'softirq', loc: Loc): IrExpr | null {
  const answer = callNamed(unit, interrupt === 'hardirq' ? 'in_hardirq' : 'in_serving_softirq', [], loc);
  return answer === null || answer.kind !== 'scalar' ? null : binary('ne', answer.value, ZERO);
}

/** A check of the library or the scenario: `condition` is zero when it fails. */
export function probeCheck(unit: Unit, loc: Loc, condition: IrExpr): void {
  const { probes } = unit.shared;
  for (const { index, where } of probes.at(unit, 'check', loc, true))
    if (keyOf(where.check) === keyOf(loc)) probes.put(unit, index, loc, unary('eqz', condition));
}

/** What is asked of an access to a place, by the address that its object has when the place is looked up. */
export interface AskedAccess {
  readonly place: Loc;
  /** The pointer that stands for the object in an annotation, by annotation; absent: there is none. */
  readonly objects: ReadonlyMap<string, { readonly guard: HirAnnotation; readonly bind: BoundSelf | null }>;
}

interface BoundSelf {
  readonly self: LocalVariable;
  /** null: it cannot be said. */
  readonly address: IrExpr | null;
}

/** Null when nothing is asked of accesses to this place. */
export function askedOf(unit: Unit, place: LValue): AskedAccess | null {
  if (unit.mode === 'ghost' || !unit.shared.probes.isHere(place.loc)) return null;
  const pointed = place.kind === 'deref' && place.pointer.kind === 'read' ? place.pointer.place : null;
  const objects = [...guardsOf(place), ...(pointed === null ? [] : guardsOf(pointed))].map(
    ({ annotation, object, self }) => {
      const address =
        object === null || self === null
          ? null
          : quietly(unit, () => {
              const found = addressOfPlace(unit, object);
              return found === null ? null : unit.out.stable(found);
            });
      return [
        keyOf(annotation.loc),
        { guard: annotation, bind: self === null ? null : { self, address } },
      ] as const;
    },
  );
  return { place: place.loc, objects: new Map(objects) };
}

/** The access is about to be made. */
export function probeAccess(unit: Unit, { place, objects }: AskedAccess, write: boolean): void {
  const { probes } = unit.shared;
  for (const { index, asks, where } of probes.at(unit, 'access', place)) {
    if (keyOf(where.place) !== keyOf(place) || where.write !== write) continue;
    const { lock } = asks;
    const object = lock?.kind === 'argument' ? objects.get(keyOf(lock.annotation)) : undefined;
    probes.put(
      unit,
      index,
      place,
      object === undefined || object.bind?.address === null
        ? null
        : quietly(unit, () => {
            const { bind } = object;
            if (bind?.address != null)
              unit.here.bindings.set(bind.self, {
                kind: 'value',
                value: { kind: 'scalar', value: bind.address },
              });
            const held = holds(unit, asks, object.guard, null);
            if (bind !== null) unit.here.bindings.delete(bind.self);
            return held;
          }),
    );
  }
}

/** The object at this address is about to be freed. */
export function probeFree(unit: Unit, address: IrExpr, loc: Loc): void {
  const { probes } = unit.shared;
  for (const { index, asks } of probes.at(unit, 'free', loc)) {
    const wanted = asks.lock;
    if (wanted?.kind !== 'inside') continue;
    const inside = ofClass(unit, wanted.lock);
    probes.put(
      unit,
      index,
      loc,
      inside === null
        ? null
        : quietly(unit, () =>
            heldBySelf(unit, inside, asks.mode, (lock) =>
              binary('eq', address, addressed(lock.object.address)),
            ),
          ),
    );
  }
}

/** The thread of the actor at `loc` is about to end. */
export function probeEnd(unit: Unit, loc: Loc): void {
  const { probes } = unit.shared;
  for (const { index, asks } of probes.at(unit, 'end', loc))
    probes.put(
      unit,
      index,
      loc,
      quietly(unit, () => holds(unit, asks, null, null)),
    );
}

// ---------------------------------------------------------------- conditions

/** Whether the thread holds, or does not hold, the lock that is asked for; null: it cannot be said. */
function holds(
  unit: Unit,
  { kind, lock, mode }: Standing,
  annotation: HirAnnotation | null,
  fn: HirFunction | null,
): IrExpr | null {
  if (kind === 'at' || lock === null) return ONE;
  const asked = locksAsked(unit, lock, annotation, fn);
  if (asked === null) return null;
  const { locks, at } = asked;
  const held = heldBySelf(unit, locks, mode, (one) =>
    at === null ? ONE : binary('eq', at, addressed(one.address)),
  );
  if (held === null || kind === 'at-with') return held;
  // An address that leads to no lock says nothing of locks; one that is known from the start is that of a lock which
  // nothing in the program touches.
  const known = at === null || at.kind === 'const' ? ONE : isOneOf(unit, at, locks);
  return unit.out.stable(binary('and', known, unary('eqz', held)));
}

/** The locks that may be meant, and the address of the one that is; `at` null: any of them. */
function locksAsked(
  unit: Unit,
  lock: AskedLock,
  annotation: HirAnnotation | null,
  fn: HirFunction | null,
): { readonly locks: readonly PlacedLock[]; readonly at: IrExpr | null } | null {
  if (lock.kind === 'class' || lock.kind === 'inside') {
    const locks = ofClass(unit, lock.lock);
    return locks === null ? null : { locks, at: null };
  }
  const named =
    lock.kind === 'argument'
      ? argumentOf(unit, annotation, lock.index)
      : parameterOf(unit, fn?.params[lock.index]);
  if (named === null) return null;
  const locks = unit.shared.locks().ofType(named.type);
  return locks === null ? null : { locks, at: unit.out.stable(named.at) };
}

function ofClass(unit: Unit, name: LockName): readonly PlacedLock[] | null {
  return name.kind === 'local' ? null : unit.shared.locks().named(name);
}

interface NamedLock {
  readonly at: IrExpr;
  readonly type: StructType;
}

function argumentOf(unit: Unit, annotation: HirAnnotation | null, index: number): NamedLock | null {
  const arg = annotation?.args[index];
  if (arg === undefined) return null;
  const type = structOfLock(arg.type);
  const at =
    arg.type.kind === 'pointer'
      ? quietValue(unit, arg)
      : arg.kind === 'read'
        ? addressOfPlace(unit, arg.place)
        : null;
  return type === null || at === null ? null : { at, type };
}

function parameterOf(unit: Unit, param: LocalVariable | undefined): NamedLock | null {
  if (param === undefined) return null;
  const type: Type = param.type;
  const struct = structOfLock(type);
  const place: LValue = { kind: 'local', variable: param, type, loc: param.loc };
  const at = quietValue(unit, { kind: 'read', place, type, loc: param.loc });
  return struct === null || at === null ? null : { at, type: struct };
}

/** Whether the lock that this annotation of the function takes is of that declaration; null: it cannot be said. */
function requests(unit: Unit, annotation: HirAnnotation, lock: LockName): IrExpr | null {
  const named = argumentOf(unit, annotation, annotation.args.length - 1);
  const locks = ofClass(unit, lock);
  return named === null || locks === null ? null : isOneOf(unit, unit.out.stable(named.at), locks);
}

function noteRequests(unit: Unit, requested: readonly HirAnnotation[], frame: number, call: Loc): void {
  for (const { args } of requested) {
    const arg = args.at(-1);
    const address = arg === undefined ? null : constantAddress(unit, arg);
    const lock = address === null ? undefined : unit.shared.locks().at(address);
    if (lock === undefined || !unit.shared.probes.requests.some((one) => isSame(one, frame, call, lock.name)))
      unit.shared.probes.requests.push({ frame, call, lock: lock?.name ?? null });
  }
}

function isSame(one: Request, frame: number, call: Loc, lock: LockName): boolean {
  return (
    one.frame === frame && keyOf(one.call) === keyOf(call) && one.lock !== null && sameName(one.lock, lock)
  );
}

function annotationOf(annotations: readonly HirAnnotation[], { lock }: Standing): HirAnnotation | null {
  if (lock?.kind !== 'argument') return null;
  const key = keyOf(lock.annotation);
  return annotations.find(({ loc }) => keyOf(loc) === key) ?? null;
}

function addressed(address: bigint): IrExpr {
  return { kind: 'const', value: BigInt.asIntN(64, address) };
}

/** Where the scenario's own code stands, when code of the kernel's primitives or the hardware runs on its behalf. */
function userPlace(here: Activation, loc: Loc): Loc {
  let place = loc;
  for (
    let at: Activation | null = here;
    at !== null && isTrusted(place.uri) && at.call !== null;
    at = at.parent
  )
    place = at.call;
  return place;
}
