/** What a run stops at: lines, functions, data, checks; with conditions, counts and messages. */

import type { DebugProtocol } from '@vscode/debugprotocol';
import { read } from '../../core/machine/memory.ts';
import { ask } from '../../core/session/evaluate.ts';
import type { Session } from '../../core/session/session.ts';
import { stackOf, variablesOf } from '../../core/session/stack.ts';
import { coreUri } from '../workspace.ts';
import { lineKey, lineOf, type Run } from './run.ts';
import { uriOfSource } from './sources.ts';

export interface Hit {
  readonly reason: 'breakpoint' | 'function breakpoint' | 'data breakpoint' | 'exception';
  readonly text: string;
  readonly ids: readonly number[];
}

interface Rule {
  readonly id: number;
  readonly condition: string | null;
  readonly hits: string | null;
  readonly log: string | null;
  /** How often it was met, for `hits`. */
  met: number;
}

interface LineRule extends Rule {
  readonly uri: string;
  /** As it was asked for, from 1. */
  readonly wanted: number;
  /** `uri:line` where it stands; null: nowhere. */
  key: string | null;
}

interface FunctionRule extends Rule {
  readonly name: string;
}

interface DataRule extends Rule {
  address: bigint;
  readonly bytes: number;
  readonly bits: bigint | null;
  readonly access: 'read' | 'write' | 'readWrite';
  readonly name: string;
}

/** A place in memory as text that means the same in a later run of the same scenario. */
export interface DataId {
  readonly name: string;
  readonly address: string;
  readonly bytes: number;
  /** Mask of the bits that count; null: all. */
  readonly bits: string | null;
}

export class Breakpoints {
  private readonly bySource = new Map<string, LineRule[]>();
  private functions: FunctionRule[] = [];
  private data: DataRule[] = [];
  private checks: { readonly filter: string; readonly condition: string | null }[] = [
    { filter: 'errors', condition: null },
  ];
  private next = 1;
  private readonly print: (text: string, run: Run, thread: number) => void;

  /** `print`: what a log message says. */
  constructor(print: (text: string, run: Run, thread: number) => void) {
    this.print = print;
  }

  setLines(
    run: Run | null,
    { source, breakpoints = [] }: DebugProtocol.SetBreakpointsArguments,
    offset: number,
  ): DebugProtocol.Breakpoint[] {
    const uri = coreUri(uriOfSource(source));
    const rules = breakpoints.map(
      ({ line, condition, hitCondition, logMessage }): LineRule => ({
        ...ruleOf(this.next++, condition, hitCondition, logMessage),
        ...{ uri, wanted: line + offset, key: null },
      }),
    );
    this.bySource.set(uri, rules);
    return rules.map((rule) => placed(run, rule, offset));
  }

  /** The run is another one, perhaps of an edited text. Answers where breakpoints stand now. */
  renew(run: Run, offset: number): DebugProtocol.Breakpoint[] {
    for (const rule of [...this.functions, ...this.data]) rule.met = 0;
    for (const rule of this.data) {
      const answer = ask(run.asking, run.session.state, rule.name, [], null);
      if (answer.kind === 'value' && answer.address !== null) rule.address = answer.address;
    }
    return [...this.bySource.values()].flat().map((rule) => {
      rule.met = 0;
      return placed(run, rule, offset);
    });
  }

  setFunctions(
    run: Run | null,
    { breakpoints }: DebugProtocol.SetFunctionBreakpointsArguments,
  ): DebugProtocol.Breakpoint[] {
    this.functions = [];
    return breakpoints.map(({ name, condition, hitCondition }) => {
      const id = this.next++;
      this.functions.push({ ...ruleOf(id, condition, hitCondition, undefined), name });
      const known = run?.program.frames.some((frame) => frame.function === name) ?? true;
      return known
        ? { id, verified: run !== null }
        : {
            id,
            verified: false,
            message: `no thread of this variant calls a function '${name}' that is stepped into`,
          };
    });
  }

  setData({ breakpoints }: DebugProtocol.SetDataBreakpointsArguments): DebugProtocol.Breakpoint[] {
    this.data = [];
    return breakpoints.map(({ dataId, accessType, condition, hitCondition }) => {
      const id = this.next++;
      const place = readDataId(dataId);
      if (place === null) return { id, verified: false, message: 'this place is not known' };
      this.data.push({
        ...ruleOf(id, condition, hitCondition, undefined),
        ...{ name: place.name, address: BigInt(place.address), bytes: place.bytes },
        bits: place.bits === null ? null : BigInt(place.bits),
        access: accessType ?? 'write',
      });
      return { id, verified: true };
    });
  }

