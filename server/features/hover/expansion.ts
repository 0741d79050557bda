/** What a use of a macro stands for. */

import { pathAt } from '../../../core/semantics/cursor.ts';
import type { Environment } from '../../../core/semantics/environment.ts';
import { itemAt } from '../../../core/semantics/record.ts';
import type { SymbolRef } from '../../../core/semantics/symbols.ts';
import type { Span } from '../../../core/syntax/ast.ts';
import { inLine } from '../../describe.ts';
import type { Scene } from '../../scene.ts';

/** A use of a macro with its arguments put in, as text; empty for one without parameters, and where it is too long. */
export function expansionAt(scene: Scene, env: Environment, { name }: SymbolRef, start: number): string {
  const declaration = env.names.get(name);
  const placed = itemAt(scene.project, scene.uri, start);
  if (declaration?.kind !== 'macro' || declaration.item.params === null || placed === null) return '';
  const { item, home } = declaration;
  const path = pathAt(placed.item, start - placed.offset);
  const call = path.findLast(({ node }) => 'args' in node)?.node as
    | { readonly args: readonly Span[] }
    | undefined;
  if (call === undefined) return '';
  const args = call.args.map((arg) => placed.text.slice(arg.start, arg.end));
  const params = item.params?.map(({ text }) => text) ?? [];
  const rest = args.slice(params.length).join(', ');
  const head = home.text.indexOf(')', item.name.end);
  const body = inLine(home.text.slice(head + 1, item.end));
  const expanded = body.replace(/[A-Za-z_]\w*/g, (word) => {
    if (word === '__VA_ARGS__') return rest;
    const index = params.indexOf(word);
    return index < 0 ? word : (args[index] ?? word);
  });
  return expanded.length > longestExpansion ? '' : expanded;
}

const longestExpansion = 400;
