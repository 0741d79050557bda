/** The kinds of names that are told apart. Those that the protocol does not know are declared in package.json. */

import type { SymbolKind } from '../../../core/semantics/record.ts';

export const tokenTypes = [
  'keyword',
  'modifier',
  'decorator',
  'type',
  'struct',
  'enum',
  'enumMember',
  'variable',
  'parameter',
  'property',
  'function',
  'macro',
  'event',
  'label',
  'primitive',
  'actor',
  'option',
  'setting',
  'check',
] as const;

export const tokenModifiers = [
  'declaration',
  'readonly',
  'modification',
  'defaultLibrary',
  'lock',
  'ghost',
] as const;

export type TokenType = (typeof tokenTypes)[number];
export type TokenModifier = (typeof tokenModifiers)[number];

export const typeOfKind: Readonly<Record<SymbolKind, TokenType>> = {
  function: 'function',
  primitive: 'primitive',
  global: 'variable',
  'vcpu-state': 'variable',
  pool: 'variable',
  local: 'variable',
  parameter: 'parameter',
  struct: 'struct',
  union: 'struct',
  enum: 'enum',
  enumerator: 'enumMember',
  member: 'property',
  typedef: 'type',
  macro: 'macro',
  option: 'option',
  value: 'enumMember',
  setting: 'setting',
  actor: 'actor',
  event: 'event',
  label: 'label',
  check: 'check',
};

/** A name, with offsets in the piece of text that the caller speaks of. */
export interface Token {
  readonly start: number;
  readonly end: number;
  /** Index into `tokenTypes`. */
  readonly type: number;
  /** A bit for each of `tokenModifiers`. */
  readonly modifiers: number;
}

export function tokenOf(
  { start, end }: { readonly start: number; readonly end: number },
  type: TokenType,
  modifiers: Iterable<TokenModifier> = [],
): Token {
  let bits = 0;
  for (const modifier of modifiers) bits |= 1 << tokenModifiers.indexOf(modifier);
  return { start, end, type: tokenTypes.indexOf(type), modifiers: bits };
}
