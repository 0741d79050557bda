/** Expressions in a run: asked, completed, and set. Asking changes nothing; setting makes a fork. */

import type { DebugProtocol } from '@vscode/debugprotocol';
import { read, write } from '../../core/machine/memory.ts';
import type { State } from '../../core/machine/state.ts';
import type { Access } from '../../core/machine/memory.ts';
import { sizeOf, type Type } from '../../core/semantics/types.ts';
import { type Answer, ask } from '../../core/session/evaluate.ts';
import { bytesOf, objectsOf, type Shown, showPlace } from '../../core/session/objects.ts';
import { type StackVariable, variablesOf } from '../../core/session/stack.ts';
import { dataIdOf } from './breakpoints.ts';
import type { Run } from './run.ts';

interface FrameOf {
  readonly thread: number;
  readonly frame: number;
}

type Refuse = (message: string) => never;

/** `path` is the expression as it was written. */
export function evaluated(
  run: Run,
  expression: string,
  frame: FrameOf | null,
  refuse: Refuse,
): { readonly shown: Shown; readonly path: string } {
  const path = expression.trim();
  const answer = answered(run, path, frame);
  if (answer.kind === 'refused') return refuse(answer.message);
  return { shown: shownAnswer(run, path, answer), path };
}

/** Where a data breakpoint can stand: a variable that is shown, or an expression that names memory. */
export function dataPlaceOf(
  run: Run,
  child: { readonly shown: Shown; readonly path: string } | null,
  { name }: DebugProtocol.DataBreakpointInfoArguments,
  frame: FrameOf | null,
): DebugProtocol.DataBreakpointInfoResponse['body'] {
  const none = (description: string) => ({ dataId: null, description });
  let shown = child?.shown ?? null;
  const path = child?.path ?? name;
  if (shown === null) {
    const answer = answered(run, name, frame);
    if (answer.kind === 'refused') return none(answer.message);
    shown = shownAnswer(run, name, answer);
  }
  const place = bytesOf(shown);
  if (place === null || shown.where.kind !== 'memory')
    return none(`${path} is kept in registers; only what lies in memory can be watched`);
  const { bits } = shown.where;
  const mask = bits === null ? null : String(((1n << BigInt(bits.width)) - 1n) << BigInt(bits.shift));
  return {
    dataId: dataIdOf({ name: path, address: String(place.address), bytes: place.bytes, bits: mask }),
    description: path,
    accessTypes: ['read', 'write', 'readWrite'],
    canPersist: objectsOf(run.program, { own: true }).some((object) => path.startsWith(object.name)),
  };
}

/** Sets what an expression names to the value of another. */
export function setValue(run: Run, path: string, text: string, frame: FrameOf | null, refuse: Refuse): Shown {
  const { session } = run;
  const target = answered(run, path, frame);
  if (target.kind === 'refused' && !/was not written yet/.test(target.message)) return refuse(target.message);
  const value = answered(run, text, frame);
  if (value.kind === 'refused') return refuse(value.message);
  if (value.value === null) return refuse('only numbers and pointers can be set');
  const local = frame === null ? null : localNamed(run, frame, path);
  const label = `${path} = ${text.trim()}`;
  if (target.kind === 'value' && target.address !== null) {
    if (target.value === null) return refuse('only numbers and pointers can be set');
    const { address, bits, type } = target;
    const bytes = sizeOf(type);
    const image = session.state.image.slice();
    const before = read(run.program.memory, image, address, bytes, false);
    const mask =
      bits === null
        ? (1n << BigInt(8 * bytes)) - 1n
        : ((1n << BigInt(bits.width)) - 1n) << BigInt(bits.shift);
    const moved = bits === null ? value.value : value.value << BigInt(bits.shift);
    write(run.program.memory, image, address, bytes, (before & ~mask) | (moved & mask));
    apply(run, label, [{ address, bytes, write: true }], { ...session.state, image }, refuse);
  } else if (local !== null && frame !== null) {
    apply(run, label, [], withRegister(run, frame, local, value.value, refuse), refuse);
  } else return refuse(`${path} names no place that could be set`);
  const now = answered(run, path, frame);
  return now.kind === 'refused' ? refuse(now.message) : shownAnswer(run, path, now);
}

