/** Where in the text a finding stands: the statements around a place, and the calls that take and release locks. */

import type { CheckedProgram, Loc } from '../semantics/hir.ts';
import { isLibrary } from '../semantics/imports.ts';
import { type FileSnapshot, type Project, resolveLoc } from '../semantics/snapshot.ts';
import { eachSyntax, type SyntaxNode } from '../semantics/syntaxWalk.ts';
import type { Block, Expression, Item, PlacedItem, Span, Statement } from '../syntax/ast.ts';
import { effectNames, pointeeLock } from './locking.ts';

/** A place in a file that may be edited. Spans count from the start of the item. */
export interface Place extends Span {
  readonly file: FileSnapshot;
  readonly placed: PlacedItem;
  /** Statements around it, outermost first: the body of the function or actor, and so on. */
  readonly path: readonly Statement[];
}

/** Null in a library file, and where there is no statement. */
export function placeOf(project: Project, loc: Loc): Place | null {
  const file = project.files.get(loc.uri);
  const placed = file?.items.get(loc.item);
  if (file === undefined || placed === undefined || isLibrary(loc.uri)) return null;
  if (resolveLoc(project, loc) === null) return null;
  return placeAt(file, placed, loc);
}

/** The span counts from the start of the item. */
export function placeAt(file: FileSnapshot, placed: PlacedItem, { start, end }: Span): Place {
  return { file, placed, path: pathTo(placed.item, { start, end }), start, end };
}

/** Statements around a span, outermost first; those inside arguments of macros are none of them. */
function pathTo(item: Item, { start, end }: Span): readonly Statement[] {
  const path: Statement[] = [];
  for (let next: Statement | null = bodyAround(item, start, end); next !== null; ) {
    path.push(next);
    next = childrenOf(next).find((child) => child.start <= start && end <= child.end) ?? null;
  }
  return path;
}

function bodyAround(item: Item, start: number, end: number): Block | null {
  if (item.kind === 'when')
    return item.items.reduce<Block | null>((found, inner) => found ?? bodyAround(inner, start, end), null);
  const body =
    item.kind === 'function' || item.kind === 'actor' || item.kind === 'init' || item.kind === 'hook'
      ? item.body
      : null;
  return body !== null && body.start <= start && end <= body.end ? body : null;
}

/** The statements that a statement is made of. */
export function childrenOf(s: Statement): readonly Statement[] {
  switch (s.kind) {
    case 'block':
      return s.body;
    case 'if':
      return s.otherwise === null ? [s.then] : [s.then, s.otherwise];
    case 'while':
    case 'do':
    case 'for':
    case 'switch':
    case 'case':
    case 'default':
    case 'label':
    case 'macro-loop':
    case 'atomic':
    case 'ghost':
    case 'guest':
      return [s.body];
    case 'either':
      return s.branches;
    default:
      return [];
  }
}

/** A statement with all that are inside it, outer ones first. */
export function allStatements(s: Statement): Statement[] {
  return [s, ...childrenOf(s).flatMap(allStatements)];
}

/** The statement in a block that contains the place, and the block; null when the innermost one is in none. */
export function inBlock(path: readonly Statement[]): { readonly block: Block; readonly at: number } | null {
  const s = path.at(-1);
  const parent = path.at(-2);
  if (s === undefined || parent?.kind !== 'block') return null;
  return { block: parent, at: parent.body.indexOf(s) };
}

export function textOfSpan({ placed }: Place, span: Span): string {
  return placed.text.slice(span.start, span.end);
}

// ---------------------------------------------------------------- calls

/** A call of a function that does something to a lock, as it is written. */
export interface LockCall extends Span {
  readonly name: string;
  readonly nameSpan: Span;
  /** Arguments as text; the first one is the lock. */
  readonly args: readonly string[];
  readonly role: Role;
}

export interface Role {
  readonly does: 'acquire' | 'try' | 'release';
  readonly isShared: boolean;
  /** Name of the lock's type. */
  readonly type: string;
  /** What else it does: `__disables_irqs` and the like, in order; `irqsave` for the macros that keep the state. */
  readonly besides: string;
}

