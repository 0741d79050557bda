/** Taking the lock that is missing: around the statement, and around a section that relies on it. */

import type { CheckedProgram } from '../semantics/hir.ts';
import type { Project } from '../semantics/snapshot.ts';
import { eachSyntax, type SyntaxNode } from '../semantics/syntaxWalk.ts';
import type { StructType, Type } from '../semantics/types.ts';
import type { Statement } from '../syntax/ast.ts';
import { lockTypeOf } from './classes.ts';
import type { LockClass, LockFinding } from './events.ts';
import { after, before, braced, type Edit, replace } from './fixEdits.ts';
import {
  allStatements,
  childrenOf,
  inBlock,
  lockCallOf,
  nameOfRole,
  type Place,
  placeOf,
  type Role,
  textOfSpan,
} from './fixPlaces.ts';
import type { Candidate } from './fixes.ts';

export function takeCandidates(
  project: Project,
  program: CheckedProgram,
  { code, loc, witness, lacks: lock = null, message }: LockFinding,
): readonly Candidate[] {
  if (lock === null || !['lock-not-held', 'guard-not-held', 'lock-nesting'].includes(code)) return [];
  const place = placeOf(project, loc);
  if (place === null || message.includes('must be held here')) return [];
  const isExclusive = witness?.kind === 'at-without' && witness.mode === 'write';
  const how = waysToTake(program, lock, isExclusive);
  return locksOf(program, lock, place).flatMap((text) =>
    how.flatMap(({ take, drop, mode }): Candidate[] => {
      const around = { take: `${take}(${text});`, drop: `${drop}(${text});` };
      const edits =
        code === 'lock-nesting' ? aroundSection(program, place, around) : aroundStatement(place, around);
      if (edits === null) return [];
      const what = code === 'lock-nesting' ? 'around the critical section' : 'around this statement';
      return [{ title: `Take ${lock.name}${mode} ${what}`, uri: loc.uri, edits }];
    }),
  );
}

interface Around {
  readonly take: string;
  readonly drop: string;
}

interface Way extends Around {
  /** For titles: empty where there is one mode only. */
  readonly mode: ' for read' | ' for write' | '';
}

// ---------------------------------------------------------------- which lock, and how

/** The plain functions for it; for read first, where that is enough. */
function waysToTake(program: CheckedProgram, lock: LockClass, exclusive: boolean): readonly Way[] {
  const type = typeOfClass(program, lock);
  if (type === null) return [];
  const role = (isShared: boolean): Role => ({ does: 'acquire', isShared, type, besides: '' });
  const hasModes = nameOfRole(program, role(true)) !== null && nameOfRole(program, role(false)) !== null;
  return (exclusive ? [false] : [true, false]).flatMap((isShared): Way[] => {
    const take = nameOfRole(program, role(isShared));
    const drop = nameOfRole(program, { ...role(isShared), does: 'release' });
    const mode = !hasModes ? '' : isShared ? ' for read' : ' for write';
    return take === null || drop === null ? [] : [{ take, drop, mode }];
  });
}

