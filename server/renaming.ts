/** What speaks against a new name: the language, another declaration, or a place where it would mean something else. */

import { isIntrinsic } from '../core/semantics/intrinsics.ts';
import { codeOf } from '../core/semantics/intrinsicsChecks.ts';
import { declaredIn } from '../core/semantics/outline.ts';
import type { SymbolKind, Use } from '../core/semantics/record.ts';
import type { FileSnapshot } from '../core/semantics/snapshot.ts';
import type { PlacedItem } from '../core/syntax/ast.ts';
import { parse, tokensOf } from '../core/syntax/parser.ts';
import { kindAt, keywordIds } from '../core/syntax/tokens.ts';
import { baseTypeNames, droppedCalls, droppedWords, leadingAnnotations } from '../core/syntax/words.ts';
import { fileOfId, isLocal, variantOf } from './names.ts';
import type { Occurrence, SymbolIndex } from './symbolIndex.ts';
import type { Workspace } from './workspace.ts';

export interface Renaming {
  readonly workspace: Workspace;
  readonly index: SymbolIndex;
  /** What stands under the cursor. */
  readonly uses: readonly Use[];
  /** Every place that is changed. */
  readonly places: readonly Occurrence[];
  readonly oldName: string;
  readonly newName: string;
}

/** A sentence without its full stop, or null when the new name is all right. */
export function objectionTo(renaming: Renaming): string | null {
  return (
    badName(renaming) ??
    missingPrefix(renaming) ??
    collision(renaming) ??
    capture(renaming) ??
    misread(renaming)
  );
}

const predefined: ReadonlySet<string> = new Set([
  'true',
  'false',
  'NULL',
  'NR_VCPUS',
  'memory_model',
  'profile',
  '__VA_ARGS__',
]);

const types: ReadonlySet<SymbolKind> = new Set(['typedef', 'struct', 'union', 'enum', 'member']);

function badName({ uses, newName }: Renaming): string | null {
  const kind = uses[0]?.symbol.kind ?? 'local';
  if (!/^[A-Za-z_]\w*$/.test(newName))
    return `'${newName}' is no name: a name has letters, digits and '_', and no digit in front`;
  if (keywordIds.has(newName)) return `'${newName}' is a keyword`;
  if (kind === 'check')
    return codeOf(newName) === null ? null : `'${newName}' is the name of a built-in check`;
  if (predefined.has(newName) || isIntrinsic(newName))
    return `'${newName}' has a meaning of its own in the language`;
  if (droppedWords.has(newName) || droppedCalls.has(newName) || leadingAnnotations.has(newName))
    return `'${newName}' is an annotation`;
  const isType = baseTypeNames.has(newName) || (newName.length > 2 && newName.endsWith('_t'));
  if (isType && !types.has(kind)) return `'${newName}' reads as the name of a type`;
  return null;
}

/** The guest calls `guest_read` by `read`. */
function missingPrefix({ workspace, places, oldName, newName }: Renaming): string | null {
  if (newName.startsWith('guest_')) return null;
  const short = places.some(
    ({ uri, start, end }) => `guest_${workspace.read(uri)?.slice(start, end)}` === oldName,
  );
  return short ? `the guest calls '${oldName}', so its name must begin with 'guest_'` : null;
}

// ---------------------------------------------------------------- another declaration

function collision({ workspace, index, uses, places, newName }: Renaming): string | null {
  const wanted = [...new Set(places.flatMap(({ ids }) => ids))]
    .filter((id) => !isLocal(id))
    .map((id) => id.slice(id.indexOf('|') + 1).replace(/[^.:]*$/, newName));
  // A value of an option hides what is called so elsewhere.
  if (uses[0]?.symbol.kind === 'value') wanted.push(`name:${newName}`);
  if (wanted.length === 0) return null;
  const files = new Set<string>();
  for (const uri of new Set(places.map((each) => each.uri)))
    for (const each of index.filesBehind(uri)) files.add(each);
  for (const id of new Set(places.flatMap(({ ids }) => ids)))
    for (const user of workspace.users(fileOfId(id))) files.add(user);
  for (const uri of files) {
    if (workspace.read(uri)?.includes(newName) !== true) continue;
    const file = workspace.file(uri);
    for (const path of file === null ? [] : wanted) {
      const [found] = file === null ? [] : declaredIn(file, path);
      if (found === undefined) continue;
      const { kind, container } = found.outlined;
      const where = container === null ? uri.slice(uri.lastIndexOf('/') + 1) : container;
      return `there is already ${wordFor(kind)} '${newName}' in ${where}`;
    }
  }
  return null;
}

function wordFor(kind: SymbolKind): string {
  if (kind === 'global' || kind === 'vcpu-state') return 'a variable';
  if (kind === 'primitive') return 'a function';
  return /^[aeo]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}

