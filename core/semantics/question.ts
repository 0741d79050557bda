/** An expression in the words of a scenario that is no part of it: a watch, the condition of a breakpoint. */

import { parse } from '../syntax/parser.ts';
import { newBody } from './bodies.ts';
import { type Checked, Context } from './context.ts';
import type { Environment } from './environment.ts';
import { checkExpression } from './expressions.ts';
import type { LocalVariable } from './hir.ts';
import { Scope } from './scope.ts';

export type Question =
  | { readonly kind: 'question'; readonly asked: Checked }
  /** `start` is the offset in the text that the message is about. */
  | { readonly kind: 'refused'; readonly message: string; readonly start: number };

const uri = 'question:';
const before = 'finally question: ';
/** Longer ones are not looked at. */
const longest = 4000;

/** `locals`: the names that are visible, the innermost last. What is global is seen through `env`. */
export function checkQuestion(env: Environment, text: string, locals: readonly LocalVariable[]): Question {
  if (text.trim() === '') return { kind: 'refused', message: 'there is no expression', start: 0 };
  if (text.length > longest)
    return { kind: 'refused', message: `an expression may have ${longest} characters`, start: 0 };
  const { items, errors } = parse(uri, `${before}${text}\n;`);
  const [error] = errors;
  if (error !== undefined) return refused(error.message, error.start, text);
  const [placed, second] = items;
  if (placed?.item.kind !== 'property' || second !== undefined || placed.item.unless !== null)
    return refused('one expression is expected', before.length, text);
  const home = { uri, item: placed.key, text: placed.text };
  const cx = new Context(env, home, [], newBody('the expression', 'question'));
  for (const variable of locals) {
    cx.scope = new Scope(cx.scope);
    cx.scope.declare(variable.name, null, { kind: 'local', variable });
  }
  const asked = checkExpression(cx, placed.item.condition);
  const [finding] = cx.findings;
  if (finding !== undefined) return refused(finding.message, placed.offset + finding.loc.start, text);
  return asked === null ? refused('this has no value', before.length, text) : { kind: 'question', asked };
}

function refused(message: string, offset: number, text: string): Question {
  const start = Math.max(0, Math.min(offset - before.length, text.length));
  return { kind: 'refused', message, start };
}
