/** What a search has found: told notes become violations, coverage and goals; traces are made when it is over. */

import type { Engine, Told } from './engine.ts';
import { describeAccess, describeAddress, nameOf } from './describe.ts';
import type { Note } from './notes.ts';
import type { SearchResult, Trace } from './result.ts';

/** Where something was found: in a start, in a state, or in an attempt at a step from a state. */
export type Origin =
  | { readonly kind: 'start'; readonly choices: readonly bigint[] }
  | { readonly kind: 'state'; readonly state: number }
  | { readonly kind: 'step'; readonly state: number; readonly thread: number; readonly ordinal: number };

interface Found {
  readonly check: number;
  readonly site: number;
  readonly thread: number | null;
  readonly detail: string;
  readonly origin: Origin;
}

export class Recorder {
  private readonly engine: Engine;
  private readonly found = new Map<string, Found>();
  private readonly goals: (Origin | null)[];
  private readonly reached: boolean[];
  private readonly ended: boolean[];
  private readonly evaluated: boolean[];
  private readonly finalEvaluated: boolean[];

  constructor(engine: Engine) {
    const { program } = engine;
    this.engine = engine;
    this.goals = program.goals.map(() => null);
    this.reached = program.points.map(() => false);
    this.ended = program.threads.map(() => false);
    this.evaluated = program.invariants.map(() => false);
    this.finalEvaluated = program.finals.map(() => false);
  }

  has(check: number, site: number): boolean {
    return this.found.has(`${check} ${site}`);
  }

  add(check: number, site: number, thread: number | null, detail: string, origin: Origin): void {
    if (!this.has(check, site)) this.found.set(`${check} ${site}`, { check, site, thread, detail, origin });
  }

  reach(goal: number, origin: Origin): void {
    this.goals[goal] ??= origin;
  }

  /** Everything told since position `from` of the present run. `thread`: whose step it was; null for what holds of a state. */
  listen(from: number, to: number, thread: number | null, origin: Origin): void {
    for (const told of this.engine.told(from, to)) this.hear(told, thread, origin);
  }

  hear(told: Told, thread: number | null, origin: Origin): void {
    const note = this.engine.compiled.notes[told.note];
    if (note === undefined) return;
    // The loops of init share one note, which says each time where.
    if (note.kind !== 'loop') this.engine.settle(told.note);
    const { program } = this.engine;
    const { builtin } = program;
    switch (note.kind) {
      case 'point':
        this.reached[note.point] = true;
        break;
      case 'ended':
        this.ended[note.thread] = true;
        break;
      case 'goal':
        this.reach(note.goal, origin);
        break;
      case 'check':
        this.add(note.check, note.site, thread, '', origin);
        break;
      case 'loop':
        this.add(builtin['runaway-loop'], told.who, thread, this.explain(note, told.value), origin);
        break;
      case 'fault':
        this.add(builtin[note.check], note.site, thread, this.explain(note, told.value), origin);
        break;
      case 'race':
        this.add(builtin['data-race'], note.site, null, this.explainRace(told), origin);
        break;
      case 'evaluated':
        this.evaluated[note.invariant] = true;
        break;
      case 'final-evaluated':
        this.finalEvaluated[note.final] = true;
        break;
      case 'broken':
      case 'final-broken': {
        const one = 'invariant' in note ? program.invariants[note.invariant] : program.finals[note.final];
        if (one !== undefined) this.add(one.check, one.site, thread, this.explainBroken(told), origin);
        break;
      }
    }
  }

  result(
    traceOf: (origin: Origin) => Trace,
  ): Pick<SearchResult, 'violations' | 'goals' | 'reached' | 'ended' | 'evaluated' | 'finalEvaluated'> {
    return {
      violations: [...this.found.values()].map(({ origin, ...violation }) => ({
        ...violation,
        trace: traceOf(origin),
      })),
      goals: this.goals.map((origin, goal) => ({ goal, trace: origin === null ? null : traceOf(origin) })),
      reached: this.reached,
      ended: this.ended,
      evaluated: this.evaluated,
      finalEvaluated: this.finalEvaluated,
    };
  }

  private explain(note: Note, address: bigint): string {
    if (note.kind === 'loop') return 'more than 100000 rounds without a step';
    if (note.kind !== 'fault') return '';
    return `${describeAccess(this.engine.program.memory, note.write, note.bytes, address)}${note.why}`;
  }

  /** A condition that has no answer says why. */
  private explainBroken({ who, value }: Told): string {
    if (who === 0) return '';
    const { program, compiled } = this.engine;
    const fault = who < 0 ? undefined : compiled.notes[who - 1];
    if (fault === undefined) return 'the condition waits for something';
    const check =
      fault.kind === 'check'
        ? fault.check
        : fault.kind === 'loop'
          ? program.builtin['runaway-loop']
          : fault.kind === 'fault'
            ? program.builtin[fault.check]
            : -1;
    const name = program.checks[check]?.name ?? 'a check failed';
    const detail = this.explain(fault, value);
    return detail === '' ? name : `${name}: ${detail}`;
  }

  private explainRace({ who, value }: Told): string {
    const { program } = this.engine;
    const lower = who & 0xff;
    const other = who >> 8;
    const verb = (thread: number): string =>
      this.engine.parkOf(thread)?.access?.write === true ? 'writes' : 'reads';
    const text = program.sites[this.engine.parkOf(other)?.site ?? -1]?.text ?? 'its next access';
    const where = describeAddress(program.memory, value);
    return `${nameOf(program, lower)} ${verb(lower)} ${where} while ${nameOf(program, other)} ${verb(other)} it at ${text}`;
  }
}