  setExceptions({ filters, filterOptions }: DebugProtocol.SetExceptionBreakpointsArguments): void {
    const options = (filterOptions ?? []).map(({ filterId, condition }) => ({
      filter: filterId,
      condition: condition ?? null,
    }));
    const plain = filters.filter((filter) => !options.some((one) => one.filter === filter));
    this.checks = [...options, ...plain.map((filter) => ({ filter, condition: null }))];
  }

  /** Why a run stops in its present state; null when it goes on. */
  hit(run: Run): Hit | null {
    const { session } = run;
    const event = session.history.event(session.cursor);
    const thread = event?.kind === 'step' ? event.thread : null;
    return (
      this.failure(run) ??
      (thread === null
        ? null
        : (this.lineHit(run, thread) ?? this.functionHit(run, thread) ?? this.dataHit(run, thread)))
    );
  }

  /** The first check that fails in the present state and is asked to stop the run. */
  private failure({ session, program }: Run): Hit | null {
    if (this.checks.length === 0) return null;
    for (const finding of session.findings()) {
      const check = program.checks[finding.check];
      if (check === undefined) continue;
      const asked = this.checks.some(({ filter, condition }) => {
        const kind = check.severity === 'error' ? 'errors' : 'warnings';
        if (filter !== kind && filter !== check.name) return false;
        const names = condition?.split(/[\s,]+/).filter((name) => name !== '') ?? [];
        return names.length === 0 || names.some((name) => name.replaceAll('-', '_') === check.name);
      });
      // Once is enough: a state that stays broken does not stop every step.
      if (asked && !wasBroken(session, finding.check, finding.site))
        return { reason: 'exception', text: `${check.name}: ${check.message}`, ids: [] };
    }
    return null;
  }

  private lineHit(run: Run, thread: number): Hit | null {
    const { session, program, project } = run;
    const rules = [...this.bySource.values()].flat();
    if (rules.length === 0) return null;
    const before = new Map(
      stackOf(program, session.history.state(session.cursor - 1), thread).map(({ frame, loc }) => [
        frame,
        lineKey(project, loc),
      ]),
    );
    // It arrives at the line of a call when it comes to the first step inside.
    const arrived = stackOf(program, session.state, thread).filter(
      ({ frame, loc }) => before.get(frame) !== lineKey(project, loc),
    );
    for (const { frame, loc } of arrived) {
      const key = lineKey(project, loc);
      const here = rules.filter((rule) => rule.key === key);
      if (here.length === 0) continue;
      session.standing.put(thread, frame);
      const hit = this.first(run, thread, here, 'breakpoint', 'breakpoint');
      if (hit !== null) return hit;
    }
    return null;
  }

  private functionHit(run: Run, thread: number): Hit | null {
    if (this.functions.length === 0) return null;
    const { session, program } = run;
    const before = new Set(
      stackOf(program, session.history.state(session.cursor - 1), thread).map(({ frame }) => frame),
    );
    const entered = stackOf(program, session.state, thread).filter(({ frame }) => !before.has(frame));
    const here = this.functions.filter(({ name }) => entered.some((frame) => frame.function === name));
    return this.first(run, thread, here, 'function breakpoint', here.map(({ name }) => name).join(', '));
  }

  private dataHit(run: Run, thread: number): Hit | null {
    if (this.data.length === 0) return null;
    const { session } = run;
    const event = session.history.event(session.cursor);
    const accesses = event?.accesses ?? [];
    const here = this.data.filter((rule) =>
      accesses.some(
        ({ address, bytes, write }) =>
          address < rule.address + BigInt(rule.bytes) &&
          rule.address < address + BigInt(bytes) &&
          (rule.access === 'readWrite' || (rule.access === 'write') === write) &&
          (!write || rule.bits === null || bitsChanged(run, rule)),
      ),
    );
    return this.first(run, thread, here, 'data breakpoint', here.map(({ name }) => name).join(', '));
  }

  /** The rules whose conditions and counts agree; those with a message only print it. */
  private first(
    run: Run,
    thread: number,
    rules: readonly Rule[],
    reason: Hit['reason'],
    text: string,
  ): Hit | null {
    const ids: number[] = [];
    for (const rule of rules) {
      const condition = rule.condition === null ? true : this.holds(run, thread, rule.condition);
      if (!condition) continue;
      rule.met++;
      if (!countAgrees(rule.hits, rule.met)) continue;
      if (rule.log === null) ids.push(rule.id);
      else this.print(this.filled(run, thread, rule.log), run, thread);
    }
    return ids.length === 0 ? null : { reason, text, ids };
  }

