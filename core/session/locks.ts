/** Every lock of the program that somebody holds or waits for, as the lock types declare. */

import { threadsOf } from '../machine/explain.ts';
import type { State } from '../machine/state.ts';
import type { Program } from '../program/ir.ts';
import type { LockType, Type } from '../semantics/types.ts';
import { sizeOf } from '../semantics/types.ts';
import { isAlive } from '../machine/memory.ts';
import { type Asking, askCall } from './evaluate.ts';
import type { Session } from './session.ts';

export interface LockPlace {
  /** `vm.lock`. */
  readonly name: string;
  readonly address: bigint;
  readonly bytes: number;
  /** What reports call its type: `spinlock`. */
  readonly kind: string;
  readonly type: Type;
  readonly lock: LockType;
}

export interface Holding {
  readonly lock: LockPlace;
  readonly mode: 'write' | 'read';
  readonly thread: number;
  /** Event that took it; null when it was held at the start. */
  readonly since: number | null;
}

const mask: Type = { kind: 'int', bits: 64, signed: false, bool: false, name: 'u64', enumerators: null };
/** Locks inside one array beyond this are not looked at one by one. */
const mostLocks = 2000;

/** Locks in memory order. */
export function locksOf(program: Program): readonly LockPlace[] {
  const found: LockPlace[] = [];
  const visit = (type: Type, address: bigint, name: string): void => {
    if (found.length >= mostLocks) return;
    if (type.kind === 'array') {
      if (!hasLock(type.of)) return;
      for (let index = 0; index < type.length; index++)
        visit(type.of, address + BigInt(index * sizeOf(type.of)), `${name}[${index}]`);
    } else if (type.kind === 'struct') {
      if (type.lock !== null) {
        // Read sections of RCU: whoever has preemption off is in one.
        if (type.lock.entries.get('ordered') === 'no') return;
        const kind = type.lock.entries.get('kind') ?? type.lock.name;
        found.push({ name, address, bytes: sizeOf(type), kind, type, lock: type.lock });
      } else
        for (const field of type.fields) {
          const path = field.anonymous ? name : `${name}.${field.name}`;
          visit(field.type, address + BigInt(field.offset), path);
        }
    }
  };
  for (const object of program.memory.objects)
    if (object.kind !== 'hidden') visit(object.type, object.address, object.name);
  return found;
}

/** Who holds what in a state, in memory order of the locks. */
export function holdingsIn(
  asking: Asking,
  program: Program,
  state: State,
  locks: readonly LockPlace[],
): readonly Omit<Holding, 'since'>[] {
  return locks.flatMap((lock) => {
    if (!isAlive(program.memory, state.image, lock.address)) return [];
    return (['write', 'read'] as const).flatMap((mode) =>
      threadsOf(program, holdersOf(asking, state, lock, mode)).map((thread) => ({ lock, mode, thread })),
    );
  });
}

/** The same for the present of a session, with the event that took each. */
export function holdings(asking: Asking, session: Session, locks: readonly LockPlace[]): readonly Holding[] {
  const { program, state, cursor } = session;
  return holdingsIn(asking, program, state, locks).map((held) => ({
    ...held,
    since: takenAt(asking, session, held, cursor),
  }));
}

/** The last event up to `at` after which the thread holds the lock and before which it did not. */
function takenAt(
  asking: Asking,
  session: Session,
  { lock, mode, thread }: Omit<Holding, 'since'>,
  at: number,
): number | null {
  const bit = 1n << BigInt(thread);
  const writers = session.history.writersOfBytes(lock.address, lock.bytes).filter((event) => event <= at);
  for (const event of writers.reverse()) {
    const before = holdersOf(asking, session.history.state(event - 1), lock, mode);
    if ((before & bit) === 0n) return event;
  }
  return null;
}

function holdersOf(asking: Asking, state: State, lock: LockPlace, mode: 'write' | 'read'): bigint {
  const name = lock.lock.entries.get(mode === 'write' ? 'writers' : 'readers');
  if (name === undefined) return 0n;
  const type: Type = { kind: 'pointer', to: lock.type };
  return askCall(asking, state, name, [{ value: lock.address, type }], mask) ?? 0n;
}

function hasLock(type: Type): boolean {
  if (type.kind === 'array') return hasLock(type.of);
  return type.kind === 'struct' && (type.lock !== null || type.fields.some((field) => hasLock(field.type)));
}
