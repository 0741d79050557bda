/** Conditions that decide what belongs to a variant. */

import type { Expression } from '../syntax/ast.ts';
import type { Context } from './context.ts';
import { checkConstant } from './integers.ts';

/** Whether a condition over options, settings and constants holds; one that is no constant is reported and counts as false. */
export function foldCondition(cx: Context, condition: Expression, what: string): boolean {
  const value = checkConstant(cx, condition, `the condition of ${what}`);
  return value !== null && value.value !== 0n;
}

/** An expression in which no name occurs says nothing about the variant: `while (1)`, `if (0)`. */
export function mentionsName(expression: Expression): boolean {
  switch (expression.kind) {
    case 'number':
    case 'string':
    case 'error':
      return false;
    case 'unary':
    case 'postfix':
    case 'cast':
      return mentionsName(expression.value);
    case 'binary':
    case 'comma':
      return mentionsName(expression.left) || mentionsName(expression.right);
    default:
      return true;
  }
}
