/** How views show a state: lines with values, lines below lines, and the memory that a line is about. */

import { isScalar, voidType } from './conversions.ts';
import type { Checked } from './context.ts';
import type { Expr } from './hir.ts';
import { intrinsic, type IntrinsicRule, reportAt, type Use, valueAt } from './intrinsics.ts';
import { textAt } from './intrinsicsChecks.ts';
import { typeName } from './typeName.ts';

/** Values that one line may have. */
const mostValues = 12;

export const showIntrinsics: readonly (readonly [string, IntrinsicRule])[] = [
  ['show_line', { least: 1, most: 1 + mostValues, check: (use) => line(use, 'value') }],
  ['show_begin', { least: 1, most: 1 + mostValues, check: (use) => line(use, 'begin') }],
  ['show_end', { least: 0, most: 0, check: (use) => intrinsic(use, { op: 'show-end' }, voidType) }],
  ['show_at', { least: 1, most: 1, check: at }],
];

/** `show_line("root {} with {} users", sp, count)`: each `{}` stands for a value. */
function line(use: Use, how: 'value' | 'begin'): Checked | null {
  const text = textAt(use, 0);
  if (text === null) return reportAt(use, 0, 'wrong-arguments', `'${use.name}' needs its text in quotes`);
  const values: Expr[] = [];
  for (let index = 1; index < use.args.length; index++) {
    const value = valueAt(use, index);
    if (value === null) return null;
    if (!isScalar(value.type))
      return reportAt(
        use,
        index,
        'type-mismatch',
        `argument ${index + 1} of '${use.name}': expected a number or a pointer, found '${typeName(value.type)}'`,
      );
    values.push(value);
  }
  const places = text.split('{}').length - 1;
  if (places !== values.length)
    return reportAt(
      use,
      0,
      'wrong-arguments',
      `the text has ${places} times '{}', and ${values.length} ${values.length === 1 ? 'value follows' : 'values follow'}`,
    );
  return intrinsic(use, { op: 'show', how, text, values }, voidType);
}

function at(use: Use): Checked | null {
  const pointer = valueAt(use, 0);
  if (pointer === null) return null;
  if (pointer.type.kind !== 'pointer')
    return reportAt(
      use,
      0,
      'type-mismatch',
      `argument 1 of 'show_at': expected the address of what is shown, found '${typeName(pointer.type)}'`,
    );
  return intrinsic(use, { op: 'show-at', pointer }, voidType);
}
