/** Tokens of names that the checker resolved. */

import { isLibrary } from '../../../core/semantics/imports.ts';
import { fileOf, type Recorded, type SymbolRef, type Use } from '../../../core/semantics/record.ts';
import type { Project } from '../../../core/semantics/snapshot.ts';
import { eachSyntax } from '../../../core/semantics/syntaxWalk.ts';
import type { Type } from '../../../core/semantics/types.ts';
import type { FieldItem, Item, TypeExpr } from '../../../core/syntax/ast.ts';
import { type Token, type TokenModifier, tokenOf, typeOfKind } from './legend.ts';

/** Offsets count from the beginning of the item; in order, none twice. */
export function tokensOfNames(project: Project, recorded: Recorded): readonly Token[] {
  const tokens: Token[] = [];
  let last = -1;
  for (const use of recorded.uses) {
    // A name that means several things is shown as the first of them.
    if (use.start <= last || use.end <= use.start) continue;
    tokens.push(tokenOf(use, typeOfKind[use.symbol.kind], modifiersOf(project, use)));
    last = use.start;
  }
  return tokens;
}

function* modifiersOf(project: Project, { symbol, write, declares }: Use): Generator<TokenModifier> {
  if (declares) yield 'declaration';
  else if (write) yield 'modification';
  if (isLibrary(fileOf(symbol))) yield 'defaultLibrary';
  if (isLock(symbol.type)) yield 'lock';
  const words = wordsOf(project, symbol);
  if (words.ghost.has(symbol.declared.start)) yield 'ghost';
  if (constantKinds.has(symbol.kind) || words.constant.has(symbol.declared.start)) yield 'readonly';
}

const constantKinds: ReadonlySet<SymbolRef['kind']> = new Set(['enumerator', 'value', 'option', 'setting']);

/** A lock, its type, an array of locks, or a pointer to one. */
function isLock(type: Type | null): boolean {
  let inner = type;
  while (inner !== null && (inner.kind === 'pointer' || inner.kind === 'array'))
    inner = inner.kind === 'pointer' ? inner.to : inner.of;
  return inner?.kind === 'struct' && inner.lock !== null;
}

interface Words {
  /** Offsets of the names of ghost state, and of what is declared const. */
  readonly ghost: Set<number>;
  readonly constant: Set<number>;
}

const known = new WeakMap<Item, Words>();
const none: Words = { ghost: new Set(), constant: new Set() };

/** What the item of a declaration says about its names. */
function wordsOf(project: Project, { declared }: SymbolRef): Words {
  const item = project.files.get(declared.uri)?.items.get(declared.item)?.item;
  if (item === undefined) return none;
  let words = known.get(item);
  if (words === undefined) {
    words = { ghost: new Set(), constant: new Set() };
    gather(item, words);
    known.set(item, words);
  }
  return words;
}

function gather(item: Item, words: Words): void {
  eachSyntax(item, (node) => {
    if (node.kind === 'variable') {
      for (const { name, type } of node.declarators) {
        if (node.ghost) words.ghost.add(name.start);
        // `const` before a pointer speaks of what it points to.
        if (node.isConst && type.kind !== 'pointer') words.constant.add(name.start);
        fieldsOf(type, words);
      }
    } else if (node.kind === 'type' && 'type' in node) fieldsOf(node.type, words);
    else if (node.kind === 'typedef' || node.kind === 'type-declaration') fieldsOf(node.type, words);
  });
}

function fieldsOf(type: TypeExpr, words: Words): void {
  if (type.kind === 'pointer') fieldsOf(type.to, words);
  else if (type.kind === 'array') fieldsOf(type.of, words);
  else if (type.kind === 'tag') for (const field of type.fields ?? []) fieldOf(field, words);
}

function fieldOf(field: FieldItem, words: Words): void {
  if (field.kind === 'when') for (const inner of field.fields) fieldOf(inner, words);
  else {
    if (field.ghost && field.name !== null) words.ghost.add(field.name.start);
    fieldsOf(field.type, words);
  }
}
