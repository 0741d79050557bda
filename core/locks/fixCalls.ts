/** Another function of the same lock: for the right mode, or one that keeps interrupts out. */

import type { CheckedProgram, Loc } from '../semantics/hir.ts';
import type { Project } from '../semantics/snapshot.ts';
import { eachSyntax } from '../semantics/syntaxWalk.ts';
import type { Item, PlacedItem } from '../syntax/ast.ts';
import type { LockFinding } from './events.ts';
import { type Edit, replace } from './fixEdits.ts';
import type { Candidate } from './fixes.ts';
import { isAt, type LockCall, lockCallsIn, lockText, nameOfRole, placeOf } from './fixPlaces.ts';

// ---------------------------------------------------------------- modes

/** Releases a lock as it was taken; or takes it for write, and releases it so. */
export function modeCandidates(
  project: Project,
  program: CheckedProgram,
  { code, loc, related }: LockFinding,
): readonly Candidate[] {
  if (code !== 'lock-wrong-mode' && code !== 'guard-not-held') return [];
  const candidates: Candidate[] = [];
  const here = callAt(project, program, loc);
  if (here?.call.role.does === 'release') {
    const name = inOtherMode(program, here.call);
    const edits = name === null ? [] : [replace(here, here.call.nameSpan, name)];
    candidates.push({ title: `Release it as it was taken: ${name ?? ''}()`, uri: loc.uri, edits });
  }
  for (const taken of related.flatMap((each) => callAt(project, program, each.loc) ?? [])) {
    if (taken.call.role.does === 'release') continue;
    const { role, args, start } = taken.call;
    const same = lockCallsIn(program, taken.placed, taken.placed.item).filter(
      (each) => each.args[0] === args[0] && each.role.isShared === role.isShared,
    );
    const next = same.find((each) => each.role.does !== 'release' && each.start > start)?.start ?? Infinity;
    const section = same.filter((each) => each.start >= start && each.start < next);
    const title = `Take ${lockText(taken.call)} for ${role.isShared ? 'write' : 'read'}`;
    for (const calls of [section, same]) {
      const edits = calls.flatMap((each) => {
        const name = inOtherMode(program, each);
        return name === null ? [] : [replace(taken, each.nameSpan, name)];
      });
      candidates.push({ title, uri: taken.uri, edits });
    }
  }
  return candidates.filter(({ edits }) => edits.length > 0);
}

function inOtherMode(program: CheckedProgram, { role }: LockCall): string | null {
  return nameOfRole(program, { ...role, isShared: !role.isShared });
}

interface CallAt {
  readonly uri: string;
  readonly placed: PlacedItem;
  readonly call: LockCall;
}

/** The call that a place is, or is inside. */
function callAt(project: Project, program: CheckedProgram, loc: Loc): CallAt | null {
  const place = placeOf(project, loc);
  const s = place?.path.at(-1);
  if (place === null || s === undefined) return null;
  const call = lockCallsIn(program, place.placed, s).find((each) => isAt(each, loc));
  return call === undefined ? null : { uri: loc.uri, placed: place.placed, call };
}

// ---------------------------------------------------------------- interrupts

const offs = {
  hardirq: [{ besides: 'irqsave', undo: '__restores_irqs' }],
  softirq: [
    { besides: '__disables_bh', undo: '__enables_bh' },
    { besides: 'irqsave', undo: '__restores_irqs' },
  ],
} as const;

/** Takes the lock with interrupts, or softirqs, off: here, or everywhere in this file. */
export function irqCandidates(
  project: Project,
  program: CheckedProgram,
  { code, loc, message, related }: LockFinding,
): readonly Candidate[] {
  if (code !== 'lock-irq-unsafe' && code !== 'lock-irq-inversion') return [];
  const ways = offs[message.includes('softirq') ? 'softirq' : 'hardirq'];
  return [loc, ...related.map((each) => each.loc)].flatMap((at) => {
    const taken = callAt(project, program, at);
    const file = project.files.get(at.uri);
    if (taken === null || file === undefined || taken.call.role.does !== 'acquire') return [];
    return ways.flatMap(({ besides, undo }): Candidate[] => {
      const name = nameOfRole(program, { ...taken.call.role, besides });
      if (name === null) return [];
      const here = withOff(program, taken.placed, taken.call, besides, undo);
      const everywhere = file.source.items
        .filter(({ item }) => !isHandler(item))
        .flatMap((placed) => withOff(program, placed, taken.call, besides, undo) ?? []);
      if (here === null) return [];
      const title = `Take ${lockText(taken.call)} with ${name}()`;
      return [
        { title, uri: at.uri, edits: here },
        { title: `${title} everywhere in this file`, uri: at.uri, edits: everywhere },
      ];
    });
  });
}

function isHandler(item: Item): boolean {
  return item.kind === 'actor' && (item.actor === 'irq' || item.actor === 'softirq');
}

/** Every such call of an item, and its counterpart; null when that cannot be written. */
function withOff(
  program: CheckedProgram,
  placed: PlacedItem,
  taken: LockCall,
  besides: string,
  undo: string,
): readonly Edit[] | null {
  const calls = lockCallsIn(program, placed, placed.item).filter(
    ({ role, args }) =>
      args[0] === taken.args[0] && role.isShared === taken.role.isShared && role.does !== 'try',
  );
  if (!calls.some(({ role }) => role.does === 'acquire')) return [];
  const flags = besides === 'irqsave' ? 'flags' : null;
  const edits: Edit[] = [];
  for (const { role, nameSpan, args, end } of calls) {
    const name = nameOfRole(program, { ...role, besides: role.does === 'acquire' ? besides : undo });
    if (name === null) return null;
    const given = [args[0] ?? '', ...(flags === null ? [] : [flags])].join(', ');
    edits.push(replace({ placed }, { start: nameSpan.start, end }, `${name}(${given})`));
  }
  if (flags === null) return edits;
  const declared = declaration(placed, flags);
  return declared === null ? null : [...edits, declared];
}

/** Declares the variable at the start of the body; null when the name is used there already. */
function declaration(placed: PlacedItem, name: string): Edit | null {
  const { item } = placed;
  const body = item.kind === 'function' || item.kind === 'actor' || item.kind === 'hook' ? item.body : null;
  let isUsed = false;
  eachSyntax(item, (node) => {
    if (node.kind === 'name' && node.name.text === name) isUsed = true;
    if (node.kind === 'variable') isUsed ||= node.declarators.some((each) => each.name.text === name);
  });
  const [first] = body?.body ?? [];
  if (body === null || isUsed || first === undefined) return null;
  const gap = first.kind === 'variable' ? '\n' : '\n\n';
  const line = placed.text.lastIndexOf('\n', first.start - 1) + 1;
  const indent = /^[ \t]*/.exec(placed.text.slice(line, first.start))?.[0] ?? '';
  const at = { start: first.start, end: first.start };
  return replace({ placed }, at, `unsigned long ${name};${gap}${indent}`);
}