// ---------------------------------------------------------------- another meaning

/** A place where the new name stands already, in the same item, may come to mean what is renamed, or hide it. */
function capture(renaming: Renaming): string | null {
  const { workspace, places, newName } = renaming;
  const items = new Map<PlacedItem, FileSnapshot>();
  for (const { uri, start } of places) {
    const file = workspace.file(uri);
    const placed = file === null ? null : placedAt(file, start);
    if (file !== null && placed?.text.includes(newName) === true) items.set(placed, file);
  }
  for (const [placed, file] of items) {
    const found = captureIn(renaming, file, placed);
    if (found) return `'${newName}' already means something in ${shownItem(placed)}`;
  }
  return null;
}

function captureIn({ workspace, uses, newName }: Renaming, file: FileSnapshot, placed: PlacedItem): boolean {
  const starts = tokensNamed(file, placed, newName);
  if (starts.length === 0) return false;
  const scene = workspace.scene(file.uri);
  const recorded = scene?.record(variantOf(scene), file.uri, placed.key).uses ?? [];
  const own = spaceOf(uses[0]?.symbol.kind ?? 'local');
  return starts.some((start) => {
    const there = recorded.find((use) => use.start === start);
    const space = there === undefined ? unknownSpace(placed, start) : spaceOf(there.symbol.kind);
    if (own !== 'member') return space === own;
    // Members are told apart by their structs; but a macro replaces its parameters, and annotations look here first.
    return (
      there === undefined ||
      (space === 'name' && (placed.item.kind === 'macro' || placed.item.kind === 'type'))
    );
  });
}

function tokensNamed(file: FileSnapshot, placed: PlacedItem, name: string): readonly number[] {
  const tokens = tokensOf(file.source);
  const found: number[] = [];
  const end = placed.offset + placed.text.length;
  let low = 0;
  let high = tokens.count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tokens.starts[middle] ?? 0) < placed.offset) low = middle + 1;
    else high = middle;
  }
  for (let index = low; index < tokens.count; index++) {
    const start = tokens.starts[index] ?? 0;
    if (start >= end) break;
    const isName = kindAt(tokens, index) === 'identifier' && tokens.ends[index] === start + name.length;
    if (isName && tokens.text.startsWith(name, start)) found.push(start - placed.offset);
  }
  return found;
}

type Space = 'name' | 'member' | 'tag' | 'label' | 'check' | 'event' | 'actor';

function spaceOf(kind: SymbolKind): Space {
  switch (kind) {
    case 'member':
    case 'label':
    case 'check':
    case 'event':
    case 'actor':
      return kind;
    case 'struct':
    case 'union':
    case 'enum':
      return 'tag';
    default:
      return 'name';
  }
}

/** What a name that means nothing would be. */
function unknownSpace({ text }: PlacedItem, start: number): Space {
  const before = text.slice(0, start).trimEnd();
  if (/(?:\.|->)$/.test(before)) return 'member';
  if (/\b(?:struct|union|enum)$/.test(before)) return 'tag';
  return /\bgoto$/.test(before) ? 'label' : 'name';
}

function placedAt({ source }: FileSnapshot, offset: number): PlacedItem | null {
  return source.items.findLast((each) => each.offset <= offset) ?? null;
}

function shownItem({ key }: PlacedItem): string {
  const [kind = '', name = ''] = key.split(':');
  return /^\d*$/.test(name) ? `this '${kind}'` : `'${name}'`;
}

// ---------------------------------------------------------------- another syntax

/** Files that are parsed with a new name that the grammar may know as a word. */
const mostParsed = 32;

/** The text with the new name has no more errors, and the same items. Words of the grammar are short. */
function misread({ workspace, places, oldName, newName }: Renaming): string | null {
  if (!/^[a-z_]{2,10}$/.test(newName)) return null;
  const byFile = new Map<string, Occurrence[]>();
  for (const place of places) {
    const list = byFile.get(place.uri);
    if (list === undefined) byFile.set(place.uri, [place]);
    else list.push(place);
  }
  for (const [uri, list] of [...byFile].slice(0, mostParsed)) {
    const file = workspace.file(uri);
    if (file === null) continue;
    const { source } = file;
    let text = '';
    let at = 0;
    for (const { start, end } of list) {
      const isShort = end - start === oldName.length - 'guest_'.length;
      text += source.text.slice(at, start) + (isShort ? newName.slice('guest_'.length) : newName);
      at = end;
    }
    const after = parse(uri, text + source.text.slice(at), source);
    const same =
      after.errors.length === source.errors.length &&
      after.items.length === source.items.length &&
      after.items.every(({ item }, index) => item.kind === source.items[index]?.item.kind);
    if (!same)
      return `'${newName}' would be read as something else in ${uri.slice(uri.lastIndexOf('/') + 1)}`;
  }
  return null;
}