/** What a function of this name does to its first argument; null when that is nothing, or more than one thing. */
export function roleOf(program: CheckedProgram, name: string): Role | null {
  if (name.endsWith('_irqsave')) {
    const plain = roleOf(program, name.slice(0, -'_irqsave'.length));
    return plain === null || plain.besides !== '' ? null : { ...plain, besides: 'irqsave' };
  }
  const fn = program.functions.get(name);
  const [param] = fn?.params ?? [];
  const lock = param === undefined ? null : pointeeLock(param.type);
  if (fn === undefined || lock === null) return null;
  const [effect, ...others] = fn.annotations.filter((each) => effectNames.has(each.name));
  if (effect === undefined || others.length > 0) return null;
  const does = effect.name.startsWith('__acquires')
    ? 'acquire'
    : effect.name.startsWith('__cond_acquires')
      ? 'try'
      : effect.name.startsWith('__releases')
        ? 'release'
        : null;
  if (does === null) return null;
  // In which order its stores are seen is another matter.
  const besides = fn.annotations
    .filter((each) => each !== effect && each.name !== '__no_barrier')
    .map((each) => each.name);
  return { does, isShared: effect.name.endsWith('_shared'), type: lock.name, besides: besides.join(' ') };
}

/** The function that does this to a lock of this type; null when there is none, or only one of the library's own. */
export function nameOfRole(program: CheckedProgram, wanted: Role): string | null {
  if (wanted.besides === 'irqsave') {
    const plain = nameOfRole(program, { ...wanted, besides: '' });
    return plain === null ? null : `${plain}_irqsave`;
  }
  for (const { name, params } of program.functions.values()) {
    if (name.startsWith('__') || params.length !== (wanted.besides === '__restores_irqs' ? 2 : 1)) continue;
    const role = roleOf(program, name);
    if (role !== null && sameRole(role, wanted)) return name;
  }
  return null;
}

function sameRole(a: Role, b: Role): boolean {
  return a.does === b.does && a.isShared === b.isShared && a.type === b.type && a.besides === b.besides;
}

const undoneBy: Readonly<Record<string, string>> = {
  '': '',
  irqsave: '__restores_irqs',
  __disables_irqs: '__enables_irqs',
  __disables_bh: '__enables_bh',
  __subclass: '',
};

/** The call that releases what this one takes; null when it is not known. */
export function releaseText(program: CheckedProgram, { role, args }: LockCall): string | null {
  const besides = undoneBy[role.besides];
  const name = besides === undefined ? null : nameOfRole(program, { ...role, does: 'release', besides });
  if (name === null) return null;
  const kept = besides === '__restores_irqs' ? args.slice(0, 2) : args.slice(0, 1);
  return `${name}(${kept.join(', ')});`;
}

/** The lock of a call as it is written, without the sign of an address. */
export function lockText({ args: [lock = ''] }: LockCall): string {
  return lock.replace(/^&/, '');
}

/** Is the place this call, or inside it? The place of a macro's use has the semicolon behind it. */
export function isAt(call: LockCall, loc: Span): boolean {
  return call.start <= loc.start && loc.start < call.end;
}

/** All calls in a piece of syntax that do something to a lock, in order. */
export function lockCallsIn(program: CheckedProgram, placed: PlacedItem, within: Span): readonly LockCall[] {
  const found: LockCall[] = [];
  eachSyntax(placed.item, (node) => {
    if (node.kind !== 'call' || node.start < within.start || node.end > within.end) return;
    const call = asLockCall(program, placed, node);
    if (call !== null) found.push(call);
  });
  return found;
}

/** The statement is such a call and nothing else; what it returns may be kept. */
export function lockCallOf(
  program: CheckedProgram,
  placed: PlacedItem,
  s: Statement | undefined,
): LockCall | null {
  if (s?.kind !== 'expression') return null;
  const value = s.value.kind === 'assign' && s.value.operator === '=' ? s.value.value : s.value;
  return asLockCall(program, placed, value);
}

function asLockCall(
  program: CheckedProgram,
  placed: PlacedItem,
  node: SyntaxNode | Expression,
): LockCall | null {
  if (node.kind !== 'call' || node.callee.kind !== 'name') return null;
  const name = node.callee.name.text;
  const role = roleOf(program, name);
  if (role === null) return null;
  const args = node.args.map(({ start, end }) => placed.text.slice(start, end));
  return { name, nameSpan: node.callee.name, args, role, start: node.start, end: node.end };
}
