/** Writes down what is told and asked while a call is followed: in the summary of that call, and of those around it. */

import type { Loc } from '../semantics/hir.ts';
import type { LockClass } from './events.ts';
import { lockKey, type State } from './lockset.ts';
import type { Activation, Parts } from './report.ts';
import type { Exchange, PlainEvent, Summary } from './summary.ts';
import type { Value } from './values.ts';

interface Open {
  readonly summary: Summary;
  /** What stands in it already. */
  readonly seen: Set<string>;
}

export class Recorder {
  private open: Open[] = [];

  /** Follows a call. */
  during<T>(summary: Summary, what: () => T): T {
    this.open.push({ summary, seen: new Set() });
    const result = what();
    this.open.pop();
    return result;
  }

  /** What happens is nobody's: a question of the walk itself. */
  pause<T>(what: () => T): T {
    const { open } = this;
    this.open = [];
    const result = what();
    this.open = open;
    return result;
  }

  get current(): Summary | null {
    return this.open.at(-1)?.summary ?? null;
  }

  judged(
    rule: string,
    activation: Activation,
    loc: Loc,
    subject: string,
    place: string,
    broken: { readonly may: Parts; readonly sure: Parts } | null,
  ): void {
    const top = this.open.at(-1);
    if (top === undefined || !isNew(top, `${broken === null ? 'kept' : 'broken'} ${place}`)) return;
    const { summary } = top;
    if (broken !== null && summary.onBehalf) summary.placed = true;
    summary.told.push({ kind: 'judge', rule, loc, subject, broken, own: activation === summary.activation });
  }

  happened(event: PlainEvent, key: string): void {
    const top = this.open.at(-1);
    if (top !== undefined && isNew(top, key)) top.summary.told.push({ kind: 'event', event });
  }

  skipped(name: string, state: State): void {
    const top = this.open.at(-1);
    if (top !== undefined && isNew(top, `skip ${name} ${lockKey(state)}`))
      top.summary.told.push({ kind: 'skip', name, state });
  }

  visited(name: string): void {
    this.current?.visits.add(name);
  }

  worked(ways: number): void {
    const { current } = this;
    if (current !== null) current.work += ways;
  }

  /** A lock is seen whose declaration says its class. */
  sawLock(at: Value, lock: LockClass): void {
    const { current } = this;
    if (current === null || current.locks.get(at) === lock) return;
    current.locks.set(at, lock);
    current.told.push({ kind: 'lock', at, class: lock });
  }

  /** The class of a lock is asked for. */
  askedFor(at: Value, lock: LockClass | null): void {
    const { current } = this;
    if (current !== null && !current.locks.has(at) && !current.lookups.has(at)) current.lookups.set(at, lock);
  }

  /** A function is reached that the text of the one around does not name. */
  targeted(name: string, identity: number): void {
    this.current?.targets.set(name, identity);
  }

  /** A call is part of the one around. */
  called(summary: Summary, call: Loc, exchange: Exchange): void {
    const { current } = this;
    if (current === null) return;
    for (const [at, lock] of summary.lookups) this.askedFor(at, lock);
    for (const [at, lock] of summary.locks) current.locks.set(at, lock);
    for (const [name, identity] of summary.targets) current.targets.set(name, identity);
    current.told.push({ kind: 'call', summary, call, exchange });
    current.allWork += summary.allWork;
    current.height = Math.max(current.height, summary.height + 1);
    current.cut ||= summary.cut;
    if (summary.placed && current.onBehalf) current.placed = true;
  }

  /** A call is met again that is being followed. */
  metAgain(summary: Summary): void {
    for (const { summary: each } of this.open.toReversed()) {
      if (each === summary) return;
      each.open = true;
    }
  }

  /** Calls would nest too deeply here. */
  cut(): void {
    const { current } = this;
    if (current !== null) current.cut = true;
  }
}

function isNew({ seen }: Open, what: string): boolean {
  if (seen.has(what)) return false;
  seen.add(what);
  return true;
}
