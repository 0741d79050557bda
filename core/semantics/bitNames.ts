/**
 * Names of bits: object-like macros that stand in one block of a file, without an empty line between them, and whose
 * values are bits or fields of a word, are the layout of that word.
 */

import type { Expression, MacroItem } from '../syntax/ast.ts';
import { Context } from './context.ts';
import type { Environment, MacroDeclaration } from './environment.ts';
import { checkConstant } from './integers.ts';
import type { Project } from './snapshot.ts';

export interface BitName {
  readonly name: string;
  readonly mask: bigint;
}

/** In order of declaration. */
export type BitLayout = readonly BitName[];

/** What may be said of the bits of an expression's value. */
export interface BitNames {
  readonly layouts: readonly BitLayout[];
  /** Names that stand in the expression or in the macros that it uses. */
  readonly mentioned: ReadonlySet<string>;
}

export const noBitNames: BitNames = { layouts: [], mentioned: new Set() };

/** The layouts that an expression speaks of; branches that the variant leaves out are passed over. */
export function bitNamesOf(project: Project, cx: Context, expression: Expression): BitNames {
  const found = new Set<BitLayout>();
  const seen = new Set<string>();
  const look = (root: Expression): void => {
    for (const name of namesIn(cx, root)) {
      if (seen.has(name) || cx.scope.find(name, null) !== null) continue;
      seen.add(name);
      const declaration = cx.env.names.get(name);
      if (declaration?.kind !== 'macro') continue;
      const layout = layoutAround(project, cx.env, declaration);
      if (layout !== null) found.add(layout);
      const { body } = declaration.item;
      if (body.kind === 'expression') look(body.value);
    }
  };
  look(expression);
  return { layouts: [...found], mentioned: seen };
}

/** `value` in names: bits that are set, fields with their values, each bit once, those that are mentioned first. `rest` has no name. */
export function decode(
  value: bigint,
  { layouts, mentioned }: BitNames,
): {
  readonly parts: readonly { readonly name: string; readonly value: bigint | null }[];
  readonly rest: bigint;
} {
  const parts: { name: string; value: bigint | null }[] = [];
  let rest = value;
  const all = layouts.flat();
  const order = [
    ...all.filter(({ name }) => mentioned.has(name)),
    ...all.filter(({ name, mask }) => !mentioned.has(name) && !isWide(mask)),
    ...all.filter(({ name, mask }) => !mentioned.has(name) && isWide(mask)),
  ];
  for (const { name, mask } of order) {
    const inside = rest & mask;
    if (inside === 0n) continue;
    rest &= ~mask;
    const isField = mask !== inside || isWide(mask);
    parts.push({ name, value: isField ? inside >> lowestBit(mask) : null });
  }
  return { parts, rest };
}

/** `0, 5-10, 63` for the bits that are set. */
export function bitPositions(value: bigint): string {
  const runs: string[] = [];
  for (let bit = 0; bit < 64; bit++) {
    if (((value >> BigInt(bit)) & 1n) === 0n) continue;
    const first = bit;
    while (bit < 63 && ((value >> BigInt(bit + 1)) & 1n) === 1n) bit++;
    runs.push(first === bit ? `${first}` : `${first}-${bit}`);
  }
  return runs.join(', ');
}

const layouts = new WeakMap<Environment, Map<string, BitLayout | null>>();

/** The block of bits that a macro belongs to; null when it is none. */
export function layoutAround(
  project: Project,
  env: Environment,
  declaration: MacroDeclaration,
): BitLayout | null {
  let known = layouts.get(env);
  if (known === undefined) {
    known = new Map();
    layouts.set(env, known);
  }
  const key = `${declaration.home.uri} ${declaration.name}`;
  const kept = known.get(key);
  if (kept !== undefined) return kept;
  const block = blockAround(project, declaration);
  const named = block.flatMap((item) => {
    const mask = maskOf(env, item);
    return mask === null ? [] : [{ name: item.name.text, mask }];
  });
  const layout = named.length >= 2 && named.some(({ name }) => name === declaration.name) ? named : null;
  for (const item of block) known.set(`${declaration.home.uri} ${item.name.text}`, layout);
  known.set(key, layout);
  return layout;
}

/** Macros around this one, with no empty line and nothing else between. */
function blockAround(project: Project, { home, name }: MacroDeclaration): readonly MacroItem[] {
  const file = project.files.get(home.uri);
  const items = file?.source.items ?? [];
  const index = items.findIndex(({ item }) => item.kind === 'macro' && item.name.text === name);
  const joins = (at: number): boolean => {
    const a = items[at];
    const b = items[at + 1];
    if (file === undefined || a?.item.kind !== 'macro' || b?.item.kind !== 'macro') return false;
    const between = file.source.text.slice(a.offset + a.item.end, b.offset + b.item.start);
    return !/\n\s*\n/.test(between);
  };
  let first = index;
  while (first > 0 && joins(first - 1)) first--;
  let last = index;
  while (index >= 0 && joins(last)) last++;
  return items
    .slice(Math.max(0, first), last + 1)
    .flatMap(({ item }) => (item.kind === 'macro' ? [item] : []));
}

/** The bits of a macro that is written as such: by a shift, a mask of other macros, or a wide number. */
function maskOf(env: Environment, { name, params, body }: MacroItem): bigint | null {
  if (params !== null || body.kind !== 'expression' || !isBits(body.value)) return null;
  const declaration = env.names.get(name.text);
  if (declaration?.kind !== 'macro') return null;
  const cx = new Context(env, declaration.home, [], null);
  const e: Expression = { kind: 'name', name, start: name.start, end: name.end };
  const value = checkConstant(cx, e, 'a bit')?.value;
  if (value === undefined) return null;
  const mask = BigInt.asUintN(64, value);
  return mask === 0n ? null : mask;
}

function isBits(e: Expression): boolean {
  switch (e.kind) {
    case 'number':
      return e.suffix !== '';
    case 'binary':
      return (
        e.operator === '<<' ||
        ((e.operator === '|' || e.operator === '&') && (isBits(e.left) || isBits(e.right)))
      );
    case 'conditional':
      return isBits(e.otherwise);
    default:
      return false;
  }
}

function isWide(mask: bigint): boolean {
  return (mask & (mask - 1n)) !== 0n;
}

function lowestBit(mask: bigint): bigint {
  let bit = 0n;
  while (((mask >> bit) & 1n) === 0n) bit++;
  return bit;
}

function namesIn(cx: Context, e: Expression): readonly string[] {
  switch (e.kind) {
    case 'name':
      return [e.name.text];
    case 'unary':
    case 'postfix':
    case 'cast':
      return namesIn(cx, e.value);
    case 'binary':
    case 'comma':
      return [...namesIn(cx, e.left), ...namesIn(cx, e.right)];
    case 'conditional': {
      const condition = checkConstant(new Context(cx.env, cx.home, [], null), e.condition, 'a condition');
      const branches =
        condition === null ? [e.then, e.otherwise] : [condition.value === 0n ? e.otherwise : e.then];
      return branches.flatMap((branch) => (branch === null ? [] : namesIn(cx, branch)));
    }
    case 'call':
      return [
        ...namesIn(cx, e.callee),
        ...e.args.flatMap((arg) => (arg.kind === 'type' || arg.kind === 'block' ? [] : namesIn(cx, arg))),
      ];
    default:
      return [];
  }
}
