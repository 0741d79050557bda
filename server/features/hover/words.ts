/** Which bits a word has, by what the code does with it. */

import { type BitLayout, bitNamesOf, bitPositions } from '../../../core/semantics/bitNames.ts';
import { Context } from '../../../core/semantics/context.ts';
import type { Environment } from '../../../core/semantics/environment.ts';
import { itemAt } from '../../../core/semantics/record.ts';
import type { SymbolRef } from '../../../core/semantics/symbols.ts';
import { eachSyntax } from '../../../core/semantics/syntaxWalk.ts';
import type { Expression, Item } from '../../../core/syntax/ast.ts';
import type { Scene } from '../../scene.ts';

/** Functions that the word is handed on to, one from another. */
const deepest = 2;
/** Layouts that are shown. */
const mostLayouts = 4;

/**
 * The names of the bits of a variable or member, one line for each layout: those that the code around, or a function
 * that it hands the word to, tests or sets in it. Empty for what is no word, or none with named bits.
 */
export function wordBits(
  scene: Scene,
  env: Environment,
  symbol: SymbolRef,
  offset: number,
): readonly string[] {
  const { kind, name, type } = symbol;
  const word = type?.kind === 'pointer' ? type.to : type;
  if (!words.has(kind) || word?.kind !== 'int' || word.bits !== 64) return [];
  const placed = itemAt(scene.project, scene.uri, offset);
  if (placed === null) return [];
  const cx = new Context(env, { uri: scene.uri, item: placed.key, text: placed.text }, [], null);
  const found = new Set<BitLayout>();
  collect(scene, cx, placed.item, name, deepest, found);
  return [...found]
    .slice(0, mostLayouts)
    .map(
      (layout) => `Bits: ${layout.map((each) => `\`${each.name}\` (${bitPositions(each.mask)})`).join(', ')}`,
    );
}

const words: ReadonlySet<string> = new Set(['local', 'parameter', 'global', 'member']);

function collect(
  scene: Scene,
  cx: Context,
  item: Item,
  name: string,
  depth: number,
  found: Set<BitLayout>,
): void {
  eachSyntax(item, (node) => {
    if (node.kind === 'binary' && bitwise.has(node.operator)) {
      const other = isWord(node.left, name) ? node.right : isWord(node.right, name) ? node.left : null;
      if (other !== null) for (const each of bitNamesOf(scene.project, cx, other).layouts) found.add(each);
    } else if (node.kind === 'assign' && bitwiseAssign.has(node.operator) && isWord(node.target, name)) {
      for (const each of bitNamesOf(scene.project, cx, node.value).layouts) found.add(each);
    } else if (node.kind === 'call' && 'callee' in node && node.callee.kind === 'name' && depth > 0) {
      const callee = cx.env.names.get(node.callee.name.text);
      const index = node.args.findIndex(
        (arg) => arg.kind !== 'type' && arg.kind !== 'block' && isWord(arg, name),
      );
      if (callee?.kind !== 'function' || index < 0) return;
      const param = callee.item.params[index]?.name?.text;
      if (param !== undefined) collect(scene, cx, callee.item, param, depth - 1, found);
    }
  });
}

const bitwise: ReadonlySet<string> = new Set(['&', '|', '^', '==', '!=']);
const bitwiseAssign: ReadonlySet<string> = new Set(['&=', '|=', '^=']);

/** `x`, `p->x`, `READ_ONCE(*x)`. */
function isWord(e: Expression, name: string): boolean {
  switch (e.kind) {
    case 'name':
    case 'member':
      return e.name.text === name;
    case 'unary':
      return (e.operator === '*' || e.operator === '~') && isWord(e.value, name);
    default:
      return false;
  }
}