  private holds(run: Run, thread: number, condition: string): boolean {
    const answer = asked(run, thread, condition);
    if (answer.kind === 'value') return answer.value !== 0n;
    this.print(`the condition '${condition}' cannot be asked: ${answer.message}`, run, thread);
    return true;
  }

  private filled(run: Run, thread: number, text: string): string {
    return text.replace(/\{([^{}]*)\}/g, (_, expression: string) => {
      const answer = asked(run, thread, expression);
      return answer.kind === 'refused' ? `{${answer.message}}` : String(answer.value ?? '');
    });
  }
}

export function dataIdOf(id: DataId): string {
  return JSON.stringify([id.name, id.address, id.bytes, id.bits]);
}

function placed(run: Run | null, rule: LineRule, offset: number): DebugProtocol.Breakpoint {
  const { id, uri, wanted } = rule;
  const found = run === null ? wanted : nearestLine(run, uri, wanted);
  rule.key = found === null ? null : `${uri}:${found}`;
  if (found !== null) return { id, verified: run !== null, line: found - offset };
  const message = run?.project.files.has(uri)
    ? 'Unreachable: no thread of this variant takes a step on this line'
    : 'this file is no part of the scenario';
  return { id, verified: false, line: wanted - offset, message };
}

/** The line itself, or the next one below it on which something happens in the same item. */
function nearestLine(run: Run, uri: string, wanted: number): number | null {
  let best: number | null = null;
  const { sites, frames } = run.program;
  for (const loc of [...sites.map((site) => site.loc), ...frames.flatMap(({ call }) => call ?? [])]) {
    const line = loc.uri === uri ? lineOf(run.project, loc) : null;
    if (line === null || line.line < wanted) continue;
    if (best === null || line.line < best) best = line.line;
  }
  if (best === null || best === wanted) return best;
  const between = run.project.files.get(uri)?.source.items ?? [];
  const lineAt = (offset: number): number => {
    const text = run.project.files.get(uri)?.source.text ?? '';
    return text.slice(0, offset).split('\n').length;
  };
  const same = between.some(({ offset, item }) => {
    const first = lineAt(offset + item.start);
    const last = lineAt(offset + item.end);
    return first <= wanted && best !== null && best <= last;
  });
  return same ? best : null;
}

function asked(run: Run, thread: number, text: string) {
  const { session, program, asking } = run;
  const [top] = session.standing.stackOf(thread);
  const locals = top === undefined ? [] : variablesOf(program, session.state, thread, top.frame);
  return ask(asking, session.state, text, locals, thread);
}

/** `5`, `>= 3`, `% 2`. */
function countAgrees(hits: string | null, met: number): boolean {
  if (hits === null) return true;
  const match = /^\s*(>=|>|<=|<|==?|%)?\s*(\d+)\s*$/.exec(hits);
  if (match === null) return true;
  const number = Number(match[2]);
  switch (match[1]) {
    case '>=':
      return met >= number;
    case '>':
      return met > number;
    case '<=':
      return met <= number;
    case '<':
      return met < number;
    case '%':
      return number > 0 && met % number === 0;
    default:
      return met === number;
  }
}

function wasBroken(session: Session, check: number, site: number): boolean {
  if (session.cursor === 0) return false;
  return session.findings(session.cursor - 1).some((one) => one.check === check && one.site === site);
}

function bitsChanged({ session, program }: Run, { address, bytes, bits }: DataRule): boolean {
  if (bits === null) return true;
  const before = session.history.state(session.cursor - 1);
  const word = (image: Uint8Array): bigint => read(program.memory, image, address, bytes, false);
  return ((word(before.image) ^ word(session.state.image)) & bits) !== 0n;
}

function readDataId(text: string): DataId | null {
  try {
    const [name, address, bytes, bits] = JSON.parse(text) as unknown[];
    const fits =
      typeof name === 'string' &&
      typeof address === 'string' &&
      /^\d+$/.test(address) &&
      typeof bytes === 'number' &&
      (bits === null || (typeof bits === 'string' && /^\d+$/.test(bits)));
    return fits ? { name, address, bytes, bits } : null;
  } catch {
    return null;
  }
}

function ruleOf(
  id: number,
  condition: string | undefined,
  hits: string | undefined,
  log: string | undefined,
): Rule {
  const given = (text: string | undefined): string | null =>
    text == null || text.trim() === '' ? null : text;
  return { id, condition: given(condition), hits: given(hits), log: given(log), met: 0 };
}
