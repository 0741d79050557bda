/** Statements. Each becomes a list, because some stand for nothing and some macros for several. */

import type { Block, Expression, Span, Statement } from '../syntax/ast.ts';
import { convertTo } from './assignments.ts';
import { recordArguments } from './calls.ts';
import { mentionsName } from './conditions.ts';
import { type Context, deeper } from './context.ts';
import type { MacroDeclaration } from './environment.ts';
import { enumOf } from './enums.ts';
import { eventParams } from './declarations.ts';
import { checkCondition, checkEffect, checkValue, effect } from './expressions.ts';
import type { Expr, Stmt } from './hir.ts';
import { checkLocals } from './locals.ts';
import { holeOf, openMacro } from './macros.ts';
import { reportUnknown } from './names.ts';
import { didYouMean } from './nearest.ts';
import { structOf } from './structs.ts';
import { checkCase, checkSwitch } from './switches.ts';
import type { WrittenName } from './recorder.ts';
import { writtenName } from './typeExpressions.ts';

export function checkBlock(cx: Context, block: Block): Stmt {
  return cx.inScope(block, () => ({
    kind: 'block',
    body: block.body.flatMap((each) => checkStatement(cx, each)),
    loc: cx.loc(block),
  }));
}

/** A statement on its own, as the branch of an `if` or the body of a loop. */
export function checkSingle(cx: Context, statement: Statement): Stmt {
  if (statement.kind === 'block') return checkBlock(cx, statement);
  return cx.inScope(statement, () => {
    const list = checkStatement(cx, statement);
    const only = list[0];
    return only !== undefined && list.length === 1
      ? only
      : { kind: 'block', body: list, loc: cx.loc(statement) };
  });
}

export function checkStatement(cx: Context, s: Statement): readonly Stmt[] {
  return deeper(cx, s, 2, () => dispatch(cx, s)) ?? [];
}

function dispatch(cx: Context, s: Statement): readonly Stmt[] {
  const loc = cx.loc(s);
  switch (s.kind) {
    case 'block':
      return [checkBlock(cx, s)];
    case 'variable':
      return checkLocals(cx, s);
    case 'type-declaration':
      if (s.type.tag === 'enum') enumOf(cx, s.type);
      else if (s.type.fields !== null) structOf(cx, s.type);
      return [];
    case 'expression':
      return checkExpressionStatement(cx, s.value, s);
    case 'empty':
    case 'error':
      return [];
    case 'if':
      return checkIf(cx, s);
    case 'while':
    case 'do':
    case 'for':
      return checkLoop(cx, s);
    case 'switch':
      return checkSwitch(cx, s);
    case 'case':
    case 'default':
      return checkCase(cx, s);
    case 'break':
      if ((cx.body?.loops ?? 0) + (cx.body?.switches ?? 0) === 0)
        cx.report('misplaced', s, "'break' outside a loop and a switch");
      return [{ kind: 'break', loc }];
    case 'continue':
      if ((cx.body?.loops ?? 0) === 0) cx.report('misplaced', s, "'continue' outside a loop");
      return [{ kind: 'continue', loc }];
    case 'return':
      return checkReturn(cx, s);
    case 'goto': {
      const label = labelName(cx, s.label);
      cx.used(label, { kind: 'label' });
      if (label.text !== '')
        cx.body?.gotos.push({ label: label.key, shown: label.text, loc: cx.loc(s.label) });
      return [{ kind: 'goto', label: label.key, loc }];
    }
    case 'label':
      return [...checkLabel(cx, s), ...checkStatement(cx, s.body)];
    case 'macro-loop':
      return checkMacroLoop(cx, s);
    case 'macro-body':
      return checkMacroBody(cx, s);
    case 'atomic':
      return [{ kind: 'atomic', body: checkBlock(cx, s.body), loc }];
    case 'ghost':
      return [{ kind: 'ghost', body: checkBlock(cx, s.body), loc }];
    case 'either':
      return [{ kind: 'either', branches: s.branches.map((branch) => checkBlock(cx, branch)), loc }];
    case 'guest':
      return [checkGuest(cx, s.body, { start: s.start, end: s.start + 'guest'.length })];
    case 'step':
      if (cx.body?.primitive !== true)
        cx.report(
          'misplaced',
          s,
          "'step' divides the body of a primitive; elsewhere every access is a step already",
        );
      return [{ kind: 'step', loc }];
    case 'emit':
      return checkEmit(cx, s);
  }
}

