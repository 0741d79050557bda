/** Results of earlier analyses: a thread is walked again only when something that it reaches has changed. */

import type { HirFunction, Stmt } from '../semantics/hir.ts';
import type { LockEvent, LockFinding } from './events.ts';
import type { Ground } from './ground.ts';

/** What one walk from a beginning to its end has told. */
export interface Walked {
  readonly findings: readonly LockFinding[];
  readonly events: readonly LockEvent[];
  /** Names of functions that were entered or passed over. */
  readonly visited: ReadonlySet<string>;
}

interface Kept {
  readonly body: Stmt;
  readonly surroundings: readonly unknown[];
  readonly functions: readonly (readonly [string, HirFunction | undefined, string])[];
  readonly walked: Walked;
}

/** Entries beyond this are forgotten, oldest first. */
const mostKept = 4000;

/** Belongs to one host; serves all scenarios and variants. */
export class AnalysisCache {
  private readonly kept = new Map<string, Kept>();
  private walkedAgain: string[] = [];

  /** Keys of what was walked since the last call, not taken from the cache, in order. */
  takeWalked(): readonly string[] {
    const result = this.walkedAgain;
    this.walkedAgain = [];
    return result;
  }

  /** `key`: names the beginning; `surroundings`: what else it depends on, compared by identity. */
  walked(
    key: string,
    body: Stmt,
    surroundings: readonly unknown[],
    ground: Ground,
    walk: () => Walked,
  ): Walked {
    const known = this.kept.get(key);
    if (known !== undefined && known.body === body && holds(known, surroundings, ground)) return known.walked;
    this.walkedAgain.push(key);
    const walked = walk();
    const functions = [...walked.visited].map(
      (name) => [name, ground.program.functions.get(name), relevanceKey(ground, name)] as const,
    );
    this.kept.delete(key);
    this.kept.set(key, { body, surroundings, functions, walked });
    if (this.kept.size > mostKept) {
      const [oldest] = this.kept.keys();
      if (oldest !== undefined) this.kept.delete(oldest);
    }
    return walked;
  }
}

function holds(kept: Kept, surroundings: readonly unknown[], ground: Ground): boolean {
  return (
    kept.surroundings.length === surroundings.length &&
    kept.surroundings.every((each, index) => each === surroundings[index]) &&
    kept.functions.every(
      ([name, fn, relevance]) =>
        isSame(ground.program.functions.get(name), fn) && relevanceKey(ground, name) === relevance,
    )
  );
}

/** A function is made anew by each check; what it consists of is kept as long as its text and what it refers to is. */
function isSame(a: HirFunction | undefined, b: HirFunction | undefined): boolean {
  if (a === b) return true;
  return a !== undefined && b !== undefined && a.body === b.body && a.annotations === b.annotations;
}

function relevanceKey(ground: Ground, name: string): string {
  const found = ground.relevance.get(name);
  return found === undefined ? '' : `${found.relevant} ${found.writes} ${found.pure}`;
}
