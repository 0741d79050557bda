/** Members behind `.` and `->`, and designators. */

import { CompletionItemKind } from 'vscode-languageserver';
import type { PathStep } from '../../../core/semantics/cursor.ts';
import type { Context } from '../../../core/semantics/context.ts';
import { checkExpression, typeOfChecked } from '../../../core/semantics/expressions.ts';
import { fieldNames, findField } from '../../../core/semantics/structs.ts';
import { resolveType } from '../../../core/semantics/typeExpressions.ts';
import type { StructType, Type } from '../../../core/semantics/types.ts';
import type { Expression, InitializerList, TypeExpr } from '../../../core/syntax/ast.ts';
import { withName } from '../../describe.ts';
import { type Offer, ranks } from './offer.ts';
import type { Wanted } from './wanted.ts';

/** `operatorStart`: where the `.` or `->` stands. */
export function membersOf(
  cx: Context,
  of: Expression & { readonly kind: 'member' },
  wanted: Wanted,
  operatorStart: number,
): Offer[] {
  const checked = checkExpression(cx, of.object);
  if (checked === null) return [];
  const type = typeOfChecked(checked);
  const pointee = type.kind === 'pointer' ? type.to : null;
  const struct = pointee?.kind === 'struct' ? pointee : type.kind === 'struct' ? type : null;
  if (struct === null) return [];
  const right = pointee !== null;
  const fix =
    right === of.arrow
      ? {}
      : {
          fix: {
            start: operatorStart,
            end: operatorStart + (of.arrow ? 2 : 1),
            text: right ? '->' : '.',
          },
        };
  return fieldsOf(struct, wanted).map((offer) => ({ ...offer, ...fix }));
}

function fieldsOf(struct: StructType, wanted: Wanted): Offer[] {
  return [...fieldNames(struct)].flatMap((name, index) => {
    const field = findField(struct, name)?.at(-1);
    if (field === undefined || name === '') return [];
    const width = field.bits === null ? '' : ` : ${field.bits.width}`;
    return [
      {
        label: name,
        kind: CompletionItemKind.Field,
        rank: leadsTo(field.type, wanted, 3) ? ranks.wanted : ranks.member,
        order: String(index).padStart(4, '0'),
        detail: `${withName(field.type, name)}${width}`,
        about: { name, of: struct.name },
      },
    ];
  });
}

/** Whether this is what is wanted, or has it inside. */
function leadsTo(type: Type, wanted: Wanted, depth: number): boolean {
  if (wanted.kind !== 'lock' || depth === 0) return false;
  const inner = type.kind === 'array' ? type.of : type.kind === 'pointer' ? type.to : type;
  if (inner.kind !== 'struct') return false;
  if (inner.lock !== null) return wanted.lock === null || wanted.lock === inner;
  return type.kind !== 'pointer' && inner.fields.some((field) => leadsTo(field.type, wanted, depth - 1));
}

/** Fields that a list of initial values may name. */
export function designators(cx: Context, path: readonly PathStep[], list: InitializerList): Offer[] {
  const type = listType(cx, path, list);
  return type?.kind === 'struct' ? fieldsOf(type, { kind: 'any' }) : [];
}

function listType(cx: Context, path: readonly PathStep[], list: InitializerList): Type | null {
  let type: Type | null = null;
  let around: InitializerList | null = null;
  for (const { node, field } of path) {
    const declared = 'type' in node && 'init' in node ? (node.type as TypeExpr) : null;
    if (declared !== null) type = resolveType(cx, declared);
    if (!('kind' in node) || node.kind !== 'list') continue;
    const here = node as InitializerList;
    if (around !== null && field === 'entries') type = entryType(around, here, type);
    around = here;
    if (here === list) return type;
  }
  return null;
}

function entryType(around: InitializerList, inner: InitializerList, type: Type | null): Type | null {
  const index = around.entries.findIndex(({ value }) => value === inner);
  const designated = around.entries[index]?.designators ?? [];
  if (designated.length === 0) {
    if (type?.kind === 'array') return type.of;
    return type?.kind === 'struct' ? (type.fields[index]?.type ?? null) : null;
  }
  let found = type;
  for (const each of designated) {
    if (found === null) return null;
    if ('index' in each) found = found.kind === 'array' ? found.of : null;
    else found = found.kind === 'struct' ? (findField(found, each.field.text)?.at(-1)?.type ?? null) : null;
  }
  return found;
}
