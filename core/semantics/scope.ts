/** Local names, and where a piece of syntax was written: in the code itself or in a macro that it uses. */

import type { Argument, MacroItem, Statement } from '../syntax/ast.ts';
import type { Expr, GlobalVariable, Loc, LocalVariable, LValue } from './hir.ts';
import type { Type } from './types.ts';

/** The top-level item that syntax stands in. */
export interface Home {
  readonly uri: string;
  /** PlacedItem.key */
  readonly item: string;
  readonly text: string;
}

/**
 * One use of a macro. Syntax of its body is looked at "in" the frame: parameters lead back to the arguments,
 * which belong to the frame of the use; other names are the macro's own locals or file-scope names, so no local
 * of the user is captured. `null` stands for code outside macros.
 */
export interface Frame {
  readonly id: number;
  readonly macro: MacroItem;
  readonly home: Home;
  readonly args: ReadonlyMap<string, BoundArgument>;
  /** Arguments of `...`. */
  readonly rest: readonly BoundArgument[];
  /** Where the macro is used. */
  readonly use: Loc;
  /** The frame that the use was written in. */
  readonly outer: Frame | null;
  /** For a loop-head macro: the statement behind its use. */
  readonly body: { readonly statement: Statement; readonly frame: Frame | null } | null;
}

export interface BoundArgument {
  readonly argument: Argument;
  readonly frame: Frame | null;
}

export type LocalEntry =
  | { readonly kind: 'local'; readonly variable: LocalVariable; readonly readOnly?: boolean }
  | { readonly kind: 'static'; readonly variable: GlobalVariable }
  | { readonly kind: 'constant'; readonly value: Expr }
  /** A field of the object around an annotation. */
  | { readonly kind: 'member'; readonly place: LValue }
  /** Its declaration is wrong, which is already reported. */
  | { readonly kind: 'unknown' };

/** A block's names. A name declared by a macro's body is another one than the user's of the same spelling. */
export class Scope {
  readonly outer: Scope | null;
  private readonly entries = new Map<string, LocalEntry>();
  private readonly tags = new Map<string, Type>();

  constructor(outer: Scope | null) {
    this.outer = outer;
  }

  /** False when this block already declares the name. */
  declare(name: string, frame: Frame | null, entry: LocalEntry): boolean {
    const key = keyOf(name, frame);
    if (this.entries.has(key)) return false;
    this.entries.set(key, entry);
    return true;
  }

  find(name: string, frame: Frame | null): LocalEntry | null {
    const key = keyOf(name, frame);
    for (let scope: Scope | null = this; scope !== null; scope = scope.outer) {
      const entry = scope.entries.get(key);
      if (entry !== undefined) return entry;
    }
    return null;
  }

  declareTag(name: string, frame: Frame | null, type: Type): boolean {
    const key = keyOf(name, frame);
    if (this.tags.has(key)) return false;
    this.tags.set(key, type);
    return true;
  }

  findTag(name: string, frame: Frame | null): Type | null {
    const key = keyOf(name, frame);
    for (let scope: Scope | null = this; scope !== null; scope = scope.outer) {
      const type = scope.tags.get(key);
      if (type !== undefined) return type;
    }
    return null;
  }

  /** Names visible in code of this frame, for suggestions. */
  *names(frame: Frame | null): Iterable<string> {
    const suffix = frame === null ? '' : `#${frame.id}`;
    for (let scope: Scope | null = this; scope !== null; scope = scope.outer) {
      for (const key of scope.entries.keys()) {
        if (frame === null ? !key.includes('#') : key.endsWith(suffix))
          yield key.slice(0, key.length - suffix.length);
      }
    }
  }
}

function keyOf(name: string, frame: Frame | null): string {
  return frame === null ? name : `${name}#${frame.id}`;
}

/** The place `inner` of a macro's body as seen from its use. */
export function throughMacro(use: Loc, inner: Loc): Loc {
  return { ...use, macro: use.macro === null ? inner : throughMacro(use.macro, inner) };
}
