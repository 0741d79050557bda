/**
 * The reference table of locks: a row for each lock that a checked program declares, from the comment above it.
 *
 * The comment has the columns of the kernel's locking documents, each on a line of its own that begins with its name;
 * what follows without a name belongs to the column before it:
 *
 *     Type: mutex
 *     Arch: any
 *     Protects: list of guests
 *     Comment: dropped before the grace period
 */

import { declarationOf } from '../semantics/environment.ts';
import type { CheckedProgram, Loc } from '../semantics/hir.ts';
import { docAbove, type Project, resolveLoc } from '../semantics/snapshot.ts';
import type { LockType, StructType } from '../semantics/types.ts';
import type { FieldItem, TypeExpr } from '../syntax/ast.ts';
import { isEnd, isOrdered, lockTypeOf } from './classes.ts';

/** A row. What the comment does not say is empty; the type is then that of the declaration. */
export interface LockRow {
  /** `list_lock`; `device->lock` for a field. */
  readonly name: string;
  readonly type: string;
  readonly arch: string;
  readonly protects: string;
  readonly comment: string;
  /** Where it is declared. */
  readonly loc: Loc;
}

/** The locks of a checked program, in order of their files and of their places there. */
export function lockReference(project: Project, program: CheckedProgram): readonly LockRow[] {
  const rows: LockRow[] = [];
  for (const variable of program.globals) {
    const lock = lockTypeOf(variable.type);
    if (lock !== null && isOrdered(lock) && !isEnd(lock))
      rows.push(row(variable.name, lock, variable.doc, variable.loc));
  }
  for (const struct of program.structs) {
    // A member without a name is looked at with the struct around it.
    if (struct.name.startsWith('<')) continue;
    for (const { field, lock } of lockFields(struct)) {
      const declaration = declarationOf(struct);
      const item = fieldItem(declaration?.node.fields ?? [], field, lock);
      if (declaration === undefined || item === null || isEnd(lock)) continue;
      const loc: Loc = { ...declaration.loc, start: item.start, end: item.end };
      rows.push(row(`${struct.name}->${field}`, lock, docAt(project, loc), loc));
    }
  }
  const order = new Map(project.order.map(({ uri }, index) => [uri, index]));
  const place = ({ loc }: LockRow): readonly [number, number] => [
    order.get(loc.uri) ?? order.size,
    resolveLoc(project, loc)?.start ?? 0,
  ];
  return rows
    .map((each) => ({ each, at: place(each) }))
    .sort(({ at: a }, { at: b }) => a[0] - b[0] || a[1] - b[1])
    .map(({ each }) => each);
}

/** The rows as a table in Markdown, ready to paste. */
export function referenceTable(rows: readonly LockRow[]): string {
  const head = ['Name', 'Type', 'Arch', 'Protects', 'Comment'];
  const lines = rows.map(({ name, type, arch, protects, comment }) => [
    `\`${name}\``,
    type,
    arch,
    protects,
    comment,
  ]);
  const all = [head, head.map(() => '---'), ...lines];
  return all.map((cells) => `| ${cells.map(inCell).join(' | ')} |\n`).join('');
}

const columns = ['Type', 'Arch', 'Protects', 'Comment'] as const;

/** The columns that a comment says, without those that it does not; null when it says none. */
export function lockDocOf(doc: string): Partial<Record<(typeof columns)[number], string>> | null {
  const found: Partial<Record<(typeof columns)[number], string>> = {};
  let current: (typeof columns)[number] | null = null;
  for (const line of doc.split('\n')) {
    const column = columns.find((each) => line.startsWith(`${each}:`));
    if (column !== undefined) {
      current = column;
      found[column] = line.slice(column.length + 1).trim();
    } else if (line.trim() === '') current = null;
    else if (current !== null) found[current] = `${found[current] ?? ''} ${line.trim()}`.trim();
  }
  return Object.keys(found).length === 0 ? null : found;
}

function row(name: string, lock: LockType, doc: string, loc: Loc): LockRow {
  const said = lockDocOf(doc) ?? {};
  return {
    name,
    type: said.Type ?? lock.name.replace(/^struct /, ''),
    arch: said.Arch ?? '',
    protects: said.Protects ?? '',
    comment: said.Comment ?? '',
    loc,
  };
}

interface LockField {
  readonly field: string;
  readonly lock: LockType;
}

/** Locks of a struct, those in members without a name among them. */
function lockFields({ fields }: StructType): readonly LockField[] {
  return fields.flatMap(({ name, type, anonymous }) => {
    const lock = lockTypeOf(type);
    if (lock !== null) return [{ field: name, lock }];
    return anonymous && type.kind === 'struct' ? lockFields(type) : [];
  });
}

/** The declaration of a field, if need be in the branch of a `when` that gives it this type. */
function fieldItem(
  items: readonly FieldItem[],
  name: string,
  lock: LockType,
): (FieldItem & { kind: 'field' }) | null {
  const all = items.flatMap((item) => fieldsNamed(item, name));
  return all.find(({ type }) => typeWord(type) === lock.name.replace(/^struct /, '')) ?? all[0] ?? null;
}

function fieldsNamed(item: FieldItem, name: string): (FieldItem & { kind: 'field' })[] {
  if (item.kind === 'when') return item.fields.flatMap((each) => fieldsNamed(each, name));
  if (item.name !== null) return item.name.text === name ? [item] : [];
  return item.type.kind === 'tag' ? (item.type.fields ?? []).flatMap((each) => fieldsNamed(each, name)) : [];
}

function typeWord(type: TypeExpr): string | null {
  if (type.kind === 'array') return typeWord(type.of);
  if (type.kind === 'named') return type.name;
  return type.kind === 'tag' ? (type.name?.text ?? null) : null;
}

function docAt(project: Project, loc: Loc): string {
  const range = resolveLoc(project, loc);
  const text = range === null ? undefined : project.files.get(range.uri)?.source.text;
  return range === null || text === undefined ? '' : docAbove(text, range.start);
}

function inCell(text: string): string {
  return text.replaceAll('\n', ' ').replaceAll('|', '\\|');
}