/** Name of the type of the locks of a class; null when it is not declared for the whole program. */
function typeOfClass(program: CheckedProgram, { key }: LockClass): string | null {
  const global = /^global (.*)$/.exec(key)?.[1];
  const variable = program.globals.find(({ name }) => name === global);
  if (variable !== undefined) return lockTypeOf(variable.type)?.name ?? null;
  const [, struct, field] = /^struct (.*)\/([^/#]*)$/.exec(key) ?? [];
  const found = program.structs
    .find(({ name }) => name === struct)
    ?.fields.find(({ name }) => name === field);
  return found === undefined ? null : (lockTypeOf(found.type)?.name ?? null);
}

/** How a lock of the class may be written at a place: by the object that the text there is about, or by a variable. */
function locksOf(program: CheckedProgram, lock: LockClass, place: Place): readonly string[] {
  const global = /^global (.*)$/.exec(lock.key)?.[1];
  if (global !== undefined) {
    const type = program.globals.find(({ name }) => name === global)?.type;
    return type?.kind === 'struct' ? [`&${global}`] : [];
  }
  const [, struct, field] = /^struct (.*)\/([^/#]*)$/.exec(lock.key) ?? [];
  if (struct === undefined || field === undefined) return [];
  const near: string[] = [];
  eachSyntax(place.placed.item, (node) => {
    if (node.start < place.start || node.end > place.end) return;
    if (node.kind === 'member')
      near.push(`&${textOfSpan(place, node.object)}${node.arrow ? '->' : '.'}${field}`);
    if (node.kind === 'call')
      for (const arg of node.args) if (isExpression(arg)) near.push(...memberOf(place, arg, field));
  });
  const owners = program.globals.flatMap(({ name, type }) =>
    name.startsWith('__') ? [] : pathsTo(type, struct, name, 3),
  );
  return [...new Set([...near, ...owners.map((owner) => `&${owner}.${field}`)])].slice(0, 5);
}

function isExpression(node: { readonly kind: string }): node is SyntaxNode {
  return node.kind !== 'type' && node.kind !== 'block';
}

/** `&x` is about `x`, and any other argument about what it points to. */
function memberOf(place: Place, arg: SyntaxNode, field: string): readonly string[] {
  if (arg.kind === 'unary' && arg.operator === '&') return [`&${textOfSpan(place, arg.value)}.${field}`];
  return arg.kind === 'name' || arg.kind === 'member' ? [`&${textOfSpan(place, arg)}->${field}`] : [];
}

/** Members of an object that are structs of this name, the object among them. */
function pathsTo(type: Type, struct: string, path: string, depth: number): readonly string[] {
  if (type.kind !== 'struct') return [];
  if (type.name === struct) return [path];
  return depth === 0
    ? []
    : fieldsOf(type).flatMap((each) => pathsTo(each.type, struct, `${path}.${each.name}`, depth - 1));
}

function fieldsOf({ fields }: StructType): StructType['fields'] {
  return fields.filter(({ anonymous, ghost }) => !anonymous && !ghost);
}

// ---------------------------------------------------------------- where

/** Takes and drops the lock around the innermost statement, on every way out of it. */
function aroundStatement(place: Place, around: Around): readonly Edit[] | null {
  const s = place.path.at(-1);
  if (s === undefined || s.kind === 'block' || s.kind === 'return') return null;
  if (s.kind === 'variable') return aroundInitialiser(place, s, around);
  const jumps = jumpsOut(s).flatMap((jump): Edit[] => {
    const parent = parentOf(s, jump);
    if (parent?.kind === 'block') return [before(place, jump.start, around.drop)];
    return [braced(place, jump, [around.drop, textOfSpan(place, jump)])];
  });
  // What never goes on behind itself needs no more.
  if (inBlock(place.path) !== null)
    return [before(place, s.start, around.take), ...jumps, after(place, s.end, s.start, around.drop)];
  // A loop or a branch inside it has places of its own to drop the lock at: as text in braces it would lose them.
  return jumps.length > 0 ? null : [braced(place, s, [around.take, textOfSpan(place, s), around.drop])];
}

/** `T x = e;` becomes `T x;`, and `x = e;` with the lock held behind the declarations. */
function aroundInitialiser(
  place: Place,
  s: Statement & { kind: 'variable' },
  around: Around,
): readonly Edit[] | null {
  const [declarator, ...others] = s.declarators;
  const found = inBlock(place.path);
  const init = declarator?.init ?? null;
  if (
    declarator === undefined ||
    others.length > 0 ||
    init === null ||
    init.kind === 'list' ||
    found === null
  )
    return null;
  if (declarator.type.kind === 'array' || s.isConst) return null;
  const declared = textOfSpan(place, { start: s.start, end: init.start }).replace(/\s*=\s*$/, ';');
  const set = `${around.take}\n${declarator.name.text} = ${textOfSpan(place, init)};\n${around.drop}`;
  const rest = found.block.body.slice(found.at + 1);
  const next = rest.find(({ kind }) => kind !== 'variable');
  const edit = replace(place, s, declared);
  const last = rest.at(-1) ?? s;
  return next === undefined
    ? [edit, after(place, last.end, s.start, `\n${set}`)]
    : [edit, before(place, next.start, set)];
}

/** Jumps that leave a statement, by which what it holds would be kept. */
function jumpsOut(s: Statement): readonly Statement[] {
  const labels = new Set(
    allStatements(s).flatMap((each) => (each.kind === 'label' ? [each.label.text] : [])),
  );
  const walk = (each: Statement, inLoop: boolean, inSwitch: boolean): Statement[] => {
    if (each.kind === 'return') return [each];
    if (each.kind === 'goto') return labels.has(each.label.text) ? [] : [each];
    if (each.kind === 'break') return inLoop || inSwitch ? [] : [each];
    if (each.kind === 'continue') return inLoop ? [] : [each];
    const loop = inLoop || ['while', 'do', 'for', 'macro-loop'].includes(each.kind);
    return childrenOf(each).flatMap((child) => walk(child, loop, inSwitch || each.kind === 'switch'));
  };
  return walk(s, false, false);
}

function parentOf(root: Statement, child: Statement): Statement | null {
  return allStatements(root).find((each) => childrenOf(each).includes(child)) ?? null;
}

/** Takes the outer lock before the inner one, and drops it behind the unlock in the same block. */
function aroundSection(program: CheckedProgram, place: Place, around: Around): readonly Edit[] | null {
  const found = inBlock(place.path);
  const s = place.path.at(-1);
  const taken = lockCallOf(program, place.placed, s);
  if (found === null || s === undefined || taken === null) return null;
  const drop = found.block.body.slice(found.at + 1).find((each) => {
    const call = lockCallOf(program, place.placed, each);
    return call?.role.does === 'release' && call.args[0] === taken.args[0];
  });
  return drop === undefined
    ? null
    : [before(place, s.start, around.take), after(place, drop.end, s.start, around.drop)];
}
