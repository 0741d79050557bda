/** `switch`, with case ranges and fallthrough; over a constant only the branch taken is looked at. */

import type { Expression, Statement } from '../syntax/ast.ts';
import { mentionsName } from './conditions.ts';
import type { Context, SwitchState } from './context.ts';
import { constant, promote, wrap } from './conversions.ts';
import { checkValue } from './expressions.ts';
import type { Stmt } from './hir.ts';
import { checkChoiceValue, choiceOf } from './optionValues.ts';
import { checkSingle, checkStatement } from './statements.ts';
import { typeName } from './typeName.ts';

type Case = Statement & { kind: 'case' | 'default' };

export function checkSwitch(cx: Context, s: Statement & { kind: 'switch' }): readonly Stmt[] {
  const choice = choiceOf(cx, s.value);
  const found = checkValue(cx, s.value);
  if (found !== null && found.type.kind !== 'int')
    cx.report(
      'type-mismatch',
      s.value,
      `expected an integer to switch over, found '${typeName(found.type)}'`,
    );
  const subject = found?.type.kind === 'int' ? promote(found) : null;
  const state: SwitchState = { choice, type: subject?.type ?? null, cases: [], hasDefault: false };
  const loc = cx.loc(s);
  if (subject?.kind === 'constant' && mentionsName(s.value) && s.body.kind === 'block') {
    const taken = branchTaken(cx, s.body.body, subject.value, state);
    cx.alsoRecord(() =>
      inSwitch(cx, { ...state, cases: [], hasDefault: false }, () => checkSingle(cx, s.body)),
    );
    const body = inSwitch(cx, { ...state, cases: [], hasDefault: false }, () =>
      cx.inScope(s.body, () => taken.flatMap((each) => checkStatement(cx, each))),
    );
    if (body.length === 0) return [];
    const entry: Stmt = { kind: 'case', low: null, high: null, loc };
    return [
      {
        kind: 'switch',
        value: constant(subject.value, subject.type, loc),
        body: { kind: 'block', body: [entry, ...body], loc },
        loc,
      },
    ];
  }
  const body = inSwitch(cx, state, () => checkSingle(cx, s.body));
  return subject === null ? [] : [{ kind: 'switch', value: subject, body, loc }];
}

/** A label of a switch and the statement behind it. */
export function checkCase(cx: Context, s: Case): readonly Stmt[] {
  const loc = cx.loc(s);
  const state = cx.switch;
  if (state === null) {
    cx.report('misplaced', s, `'${s.kind}' outside a switch`);
    return checkStatement(cx, s.body);
  }
  const range = caseRange(cx, s, state);
  const label: Stmt | null =
    range === null
      ? null
      : { kind: 'case', low: range.low, high: range.high, loc: { ...loc, end: loc.start + 4 } };
  return [...(label === null ? [] : [label]), ...checkStatement(cx, s.body)];
}

interface Range {
  /** null: default. */
  readonly low: bigint | null;
  readonly high: bigint | null;
}

/** The values of a label, entered among those of its switch. */
function caseRange(cx: Context, s: Case, state: SwitchState): Range | null {
  if (s.kind === 'default') {
    if (state.hasDefault)
      cx.report(
        'duplicate-name',
        { start: s.start, end: s.start + 7 },
        "the switch has two 'default' labels",
      );
    state.hasDefault = true;
    return { low: null, high: null };
  }
  const low = caseValue(cx, s.value, state);
  const high = s.high === null ? low : caseValue(cx, s.high, state);
  if (low === null || high === null) return null;
  if (low > high) {
    cx.report('bad-declaration', s.value, `the range ${low} ... ${high} is empty`);
    return null;
  }
  const other = state.cases.find((each) => low <= each.high && high >= each.low);
  if (other !== undefined) {
    // The first value that both have.
    let twice = low;
    if (other.low > twice) twice = other.low;
    const related = [{ message: 'the other one', loc: other.loc }];
    cx.report('duplicate-name', s.value, `the switch has two labels for ${twice}`, related);
  }
  state.cases.push({ low, high, loc: cx.loc(s.value) });
  return { low, high };
}

function caseValue(cx: Context, expression: Expression, state: SwitchState): bigint | null {
  const found =
    state.choice === null ? checkValue(cx, expression) : checkChoiceValue(cx, expression, state.choice);
  if (found === null) return null;
  if (found.kind !== 'constant' || found.type.kind !== 'int') {
    cx.report('not-constant', expression, 'a case label must be a constant integer');
    return null;
  }
  return state.type === null ? found.value : wrap(found.value, state.type);
}

/** The statements that run for a value that is known: from its label to the `break` that ends them. */
function branchTaken(
  cx: Context,
  body: readonly Statement[],
  value: bigint,
  state: SwitchState,
): Statement[] {
  const statements: Statement[] = [];
  let start: number | null = null;
  let fallback: number | null = null;
  for (const statement of body) {
    let inner = statement;
    while (inner.kind === 'case' || inner.kind === 'default') {
      const range = caseRange(cx, inner, state);
      if (range?.low === null) fallback ??= statements.length;
      else if (
        range !== null &&
        range.high !== null &&
        start === null &&
        value >= range.low &&
        value <= range.high
      )
        start = statements.length;
      inner = inner.body;
    }
    statements.push(inner);
  }
  const from = start ?? fallback;
  if (from === null) return [];
  const taken: Statement[] = [];
  for (const statement of statements.slice(from)) {
    if (statement.kind === 'break') break;
    taken.push(statement);
    if (statement.kind === 'return' || statement.kind === 'goto' || statement.kind === 'continue') break;
  }
  return taken;
}

function inSwitch<T>(cx: Context, state: SwitchState, work: () => T): T {
  const saved = cx.switch;
  cx.switch = state;
  if (cx.body !== null) cx.body.switches++;
  const result = work();
  if (cx.body !== null) cx.body.switches--;
  cx.switch = saved;
  return result;
}
