/** Options, and settings of names, compared with their values: the names are looked up in the option. */

import type { Expression, Span } from '../syntax/ast.ts';
import { type Context, plainName } from './context.ts';
import { constant } from './conversions.ts';
import type { OptionDeclaration, SettingDeclaration } from './environment.ts';
import { checkValue } from './expressions.ts';
import type { Expr } from './hir.ts';
import { didYouMean } from './nearest.ts';
import { visibleNames } from './names.ts';

export type Choice = (OptionDeclaration | SettingDeclaration) & { readonly values: readonly string[] };

/** Both sides of a comparison when one of them is an option; undefined when none is. */
export function checkOptionOperands(
  cx: Context,
  operator: string,
  left: Expression,
  right: Expression,
): { readonly left: Expr | null; readonly right: Expr | null } | undefined {
  const leftChoice = choiceOf(cx, left);
  const rightChoice = choiceOf(cx, right);
  if (leftChoice === null && rightChoice === null) return undefined;
  if (leftChoice !== null && rightChoice !== null && leftChoice.name !== rightChoice.name) {
    // `lock == read` where both options and values are called so: the value wins.
    const name = plainName(cx, right);
    if (name === null || !leftChoice.values.includes(name.text)) {
      cx.report(
        'bad-option',
        right,
        `'${leftChoice.name}' and '${rightChoice.name}' are different options and cannot be compared by '${operator}'`,
      );
      return { left: null, right: null };
    }
  }
  const choice = leftChoice ?? rightChoice;
  if (choice === null) return undefined;
  return leftChoice !== null
    ? { left: checkValue(cx, left), right: checkChoiceValue(cx, right, choice) }
    : { left: checkChoiceValue(cx, left, choice), right: checkValue(cx, right) };
}

/** The option or setting that an expression names, perhaps by way of macro parameters and object-like macros. */
export function choiceOf(cx: Context, expression: Expression): Choice | null {
  const name = plainName(cx, expression);
  if (name === null || cx.scope.find(name.text, name.frame) !== null) return null;
  const declaration = cx.name(name.text);
  if (declaration?.kind === 'option') return declaration;
  if (declaration?.kind === 'setting' && declaration.values !== null)
    return { ...declaration, values: declaration.values };
  if (
    declaration?.kind === 'macro' &&
    declaration.item.params === null &&
    declaration.item.body.kind === 'expression'
  ) {
    const inner = declaration.item.body.value;
    const next = inner.kind === 'name' ? cx.name(inner.name.text) : undefined;
    return next?.kind === 'option' ? next : null;
  }
  return null;
}

/** An expression compared with an option: a name is one of its values first. */
export function checkChoiceValue(cx: Context, expression: Expression, choice: Choice): Expr | null {
  const name = plainName(cx, expression);
  if (name === null) return checkValue(cx, expression);
  const index = choice.values.indexOf(name.text);
  if (index >= 0) {
    cx.used(name, { kind: 'value', of: choice });
    return constant(BigInt(index), choice.type, cx.loc(expression));
  }
  const known = cx.scope.find(name.text, name.frame) !== null || cx.name(name.text) !== undefined;
  if (known) return checkValue(cx, expression);
  const span: Span = name.span;
  const what = choice.kind === 'option' ? 'option' : 'setting';
  const near = didYouMean(name.text, choice.values) || didYouMean(name.text, visibleNames(cx));
  cx.inFrame(name.frame, () =>
    cx.report('bad-option', span, `${what} '${choice.name}' has no value '${name.text}'${near}`),
  );
  return null;
}
