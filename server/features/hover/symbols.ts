/** What is said of a name, by what it means. */

import type { Environment } from '../../../core/semantics/environment.ts';
import { docOf, fileOf } from '../../../core/semantics/record.ts';
import { textAt } from '../../../core/semantics/snapshot.ts';
import type { SymbolRef } from '../../../core/semantics/symbols.ts';
import { typeName } from '../../../core/semantics/typeName.ts';
import { type Field, type StructType, sizeOf, type Type } from '../../../core/semantics/types.ts';
import { fileLabel, inLine, withName } from '../../describe.ts';
import { declarationsOf } from '../../names.ts';
import type { Scene } from '../../scene.ts';
import { namedValue } from './constants.ts';

/** A declaration as code, and what follows it, as Markdown. */
export interface Described {
  /** In this variant. */
  readonly type: Type | null;
  readonly code: string;
  readonly parts: readonly string[];
  readonly doc: string;
}

export function describeSymbol(scene: Scene, env: Environment, symbol: SymbolRef): Described {
  const type = typeIn(env, symbol);
  const shown = alternative(scene, symbol, type);
  const doc = docOf(scene.project, shown);
  const from = fileOf(symbol);
  const where = from === scene.uri || from === '' ? [] : [`*${fileLabel(from)}*`];
  return { type, code: codeOf(scene, shown), parts: [...factsOf(scene, env, symbol), ...where], doc };
}

/** A member under a `when` may have several types: the one that this variant has. */
function typeIn(env: Environment, { kind, name, type, container }: SymbolRef): Type | null {
  const struct = kind === 'member' ? structNamed(env, container) : null;
  const found = struct === null ? null : placeOf(struct, name, 0);
  return found?.field.type ?? type;
}

/** The declaration that has this lock type, where there are several. */
function alternative(scene: Scene, symbol: SymbolRef, type: Type | null): SymbolRef {
  const lock = symbol.kind === 'member' && type?.kind === 'struct' ? type.lock : null;
  if (lock === null || textAt(scene.project, symbol.whole).includes(lock.name)) return symbol;
  const found = declarationsOf(scene, symbol).find(({ placed, outlined }) =>
    placed.text.slice(outlined.whole.start, outlined.whole.end).includes(lock.name),
  );
  if (found === undefined) return symbol;
  const { uri, placed, outlined } = found;
  return { ...symbol, whole: { uri, item: placed.key, ...outlined.whole, macro: null } };
}

function codeOf(scene: Scene, symbol: SymbolRef): string {
  const { kind, name, type, whole, container } = symbol;
  const written = textAt(scene.project, whole);
  switch (kind) {
    case 'local':
    case 'parameter':
      return type === null ? name : withName(type, name);
    case 'member':
      return `${container === null ? '' : `${container}: `}${inLine(written).replace(/;$/, '')}`;
    case 'macro':
      return cut(written);
    case 'struct':
    case 'union':
    case 'enum':
      return type === null ? `${kind} ${name}` : typeName(type);
    case 'label':
      return `${name}:`;
    case 'value':
      return `${container ?? ''}: ${name}`;
    case 'check':
    case 'function':
    case 'primitive':
    case 'global':
      return inLine(written).replace(/;$/, '') || name;
    default:
      return cut(written.trim()).replace(/;$/, '') || name;
  }
}

/** Lines of a macro that are shown. */
const mostLines = 15;

function cut(text: string): string {
  const lines = text.split('\n');
  return lines.length <= mostLines ? text : [...lines.slice(0, mostLines), '…'].join('\n');
}

function factsOf(scene: Scene, env: Environment, symbol: SymbolRef): readonly string[] {
  const { kind, name, type, container } = symbol;
  switch (kind) {
    case 'primitive':
      return ['A primitive: its body is one step, or as many as `step;` divides it into.'];
    case 'global': {
      const value = namedValue(scene, env, name);
      return value ?? [];
    }
    case 'macro':
    case 'enumerator':
    case 'setting':
      return namedValue(scene, env, name) ?? [];
    case 'option': {
      const declaration = env.names.get(name);
      return declaration?.kind === 'option' ? [`One variant for each of ${listed(declaration.values)}.`] : [];
    }
    case 'struct':
    case 'union':
      return type?.kind === 'struct' ? [layoutTable(type)] : [];
    case 'enum':
      return type?.kind === 'int' && type.enumerators !== null
        ? [[...type.enumerators].map(([each, value]) => `\`${each}\` = ${value}`).join(', ')]
        : [];
    case 'member': {
      const struct = structNamed(env, container);
      const found = struct === null ? null : placeOf(struct, name, 0);
      return found === null ? [] : [`${placeText(found)} of ${struct?.size ?? 0} bytes`];
    }
    default:
      return [];
  }
}

function listed(values: readonly string[]): string {
  return values.map((each) => `\`${each}\``).join(', ');
}

// ---------------------------------------------------------------- layout

interface Placed {
  readonly field: Field;
  readonly offset: number;
}

function structNamed(env: Environment, container: string | null): StructType | null {
  const match = /^(?:struct|union) (.+)$/.exec(container ?? '');
  return match === null ? null : (env.structs.get(match[1] ?? '')?.type ?? null);
}

function placeOf(struct: StructType, name: string, base: number): Placed | null {
  for (const field of struct.fields) {
    if (!field.anonymous && field.name === name) return { field, offset: base + field.offset };
    if (field.anonymous && field.type.kind === 'struct') {
      const inner = placeOf(field.type, name, base + field.offset);
      if (inner !== null) return inner;
    }
  }
  return null;
}

/** `offset 8, 4 bytes`, `offset 8, bit 3`. */
function placeText({ field: { bits, type }, offset }: Placed): string {
  if (bits === null) return `offset ${offset}, ${count(sizeOf(type), 'byte')}`;
  const last = bits.shift + bits.width - 1;
  return bits.width === 1
    ? `offset ${offset}, bit ${bits.shift}`
    : `offset ${offset}, bits ${bits.shift} to ${last}`;
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}

/** Rows of a table that are shown. */
const mostRows = 40;

function layoutTable(struct: StructType): string {
  const rows = rowsOf(struct, 0);
  const head = `${count(struct.size, 'byte')}, aligned to ${struct.align}`;
  if (rows.length === 0) return head;
  const shown = rows.slice(0, mostRows).map(({ field, offset }) => {
    const { bits, type, name } = field;
    const at = bits === null ? `${offset}` : `${offset}:${bits.shift}`;
    const size = bits === null ? `${sizeOf(type)}` : `${bits.width} bit${bits.width === 1 ? '' : 's'}`;
    return `| ${at} | ${size} | \`${withName(type, name)}\` |`;
  });
  const more = rows.length > mostRows ? [`\n… and ${rows.length - mostRows} more`] : [];
  return [head, '', '| offset | size | member |', '|--:|--:|:--|', ...shown, ...more].join('\n');
}

/** Members of anonymous members among the others; padding has no name and no row. */
function rowsOf(struct: StructType, base: number): readonly Placed[] {
  return struct.fields.flatMap((field) => {
    const offset = base + field.offset;
    if (field.anonymous && field.type.kind === 'struct') return rowsOf(field.type, offset);
    return field.name === '' ? [] : [{ field, offset }];
  });
}
