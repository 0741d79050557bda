/** What the check of a declaration or a body has asked for, so that its result can be used again while the answers stay the same. */

import type { AnyDeclaration, Environment } from './environment.ts';
import type { Finding } from './findings.ts';

/**
 * Names that were looked up at file scope, with what was found. A plain name is one of C's; tags, events and actors
 * have a word in front: `struct:page`.
 */
export class Dependencies {
  readonly answers = new Map<string, unknown>();
  /** It looked at all declarations, so that any change of any of them matters. */
  onAll = false;

  /** Whether an environment gives the same answers. */
  holdIn(env: Environment): boolean {
    if (this.onAll) return false;
    for (const [key, answer] of this.answers) if (env.answer(key) !== answer) return false;
    return true;
  }
}

/** A top-level item as the origin of declarations: what it says, what it asked for, what is wrong with it. */
export interface Unit {
  /** Its place: file, item, offset in the item. */
  readonly key: string;
  /** Its text without bodies, and whatever else its meaning depends on besides names. */
  text: string;
  readonly declared: AnyDeclaration[];
  readonly dependencies: Dependencies;
  readonly findings: Finding[];
}

export function newUnit(key: string, text: string): Unit {
  return { key, text, declared: [], dependencies: new Dependencies(), findings: [] };
}