// ---------------------------------------------------------------- expressions and macros

function checkExpressionStatement(cx: Context, expression: Expression, span: Span): readonly Stmt[] {
  const bound = holeOf(cx, expression);
  if (bound !== undefined) {
    const { argument, frame } = bound;
    if (argument.kind === 'block') return cx.inFrame(frame, () => [checkBlock(cx, argument)]);
    if (argument.kind !== 'type')
      return cx.inFrame(frame, () => checkExpressionStatement(cx, argument, span));
  }
  const macro = statementMacro(cx, expression);
  if (macro !== null) return expand(cx, macro, expression, span);
  const value = checkEffect(cx, expression);
  return value === null ? [] : [{ ...effect(value), loc: cx.loc(span) }];
}

/** The macro that a statement uses, when it stands for statements rather than for an expression. */
export function statementMacro(cx: Context, expression: Expression): MacroDeclaration | null {
  const callee = expression.kind === 'call' ? expression.callee : expression;
  if (
    callee.kind !== 'name' ||
    holeOf(cx, callee) !== undefined ||
    cx.scope.find(callee.name.text, cx.frame) !== null
  )
    return null;
  const declaration = cx.name(callee.name.text);
  if (declaration?.kind !== 'macro') return null;
  const { kind } = declaration.item.body;
  return kind === 'statement' || kind === 'empty' || kind === 'loop-head' ? declaration : null;
}

function expand(cx: Context, macro: MacroDeclaration, use: Expression, span: Span): readonly Stmt[] {
  const callee = use.kind === 'call' ? use.callee : use;
  if (callee.kind === 'name') cx.usedHere(callee.name, { kind: 'declared', declaration: macro });
  const result = expanded(cx, macro, use, span);
  if (use.kind === 'call') recordArguments(cx, use.args);
  return result;
}

function expanded(cx: Context, macro: MacroDeclaration, use: Expression, span: Span): readonly Stmt[] {
  const frame = openMacro(cx, macro, use.kind === 'call' ? use.args : null, span);
  const { body } = macro.item;
  if (frame === null || body.kind === 'empty') return [];
  if (body.kind === 'loop-head') {
    // Its loop has nothing behind it: `for_each_thing(x);`
    const bare = {
      ...frame,
      body: { statement: { kind: 'empty' as const, start: span.start, end: span.end }, frame: cx.frame },
    };
    return cx.inFrame(bare, () => checkStatement(cx, body.value));
  }
  if (body.kind !== 'statement') return [];
  const { value } = body;
  const text = macro.home.text;
  const isList =
    value.kind === 'block' && (text[value.start] !== '{' || value.body[0]?.start === value.start);
  return cx.inFrame(frame, () =>
    isList ? value.body.flatMap((each) => checkStatement(cx, each)) : checkStatement(cx, value),
  );
}

/** `for_each_thing(x, y) body` */
function checkMacroLoop(cx: Context, s: Statement & { kind: 'macro-loop' }): readonly Stmt[] {
  const name = s.name.text;
  const declaration = cx.name(name);
  if (declaration?.kind !== 'macro') {
    cx.usedHere(s.name, { kind: 'absent', space: 'name' });
    if (declaration === undefined) reportUnknown(cx, s.name, name, 'macro');
    else cx.report('misplaced', s.name, `'${name}' is not the head of a loop; is a ';' missing?`);
    recordArguments(cx, s.args);
    return [checkSingle(cx, s.body)];
  }
  cx.usedHere(s.name, { kind: 'declared', declaration });
  const { body } = declaration.item;
  const handsOn = body.kind === 'expression' ? loopCall(cx, body.value) : null;
  if (body.kind !== 'loop-head' && handsOn === null) {
    cx.report('misplaced', s.name, `the macro '${name}' is not the head of a loop; is a ';' missing?`);
    return [checkSingle(cx, s.body)];
  }
  const head = { start: s.start, end: s.args.at(-1)?.end ?? s.name.end };
  const frame = openMacro(cx, declaration, s.args, head, s.body);
  const loop = body.kind === 'loop-head' ? body.value : handsOn;
  cx.alsoRecord(() => frame === null && checkSingle(cx, s.body));
  const result =
    frame === null || loop === null
      ? []
      : cx.inFrame(frame, () => cx.inScope(loop, () => checkStatement(cx, loop)));
  recordArguments(cx, s.args);
  return result;
}

