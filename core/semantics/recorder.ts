/** Who is told what a check resolves, when somebody wants to know (record.ts); usually there is nobody. */

import type { Expression, Span } from '../syntax/ast.ts';
import type { Context } from './context.ts';
import type { ActorDeclaration, AnyDeclaration } from './environment.ts';
import type { Frame, LocalEntry, Scope } from './scope.ts';
import type { StructType, Type } from './types.ts';

/** A name as it is written, perhaps as the argument of a macro, and the frame of that place. */
export interface WrittenName {
  readonly text: string;
  readonly frame: Frame | null;
  readonly span: Span;
}

/** What a name was found to mean. */
export type Meaning =
  | { readonly kind: 'declared'; readonly declaration: AnyDeclaration | ActorDeclaration }
  | { readonly kind: 'local'; readonly entry: LocalEntry }
  /** A struct or enum that is declared inside a function. */
  | { readonly kind: 'tag'; readonly type: Type }
  | { readonly kind: 'member'; readonly of: StructType; readonly name: string }
  /** A value of an option, or of a setting of names. */
  | { readonly kind: 'value'; readonly of: AnyDeclaration }
  /** A label of the body that the name stands in. */
  | { readonly kind: 'label' }
  /** A label of any body: of a `schedule`. */
  | { readonly kind: 'any-label' }
  | { readonly kind: 'check' }
  /** Nothing in this variant: what it means in others. `tag`: a struct, union or enum. */
  | { readonly kind: 'absent'; readonly space: 'name' | 'tag' };

export interface Recorder {
  use(cx: Context, name: WrittenName, meaning: Meaning): void;
  /** A local name begins to be visible in the scope of the context. */
  declare(cx: Context, name: WrittenName, entry: LocalEntry): void;
  declareTag(cx: Context, name: WrittenName, type: Type): void;
  /** The place that an expression names is written. */
  write(cx: Context, target: Expression): void;
  type(cx: Context, expression: Expression, type: Type): void;
  /** The names of `scope` are visible in `span` of the current frame. */
  scope(cx: Context, scope: Scope, span: Span): void;
  /** Something inside a span of the current frame was resolved. */
  knows(cx: Context, span: Span): boolean;
}