/** The bytes of memory around an address, as far as there are any. */
export function memoryAt(
  run: Run,
  { memoryReference, offset = 0, count }: DebugProtocol.ReadMemoryArguments,
  refuse: Refuse,
): DebugProtocol.ReadMemoryResponse['body'] {
  if (!/^0x[0-9a-f]+$/i.test(memoryReference)) return refuse('this is no address of the scenario');
  const { program, session } = run;
  const base = BigInt(memoryReference) + BigInt(Math.trunc(offset));
  const bytes: number[] = [];
  const wanted = Math.max(0, Math.min(Math.trunc(count), 1 << 16));
  for (let i = 0; i < wanted; i++) {
    const address = BigInt.asUintN(64, base + BigInt(i));
    const inside = program.memory.regions.some(
      (region) =>
        address >= region.base &&
        address < region.base + 8n * BigInt(region.granules) &&
        (region.image[Number(address - region.base) >> 3] ?? -1) >= 0,
    );
    if (!inside) break;
    bytes.push(Number(read(program.memory, session.state.image, address, 1, false)));
  }
  return {
    address: `0x${base.toString(16)}`,
    data: Buffer.from(bytes).toString('base64'),
    unreadableBytes: wanted - bytes.length,
  };
}

/** Names that can stand where a word is being typed: members behind `.` and `->`, else locals, objects and functions. */
export function completionsAt(
  run: Run,
  { text, column }: DebugProtocol.CompletionsArguments,
  frame: FrameOf | null,
  offset: number,
): DebugProtocol.CompletionItem[] {
  const before = text.slice(0, Math.max(0, column - 1 + offset));
  const member = /([\w\][().>-]*?)(\.|->)(\w*)$/.exec(before);
  if (member !== null) {
    const answer = answered(run, member[1] ?? '', frame);
    if (answer.kind === 'refused') return [];
    const type = answer.type.kind === 'pointer' ? answer.type.to : answer.type;
    return membersOf(type)
      .filter((name) => name.startsWith(member[3] ?? ''))
      .map((label) => ({ label, type: 'field' }));
  }
  const word = /[A-Za-z_]\w*$/.exec(before)?.[0] ?? '';
  const locals = frame === null ? [] : variablesOf(run.program, run.session.state, frame.thread, frame.frame);
  const items: DebugProtocol.CompletionItem[] = [
    ...[...new Set(locals.map(({ name }) => name))].map((label) => ({ label, type: 'variable' as const })),
    ...objectsOf(run.program, { own: true }).map(({ name: label }) => ({ label, type: 'variable' as const })),
    ...objectsOf(run.program, { own: false }).map(({ name: label }) => ({
      label,
      type: 'variable' as const,
    })),
    ...[...run.program.checked.functions.keys()].map((label) => ({ label, type: 'function' as const })),
  ];
  return items.filter(({ label }) => label.startsWith(word)).slice(0, 200);
}

function membersOf(type: Type): readonly string[] {
  if (type.kind !== 'struct') return [];
  return type.fields.flatMap((field) => (field.anonymous ? membersOf(field.type) : [field.name]));
}

function answered(run: Run, text: string, frame: FrameOf | null): Answer {
  const { session, program, asking } = run;
  const locals = frame === null ? [] : variablesOf(program, session.state, frame.thread, frame.frame);
  return ask(asking, session.state, text, locals, frame?.thread ?? null);
}

function shownAnswer(run: Run, name: string, answer: Answer & { readonly kind: 'value' }): Shown {
  const { program, session } = run;
  const { type, value, address, bits } = answer;
  return showPlace(
    program,
    session.state,
    name,
    type,
    address !== null ? { kind: 'memory', address, bits } : { kind: 'value', value: value ?? 0n },
  );
}

function localNamed(run: Run, { thread, frame }: FrameOf, name: string): StackVariable | null {
  const found = variablesOf(run.program, run.session.state, thread, frame).filter((one) => one.name === name);
  return found.at(-1) ?? null;
}

function withRegister(
  run: Run,
  { thread }: FrameOf,
  local: StackVariable,
  value: bigint,
  refuse: Refuse,
): State {
  const [register] = local.registers;
  if (register === undefined || local.registers.length !== 1 || local.type.kind === 'struct')
    return refuse(`${local.name} is computed from others and cannot be set`);
  const { session } = run;
  const { threads } = session.state;
  const own = threads[thread];
  if (own === undefined) return refuse('this thread is gone');
  const bits = 8 * sizeOf(local.type);
  const signed = local.type.kind === 'int' && local.type.signed;
  const extended = BigInt.asUintN(64, signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value));
  const registers = [...own.registers];
  registers[register] = extended;
  for (const flag of local.flags) registers[flag] = 1n;
  return { ...session.state, threads: threads.with(thread, { ...own, registers }) };
}

function apply(run: Run, label: string, accesses: readonly Access[], after: State, refuse: Refuse): void {
  const result = run.session.set(label, accesses, after);
  if (result.kind === 'refused') refuse(result.message);
}
