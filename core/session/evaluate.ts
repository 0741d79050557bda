/** Expressions in the words of the scenario, asked of a state. Asking changes nothing. */

import type { Environment } from '../semantics/environment.ts';
import type { Expr, LocalVariable, LValue } from '../semantics/hir.ts';
import { checkQuestion } from '../semantics/question.ts';
import type { Type } from '../semantics/types.ts';
import type { Predicate } from '../program/ir.ts';
import type { Known, Questions } from '../program/questions.ts';
import { run } from '../machine/run.ts';
import type { State } from '../machine/state.ts';
import type { StackVariable } from './stack.ts';

/** What is needed to ask: of the check and of the build of one variant. */
export interface Asking {
  readonly environment: Environment;
  readonly questions: Questions;
}

export type Answer =
  | {
      readonly kind: 'value';
      readonly type: Type;
      /** The number of a scalar, as a 64-bit pattern; null for a struct or array, which has only its address. */
      readonly value: bigint | null;
      /** Where it stands in memory; null for what does not. */
      readonly address: bigint | null;
      /** The bits of the word at `address` that it is; null: all of them. */
      readonly bits: { readonly shift: number; readonly width: number } | null;
    }
  /** `start` is an offset in the text. */
  | { readonly kind: 'refused'; readonly message: string; readonly start: number };

/** `locals`: of the frame it is asked in; `thread`: who asks, for what depends on the thread. */
export function ask(
  asking: Asking,
  state: State,
  text: string,
  locals: readonly StackVariable[],
  thread: number | null,
): Answer {
  const known = new Map<LocalVariable, Known>();
  const unwritten = new Set<LocalVariable>();
  const variables = locals.map((local, id): LocalVariable => {
    const variable: LocalVariable = {
      kind: 'local',
      id,
      name: local.name,
      type: local.type,
      ghost: false,
      range: null,
      loc: { uri: 'question:', item: '', start: 0, end: 0, macro: null },
    };
    if (local.known === null) unwritten.add(variable);
    known.set(variable, local.known ?? { kind: 'value', value: 0n });
    return variable;
  });
  const question = checkQuestion(asking.environment, text, variables);
  if (question.kind === 'refused') return question;
  const { asked } = question;
  const place = asked.kind === 'place' ? asked.place : asked.value.kind === 'read' ? asked.value.place : null;
  const missing = place === null ? undefined : [...unwritten].find((one) => one === rootOf(place));
  if (missing !== undefined) return refused(`'${missing.name}' was not written yet`);
  if (place !== null && (place.type.kind === 'struct' || place.type.kind === 'array')) {
    const address = addressOf(asking, state, place, known, thread);
    if (typeof address === 'object') return address;
    return { kind: 'value', type: place.type, value: null, address, bits: null };
  }
  const expr: Expr =
    asked.kind === 'value'
      ? asked.value
      : { kind: 'read', place: asked.place, type: asked.place.type, loc: asked.place.loc };
  if (expr.type.kind === 'struct' || expr.type.kind === 'void') return refused('this has no value to show');
  const value = evaluated(asking, state, asking.questions.value(expr, known), thread);
  if (typeof value === 'object') return value;
  const where = place === null ? null : wordOf(place);
  const address = where === null ? null : addressOf(asking, state, where.place, known, thread);
  return {
    kind: 'value',
    type: expr.type,
    value,
    address: typeof address === 'bigint' ? address : null,
    bits: where?.bits ?? null,
  };
}

type Lowered = ReturnType<Questions['value']>;
/** Of the same lock the same is asked in every state. */
const calls = new WeakMap<Questions, Map<string, Lowered>>();

/** The value of a call of a library function on addresses and numbers, as the lock types declare them. */
export function askCall(
  asking: Asking,
  state: State,
  name: string,
  args: readonly { readonly value: bigint; readonly type: Type }[],
  returns: Type,
): bigint | null {
  const kept = calls.get(asking.questions) ?? new Map<string, Lowered>();
  calls.set(asking.questions, kept);
  const key = `${name}(${args.map(({ value }) => value).join()})`;
  let lowered = kept.get(key);
  if (lowered === undefined) {
    const loc = { uri: 'question:', item: '', start: 0, end: 0, macro: null };
    const expr: Expr = {
      kind: 'call',
      callee: { kind: 'direct', name },
      args: args.map(({ value, type }) => ({
        ...{ kind: 'constant', value: BigInt.asIntN(64, value), type, loc },
      })),
      type: returns,
      loc,
    };
    lowered = asking.questions.value(expr, new Map());
    kept.set(key, lowered);
  }
  const value = evaluated(asking, state, lowered, null);
  return typeof value === 'bigint' ? value : null;
}

function addressOf(
  asking: Asking,
  state: State,
  place: LValue,
  known: ReadonlyMap<LocalVariable, Known>,
  thread: number | null,
): bigint | (Answer & { readonly kind: 'refused' }) {
  return evaluated(asking, state, asking.questions.address(place, known), thread);
}

function evaluated(
  { questions }: Asking,
  state: State,
  lowered:
    | { readonly kind: 'predicate'; readonly predicate: Predicate }
    | { readonly kind: 'refused'; readonly message: string },
  thread: number | null,
): bigint | (Answer & { readonly kind: 'refused' }) {
  if (lowered.kind === 'refused') return refused(lowered.message);
  const { program } = questions;
  const { code } = lowered.predicate;
  const result = run(
    program,
    {
      code,
      pc: 0,
      registers: Array.from({ length: code.regs }, () => 0n),
      image: state.image,
      self: thread ?? program.threads.length,
      param: program.threads[thread ?? -1]?.param ?? 0n,
      loops: 0,
      site: 0,
    },
    [],
  );
  switch (result.kind) {
    case 'rest': {
      const written = result.accesses.find(
        ({ write, address }) => write && !isPrivate(program.memory, address),
      );
      if (written !== undefined)
        return refused('this would change the state; use "Set Value" to change something by hand');
      return BigInt.asUintN(64, result.registers[0] ?? 0n);
    }
    case 'fatal': {
      const last = result.findings.at(-1);
      const check = program.checks[last?.check ?? -1];
      const detail = last === undefined || last.detail === '' ? '' : ` (${last.detail})`;
      return refused(`${check?.message ?? 'a check fails'}${detail}`);
    }
    case 'blocked':
      return refused('this would wait for something');
    case 'refused':
      return refused(result.reason);
  }
}

/** Locals of the functions that are called lie in memory of their own. */
function isPrivate(memory: Questions['program']['memory'], address: bigint): boolean {
  return memory.objects.some(
    ({ kind, address: from, bytes }) => kind === 'local' && address >= from && address < from + BigInt(bytes),
  );
}

/** A bit-field is asked for by the word that it is in. */
function wordOf(place: LValue): {
  readonly place: LValue;
  readonly bits: { shift: number; width: number } | null;
} {
  return place.kind === 'field' && place.bits !== null
    ? { place: { ...place, bits: null }, bits: place.bits }
    : { place, bits: null };
}

function rootOf(place: LValue): LocalVariable | null {
  if (place.kind === 'local') return place.variable;
  if (place.kind === 'field') return rootOf(place.object);
  return place.kind === 'index' ? rootOf(place.array) : null;
}

function refused(message: string): Answer & { readonly kind: 'refused' } {
  return { kind: 'refused', message, start: 0 };
}
