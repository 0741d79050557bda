/** What names can mean, as the editor needs it: one record for a symbol, whatever variant or project it is seen in. */

import type { Loc } from './hir.ts';
import type { Type } from './types.ts';

export type SymbolKind =
  | 'function'
  | 'primitive'
  | 'global'
  | 'vcpu-state'
  | 'pool'
  | 'local'
  | 'parameter'
  | 'struct'
  | 'union'
  | 'enum'
  | 'enumerator'
  | 'member'
  | 'typedef'
  | 'macro'
  | 'option'
  | 'value'
  | 'setting'
  | 'actor'
  | 'event'
  | 'label'
  | 'check';

/** A declaration that a name can mean. */
export interface SymbolRef {
  /** Stable across edits elsewhere, and equal in every variant and project. The first part is the file. */
  readonly id: string;
  readonly kind: SymbolKind;
  readonly name: string;
  /** The name in the declaration that counts: of a function that is overridden, in the override. */
  readonly declared: Loc;
  /** The declaration; of a function and an actor without the body. */
  readonly whole: Loc;
  /** null: not known, or there is none. Of a struct, union or enum: the type itself. */
  readonly type: Type | null;
  /** What it belongs to, as shown: `struct page`, `enum mode`, `option fix`, a function; null at file scope. */
  readonly container: string | null;
}

/** The file of the declaration that gives a symbol its name: of an override, the file of what it replaces. */
export function fileOf(symbol: SymbolRef): string {
  return symbol.id.slice(0, symbol.id.indexOf('|'));
}
