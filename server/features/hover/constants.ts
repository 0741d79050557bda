/** Numbers: hexadecimal, decimal, by bits, and by the names that the library gives to bits. */

import {
  type BitLayout,
  type BitNames,
  bitNamesOf,
  bitPositions,
  decode,
  layoutAround,
  noBitNames,
} from '../../../core/semantics/bitNames.ts';
import { Context } from '../../../core/semantics/context.ts';
import { cursorAt, kindOf, pathAt } from '../../../core/semantics/cursor.ts';
import type { Environment } from '../../../core/semantics/environment.ts';
import { checkValue } from '../../../core/semantics/expressions.ts';
import { itemAt } from '../../../core/semantics/record.ts';
import type { Type } from '../../../core/semantics/types.ts';
import type { Expression } from '../../../core/syntax/ast.ts';
import type { Scene } from '../../scene.ts';

/** A value with what can be said of it, in lines of Markdown. */
export function valueLines(value: bigint, type: Type, names: BitNames): readonly string[] {
  const bits = type.kind === 'int' ? type.bits : 64;
  const word = BigInt.asUintN(bits, value);
  const shown = type.kind === 'int' && type.signed ? BigInt.asIntN(bits, value) : word;
  if (word < 2n && names.layouts.length === 0) return [`= \`${shown}\``];
  const lines = [`= \`0x${word.toString(16)}\` = \`${shown}\``];
  if (word > 1n) lines.push(positions(word));
  const { parts, rest } = decode(word, names);
  if (parts.length === 0) return lines;
  const named = parts.map(({ name, value: inside }) =>
    inside === null ? `\`${name}\`` : `\`${name}\`: \`0x${inside.toString(16)}\``,
  );
  const left = rest === 0n ? [] : [`without a name: ${positions(rest)}`];
  return [...lines, [...named, ...left].join(', ')];
}

function positions(word: bigint): string {
  const shown = bitPositions(word);
  return `${/^\d+$/.test(shown) ? 'bit' : 'bits'} ${shown}`;
}

/** Of a name of file scope that stands for a constant; null when it does not. */
export function namedValue(scene: Scene, env: Environment, name: string): readonly string[] | null {
  const cx = new Context(env, { uri: scene.uri, item: '', text: '' }, [], null);
  const declaration = env.names.get(name);
  if (declaration === undefined || declaration.kind === 'option') return null;
  if (declaration.kind === 'macro' && declaration.item.params !== null) return null;
  const e: Expression = { kind: 'name', name: { text: name, start: 0, end: 0 }, start: 0, end: 0 };
  const value = checkValue(cx, e);
  if (value?.kind !== 'constant' || value.type.kind !== 'int') return null;
  const own = declaration.kind === 'macro' ? layoutAround(scene.project, env, declaration) : null;
  // A bit says nothing of itself that its name does not.
  const names = own === null ? bitNamesOf(scene.project, cx, e) : noBitNames;
  const lines = valueLines(value.value, value.type, names);
  return own === null ? lines : [...lines, layoutLine(own)];
}

/** The word that a bit belongs to. */
function layoutLine(layout: BitLayout): string {
  const parts = layout.map(({ name, mask }) => `\`${name}\` (${bitPositions(mask)})`);
  return `Declared together: ${parts.join(', ')}`;
}

/** The constant expression around an offset that is no name: a number, or the operator of a larger one. */
export function constantAt(
  scene: Scene,
  env: Environment,
  offset: number,
): {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly lines: readonly string[];
} | null {
  const placed = itemAt(scene.project, scene.uri, offset);
  if (placed === null) return null;
  const at = offset - placed.offset;
  const path = pathAt(placed.item, at);
  const step = path.at(-1);
  if (step === undefined || !constantKinds.has(kindOf(step.node))) return null;
  const e = step.node as Expression;
  const { cx } = cursorAt(env, scene.uri, placed, path, at);
  const value = checkValue(cx, e);
  if (value?.kind !== 'constant' || value.type.kind !== 'int') return null;
  const text = placed.text.slice(e.start, e.end);
  const lines = valueLines(value.value, value.type, bitNamesOf(scene.project, cx, e));
  return { start: placed.offset + e.start, end: placed.offset + e.end, text, lines };
}

const constantKinds: ReadonlySet<string> = new Set([
  'number',
  'binary',
  'unary',
  'cast',
  'conditional',
  'sizeof',
]);