/** A macro that is only the use of a loop head hands on the statement behind its own use. */
function loopCall(cx: Context, value: Expression): Statement | null {
  if (value.kind !== 'call' || value.callee.kind !== 'name') return null;
  const declaration = cx.name(value.callee.name.text);
  if (declaration?.kind !== 'macro' || declaration.item.body.kind === 'statement') return null;
  const { start, end } = value;
  return {
    kind: 'macro-loop',
    name: value.callee.name,
    args: value.args,
    body: { kind: 'macro-body', start: end, end },
    start,
    end,
  };
}

/** Where the statement behind the use of a loop head goes. */
function checkMacroBody(cx: Context, s: Statement & { kind: 'macro-body' }): readonly Stmt[] {
  const hole = cx.frame?.body ?? null;
  if (hole === null) {
    cx.report('misplaced', s, 'this macro needs a statement behind its use');
    return [];
  }
  return cx.inFrame(hole.frame, () => [checkSingle(cx, hole.statement)]);
}

// ---------------------------------------------------------------- control flow

/** What a constant condition leaves out is not looked at, unless no name decides it. */
function checkIf(cx: Context, s: Statement & { kind: 'if' }): readonly Stmt[] {
  const condition = checkCondition(cx, s.condition);
  if (condition?.kind === 'constant' && mentionsName(s.condition)) {
    const [taken, other] = condition.value !== 0n ? [s.then, s.otherwise] : [s.otherwise, s.then];
    cx.alsoRecord(() => other !== null && checkSingle(cx, other));
    return taken === null ? [] : [checkSingle(cx, taken)];
  }
  const then = checkSingle(cx, s.then);
  const otherwise = s.otherwise === null ? null : checkSingle(cx, s.otherwise);
  if (condition === null) return [then, ...(otherwise === null ? [] : [otherwise])];
  return [{ kind: 'if', condition, then, otherwise, loc: cx.loc(s) }];
}

function checkLoop(cx: Context, s: Statement & { kind: 'while' | 'do' | 'for' }): readonly Stmt[] {
  return cx.inScope(s, () => {
    const loc = cx.loc(s);
    const init = s.kind === 'for' ? checkForInit(cx, s.init) : [];
    const test = s.kind === 'for' ? s.condition : s.condition;
    const condition = test === null ? null : checkCondition(cx, test);
    const never =
      s.kind !== 'do' &&
      test !== null &&
      condition?.kind === 'constant' &&
      condition.value === 0n &&
      mentionsName(test);
    if (never) {
      cx.alsoRecord(() => {
        if (s.kind === 'for' && s.step !== null) checkEffect(cx, s.step);
        inLoop(cx, () => checkSingle(cx, s.body));
      });
      return init;
    }
    const step = s.kind === 'for' && s.step !== null ? checkEffect(cx, s.step) : null;
    const body = inLoop(cx, () => checkSingle(cx, s.body));
    const first: Stmt | null =
      init.length === 0
        ? null
        : init.length === 1 && init[0] !== undefined
          ? init[0]
          : { kind: 'block', body: init, loc };
    return [{ kind: 'loop', doWhile: s.kind === 'do', init: first, condition, step, body, loc }];
  });
}

function inLoop<T>(cx: Context, work: () => T): T {
  if (cx.body !== null) cx.body.loops++;
  const result = work();
  if (cx.body !== null) cx.body.loops--;
  return result;
}

function checkForInit(cx: Context, init: (Statement & { kind: 'for' })['init']): readonly Stmt[] {
  if (init === null) return [];
  if (init.kind === 'variable') return checkLocals(cx, init);
  return checkExpressionStatement(cx, init, init);
}

