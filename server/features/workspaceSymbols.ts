/** Declarations of the workspace and the library by a part of their name. */

import { LSPErrorCodes, ResponseError } from 'vscode-languageserver';
import { SymbolKind, type WorkspaceSymbol } from 'vscode-languageserver-types';
import { importName } from '../../core/semantics/imports.ts';
import { outlineOf } from '../../core/semantics/outline.ts';
import type { SymbolKind as CoreKind } from '../../core/semantics/record.ts';
import type { FileSnapshot } from '../../core/semantics/snapshot.ts';
import { internalError, pause } from '../answers.ts';
import type { Feature } from '../feature.ts';
import { shownUri } from '../names.ts';
import { toRange } from '../positions.ts';
import { libraryFiles } from '../symbolIndex.ts';
import type { Workspace } from '../workspace.ts';

/** An editor filters what it got while more letters are typed. */
const most = 500;

export const workspaceSymbols: Feature = {
  capabilities: { workspaceSymbolProvider: true },
  register(connection, { workspace }) {
    connection.onWorkspaceSymbol(async ({ query }, token) => {
      await pause();
      if (token.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
      try {
        return symbolsLike(workspace, typeof query === 'string' ? query : '');
      } catch (error) {
        throw internalError(error, connection.console);
      }
    });
  },
};

/** The best matches first: the letters of the query stand in the name in this order, whatever their case. */
export function symbolsLike(workspace: Workspace, query: string): WorkspaceSymbol[] {
  const wanted = query.toLowerCase().replace(/\s/g, '');
  const found: { readonly score: number; readonly entry: Entry; readonly file: FileSnapshot }[] = [];
  for (const uri of [...workspace.files(), ...libraryFiles(workspace)]) {
    const file = workspace.file(uri);
    for (const entry of file === null ? [] : entriesOf(file)) {
      const score = scoreOf(entry.lower, wanted);
      if (score >= 0 && file !== null) found.push({ score, entry, file });
    }
  }
  found.sort((a, b) => a.score - b.score || a.entry.lower.length - b.entry.lower.length);
  return found.slice(0, most).map(({ entry, file }) => ({
    name: entry.name,
    kind: kinds[entry.kind],
    containerName: entry.container ?? importName(file.uri).replace(/^.*:.*\//, ''),
    location: { uri: shownUri(workspace, file.uri), range: toRange(file, entry.start, entry.end) },
  }));
}

interface Entry {
  readonly name: string;
  readonly lower: string;
  readonly kind: CoreKind;
  readonly container: string | null;
  readonly start: number;
  readonly end: number;
}

const known = new WeakMap<FileSnapshot, readonly Entry[]>();

function entriesOf(file: FileSnapshot): readonly Entry[] {
  let entries = known.get(file);
  if (entries === undefined) {
    entries = file.source.items.flatMap((placed) =>
      outlineOf(placed)
        .filter(({ kind }) => kind !== 'label')
        .map(({ name, kind, container }) => ({
          name: name.text,
          lower: name.text.toLowerCase(),
          kind,
          container,
          start: placed.offset + name.start,
          end: placed.offset + name.end,
        })),
    );
    known.set(file, entries);
  }
  return entries;
}

/** Smaller is better; negative for no match. A beginning is better than the beginning of a word, and that than the rest. */
function scoreOf(name: string, wanted: string): number {
  if (name === wanted) return 0;
  if (name.startsWith(wanted)) return 1;
  const at = name.indexOf(wanted);
  if (at >= 0) return name[at - 1] === '_' ? 2 : 3;
  let from = 0;
  let gaps = 0;
  for (const letter of wanted) {
    const next = name.indexOf(letter, from);
    if (next < 0) return -1;
    if (next > from && name[next - 1] !== '_') gaps++;
    from = next + 1;
  }
  return 4 + gaps;
}

const kinds: Readonly<Record<CoreKind, SymbolKind>> = {
  function: SymbolKind.Function,
  primitive: SymbolKind.Function,
  global: SymbolKind.Variable,
  'vcpu-state': SymbolKind.Array,
  pool: SymbolKind.Array,
  local: SymbolKind.Variable,
  parameter: SymbolKind.Variable,
  struct: SymbolKind.Struct,
  union: SymbolKind.Struct,
  enum: SymbolKind.Enum,
  enumerator: SymbolKind.EnumMember,
  member: SymbolKind.Field,
  typedef: SymbolKind.TypeParameter,
  macro: SymbolKind.Constant,
  option: SymbolKind.Enum,
  value: SymbolKind.EnumMember,
  setting: SymbolKind.Constant,
  actor: SymbolKind.Class,
  event: SymbolKind.Event,
  label: SymbolKind.Key,
  check: SymbolKind.Property,
};
