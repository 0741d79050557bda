/** Uses of macros: binding arguments, and what a body may do with them. */

import type { Argument, Expression, Span, Statement } from '../syntax/ast.ts';
import type { Context } from './context.ts';
import type { MacroDeclaration } from './environment.ts';
import type { BoundArgument, Frame } from './scope.ts';

/** A body may not expand to more than this many uses: arguments that are used twice double at every level. */
const expansionLimit = 20_000;
const nestingLimit = 100;

/**
 * The frame for one use of a macro, in the current frame; `args` null when it is used without parentheses.
 * null when the arguments do not fit or the macro uses itself, which is reported. `body` is the statement behind
 * the head of a loop.
 */
export function openMacro(
  cx: Context,
  declaration: MacroDeclaration,
  args: readonly Argument[] | null,
  use: Span,
  body: Statement | null = null,
): Frame | null {
  const macro = declaration.item;
  const params = macro.params;
  if ((args === null) !== (params === null)) {
    const says =
      params === null
        ? 'takes no arguments'
        : `takes ${count(params.length - (macro.variadic ? 1 : 0))} in parentheses`;
    cx.report('wrong-arguments', use, `the macro '${declaration.name}' ${says}`, [
      { message: 'defined here', loc: declaration.loc },
    ]);
    return null;
  }
  let depth = 0;
  for (let frame = cx.frame; frame !== null; frame = frame.outer, depth++) {
    if (frame.macro === macro) {
      cx.report('bad-declaration', use, `the macro '${declaration.name}' uses itself`, [
        { message: 'defined here', loc: declaration.loc },
      ]);
      return null;
    }
  }
  if (depth > nestingLimit || cx.expansions++ > expansionLimit) {
    if (cx.expansions <= expansionLimit + 2)
      cx.report('program-too-large', use, 'macros expand to too much code here');
    return null;
  }
  const bound = bind(cx, declaration, params?.map((param) => param.text) ?? [], flatten(cx, args ?? []), use);
  if (bound === null) return null;
  return {
    id: cx.expansions,
    macro,
    home: declaration.home,
    args: bound.args,
    rest: bound.rest,
    use: cx.loc(use),
    outer: cx.frame,
    body: body === null ? null : { statement: body, frame: cx.frame },
  };
}

/** Arguments of a call with `__VA_ARGS__` replaced by what it stands for. */
export function flatten(cx: Context, args: readonly Argument[]): readonly BoundArgument[] {
  return args.flatMap((argument) => {
    if (
      cx.frame !== null &&
      argument.kind === 'name' &&
      argument.name.text === '__VA_ARGS__' &&
      cx.frame.macro.variadic
    )
      return cx.frame.rest;
    return [{ argument, frame: cx.frame }];
  });
}

/** What a macro parameter stands for in the current frame; undefined when the name is no parameter. */
export function holeOf(cx: Context, expression: Expression): BoundArgument | undefined {
  if (expression.kind !== 'name') return undefined;
  return cx.frame?.args.get(expression.name.text);
}

function bind(
  cx: Context,
  declaration: MacroDeclaration,
  params: readonly string[],
  args: readonly BoundArgument[],
  use: Span,
): { args: ReadonlyMap<string, BoundArgument>; rest: readonly BoundArgument[] } | null {
  const variadic = declaration.item.variadic;
  const fixed = variadic ? params.filter((param) => param !== '...' && param !== '__VA_ARGS__') : params;
  if (args.length < fixed.length || (!variadic && args.length > fixed.length)) {
    cx.report(
      'wrong-arguments',
      use,
      `the macro '${declaration.name}' takes ${count(fixed.length)}${variadic ? ' or more' : ''}, not ${args.length}`,
      [{ message: 'defined here', loc: declaration.loc }],
    );
    return null;
  }
  const map = new Map<string, BoundArgument>();
  fixed.forEach((param, index) => {
    const argument = args[index];
    if (argument !== undefined) map.set(param, argument);
  });
  return { args: map, rest: args.slice(fixed.length) };
}

function count(n: number): string {
  return n === 1 ? '1 argument' : `${n} arguments`;
}