function checkReturn(cx: Context, s: Statement & { kind: 'return' }): readonly Stmt[] {
  const loc = cx.loc(s);
  const expected = cx.body?.returns ?? null;
  const value =
    s.value === null ? null : expected === null ? checkEffect(cx, s.value) : checkValue(cx, s.value);
  if (expected === 'unknown') return [{ kind: 'return', value, loc }];
  if (expected === null) {
    if (s.value !== null && value !== null && value.type.kind !== 'void') {
      cx.report('type-mismatch', s.value, `${cx.body?.name ?? 'this'} returns nothing`);
    }
    return value === null
      ? [{ kind: 'return', value: null, loc }]
      : [effect(value), { kind: 'return', value: null, loc }];
  }
  if (s.value === null) {
    cx.report('type-mismatch', s, `${cx.body?.name ?? 'this'} must return a value`);
    return [{ kind: 'return', value: null, loc }];
  }
  const converted: Expr | null =
    value === null ? null : convertTo(cx, value, expected, s.value, 'the value returned');
  return [{ kind: 'return', value: converted, loc }];
}

// ---------------------------------------------------------------- labels

function labelName(
  cx: Context,
  name: Parameters<typeof writtenName>[1],
): WrittenName & { readonly key: string } {
  const found = writtenName(cx, name);
  // Labels of a macro's body are its own: two uses in one function do not clash.
  return { ...found, key: found.frame === null ? found.text : `${found.text}#${found.frame.id}` };
}

function checkLabel(cx: Context, s: Statement & { kind: 'label' }): readonly Stmt[] {
  const label = labelName(cx, s.label);
  cx.used(label, { kind: 'label' });
  const loc = cx.loc(s.label);
  if (label.text === '') return [];
  const other = cx.body?.labels.get(label.key);
  if (other !== undefined) {
    cx.report(
      'duplicate-name',
      s.label,
      `the label '${label.text}' stands twice in ${cx.body?.name ?? 'this body'}`,
      [{ message: 'the other one', loc: other }],
    );
  } else cx.body?.labels.set(label.key, loc);
  return [{ kind: 'label', label: label.key, loc }];
}

/** Every `goto` leads somewhere; to be called at the end of a body. */
export function checkGotos(cx: Context): void {
  const { body } = cx;
  if (body === null) return;
  const labels = [...body.labels.keys()].map((key) => key.replace(/#.*$/, ''));
  for (const { label, shown, loc } of body.gotos) {
    if (!body.labels.has(label))
      cx.reportAt(
        'unknown-name',
        loc,
        `there is no label '${shown}' in ${body.name}${didYouMean(shown, labels)}`,
      );
  }
}

// ---------------------------------------------------------------- guests and events

/** Calls in a guest block are those of the guest: NAME means guest_NAME, with `vcpu` in front. */
function checkGuest(cx: Context, body: Block, word: Span): Stmt {
  if (cx.body?.isVcpu !== true) {
    cx.report('misplaced', word, "a guest block stands in the body of a 'vcpu'; only a vCPU runs a guest");
  }
  const saved = cx.guest;
  cx.guest = { frame: cx.frame };
  const block = checkBlock(cx, body);
  cx.guest = saved;
  return block;
}

function checkEmit(cx: Context, s: Statement & { kind: 'emit' }): readonly Stmt[] {
  const name = s.event.text;
  const declaration = cx.event(name);
  if (declaration !== undefined) cx.usedHere(s.event, { kind: 'declared', declaration });
  const values = s.args.map((argument) => checkValue(cx, argument));
  if (declaration === undefined) {
    if (name !== '')
      cx.report(
        'unknown-name',
        s.event,
        `unknown event '${name}'${didYouMean(name, cx.everything().events.keys())}`,
      );
    return [];
  }
  const params = eventParams(cx.env, declaration);
  if (params.length !== values.length) {
    cx.report(
      'wrong-arguments',
      s,
      `the event '${name}' has ${params.length} value${params.length === 1 ? '' : 's'}, not ${values.length}`,
      [{ message: 'declared here', loc: declaration.loc }],
    );
    return [];
  }
  const args: Expr[] = [];
  for (const [index, type] of params.entries()) {
    const value = values[index] ?? null;
    const converted =
      value === null || type === null
        ? null
        : convertTo(cx, value, type, s.args[index] ?? s, `value ${index + 1} of '${name}'`);
    if (converted === null) return [];
    args.push(converted);
  }
  return [{ kind: 'emit', event: name, args, loc: cx.loc(s) }];
}
