/**
 * The debug adapter: one debug session, in the messages of the Debug Adapter Protocol. Requests are answered in their
 * order. The threads of the debugger are those of the scenario; stepping one chooses the interleaving.
 */

import type { DebugProtocol } from '@vscode/debugprotocol';
import { stackOf } from '../../core/session/stack.ts';
import { type Policy, type Stopped, type Stride, stepThread } from '../../core/session/stepping.ts';
import { problemOf } from './arguments.ts';
import { Breakpoints, type Hit } from './breakpoints.ts';
import { capabilities, exceptionFilters } from './capabilities.ts';
import { completionsAt, dataPlaceOf, evaluated, memoryAt, setValue } from './evaluating.ts';
import { type FrameOf, Frames, frameOf, threadNames, topFrameOf } from './frames.ts';
import { type Gone, Going } from './going.ts';
import { type LaunchArguments, type LaunchHost, launch } from './launch.ts';
import { lockOrderOf } from './lockOrder.ts';
import { locksOf, saved, scenarioPath, threadsOf, timelineOf, viewsOf } from './panels.ts';
import { descriptionOf, leaving, moving, Refusal, refuse, requestOf, sentence } from './messages.ts';
import {
  type ForkArguments,
  forkRequest,
  type GotoArguments,
  gotoRequest,
  lockOrderRequest,
  locksRequest,
  type MoveArguments,
  type Moved,
  movedEvent,
  moveRequest,
  type SaveArguments,
  type SaveResult,
  saveRequest,
  threadsRequest,
  type TimelineArguments,
  timelineRequest,
  viewsRequest,
} from './protocol.ts';
import { lineKey, lineOf, type Run } from './run.ts';
import { sourceOf } from './sources.ts';
import { gotoTargetsOf, stepTargetsOf, type Target } from './targets.ts';
import { Variables } from './variables.ts';

export interface DebugHost extends LaunchHost {
  /** The text of a file as it is now; null when it is gone. */
  textNow(uri: string): string | null;
  /** A fault of ours, for the log. */
  fault(error: unknown): void;
}

type Handler = (args: never) => unknown;

export class DebugAdapter {
  private readonly host: DebugHost;
  private readonly send: (message: DebugProtocol.ProtocolMessage) => void;
  private readonly handlers: Readonly<Record<string, Handler>>;
  private readonly breakpoints: Breakpoints;
  private readonly going: Going;
  private readonly frames: Frames;
  private run: Run | null = null;
  private variables: Variables | null = null;
  private arguments: LaunchArguments = {};
  private sequence = 1;
  private offsets = { line: 0, column: 0 };
  private queue: Promise<void> = Promise.resolve();
  private targets: readonly Target[] = [];
  private focus = 0;
  private configured = false;
  private stop: { readonly reason: string; readonly text: string } = { reason: 'entry', text: '' };
  private isOver = false;
  /** For ending the search of a counterexample that nobody wants any more. */
  private search: AbortController | null = null;
  private toldOfEdit = false;

  constructor(host: DebugHost, send: (message: DebugProtocol.ProtocolMessage) => void) {
    this.host = host;
    this.send = send;
    this.breakpoints = new Breakpoints((text, run, thread) => this.print(text, run, thread));
    this.going = new Going(this.breakpoints);
    this.frames = new Frames((uri) => host.textNow(uri));
    this.handlers = this.handlerTable();
  }

  /** Whatever comes from outside. Answers come through `send`. */
  handle(message: unknown): void {
    const request = requestOf(message);
    if (request === null) return;
    // What must not wait for a run that goes on.
    if (request.command === 'pause' && this.going.isGoing) {
      this.going.pause();
      this.respond(request, {});
      return;
    }
    if (leaving.has(request.command)) {
      this.going.giveUp();
      this.search?.abort();
    }
    this.queue = this.queue.then(() => this.serve(request)).catch((error) => this.host.fault(error));
  }

  /** Resolves when everything that came so far is answered. */
  get idle(): Promise<void> {
    return this.queue;
  }

  /** The editor or the server goes away. */
  close(): void {
    this.going.giveUp();
    this.search?.abort();
    this.end();
  }

  /** The text of a file was changed: says once that the run is of the text before. */
  edited(uri: string): void {
    if (this.run === null || this.toldOfEdit || !this.frames.isChanged(this.run, uri)) return;
    this.toldOfEdit = true;
    this.event('output', {
      category: 'important',
      output:
        'The scenario was edited. This run goes on with the text as it was; restart to run the new one.\n',
    });
    this.event('invalidated', { areas: ['stacks'] });
  }

  private async serve(request: DebugProtocol.Request): Promise<void> {
    const handler = this.handlers[request.command];
    try {
      if (handler === undefined) throw new Refusal(`'${request.command}' is not supported`);
      const problem = problemOf(request.command, request.arguments);
      if (problem !== null) throw new Refusal(`'${request.command}' is malformed: ${problem}`);
      const body = await handler((request.arguments ?? {}) as never);
      this.respond(request, body ?? {});
      const then = this.afterwards;
      this.afterwards = null;
      then?.();
    } catch (error) {
      this.afterwards = null;
      if (!(error instanceof Refusal)) this.host.fault(error);
      const text = error instanceof Refusal ? error.message : `a fault of Lockstep: ${String(error)}`;
      this.send({
        ...{ seq: this.sequence++, type: 'response', request_seq: request.seq, success: false },
        ...{ command: request.command, message: text },
        body: { error: { id: 1, format: text.replace(/[{}]/g, ''), showUser: moving.has(request.command) } },
      } as DebugProtocol.Response);
    }
  }

  /** What is done when the answer is on its way: events come behind answers. */
  private afterwards: (() => void) | null = null;

  private handlerTable(): Record<string, Handler> {
    const table: Record<string, Handler> = {
      initialize: (args: DebugProtocol.InitializeRequestArguments) => {
        this.offsets = {
          line: args.linesStartAt1 === false ? 1 : 0,
          column: args.columnsStartAt1 === false ? 1 : 0,
        };
        return capabilities;
      },
      launch: (args: LaunchArguments) => this.launch(args),
      attach: () => refuse('a scenario is launched; there is nothing to attach to'),
      setBreakpoints: (args: DebugProtocol.SetBreakpointsArguments) => ({
        breakpoints: this.breakpoints.setLines(this.run, args, this.offsets.line),
      }),
      setFunctionBreakpoints: (args: DebugProtocol.SetFunctionBreakpointsArguments) => ({
        breakpoints: this.breakpoints.setFunctions(this.run, args),
      }),
      setExceptionBreakpoints: (args: DebugProtocol.SetExceptionBreakpointsArguments) => {
        this.breakpoints.setExceptions(args);
      },
      setDataBreakpoints: (args: DebugProtocol.SetDataBreakpointsArguments) => ({
        breakpoints: this.breakpoints.setData(args),
      }),
      dataBreakpointInfo: (args: DebugProtocol.DataBreakpointInfoArguments) =>
        dataPlaceOf(this.here(), this.shown(args), args, this.frameOf(args.frameId)),
      configurationDone: () => this.begin(),
      threads: () => ({ threads: threadNames(this.here()) }),
      stackTrace: (args: DebugProtocol.StackTraceArguments) =>
        this.frames.stackTrace(this.here(), args, this.offsets),
      scopes: ({ frameId }: DebugProtocol.ScopesArguments) => {
        const frame = this.frameOf(frameId) ?? refuse('this frame is gone');
        return { scopes: this.shownVariables().scopes(frame.thread, frame.frame) };
      },
      variables: (args: DebugProtocol.VariablesArguments) => ({
        variables: this.shownVariables().children(args),
      }),
      source: ({ source, sourceReference }: DebugProtocol.SourceArguments) => {
        const content = this.frames.oldText(source?.sourceReference ?? sourceReference);
        return content === null ? refuse('this text is gone') : { content };
      },
      next: (args: DebugProtocol.NextArguments) => this.step(args, 'over'),
      stepIn: (args: DebugProtocol.StepInArguments) => this.stepIn(args),
      stepOut: (args: DebugProtocol.StepOutArguments) => this.step(args, 'out'),
      stepBack: (args: DebugProtocol.StepBackArguments) => this.stepBack(args),
      continue: ({ threadId }: DebugProtocol.ContinueArguments) => this.goOn(threadId - 1),
      reverseContinue: ({ threadId }: DebugProtocol.ReverseContinueArguments) => this.goBack(threadId - 1),
      pause: () => refuse('the run stands already'),
      stepInTargets: ({ frameId }: DebugProtocol.StepInTargetsArguments) => {
        this.targets = stepTargetsOf(this.here(), this.frameOf(frameId)?.thread ?? this.focus);
        return { targets: this.targets.map(({ target }) => target) };
      },
      gotoTargets: ({ source, line }: DebugProtocol.GotoTargetsArguments) => ({
        targets: gotoTargetsOf(this.here(), source, line + this.offsets.line),
      }),
      goto: ({ targetId }: DebugProtocol.GotoArguments) => this.jump(targetId, 'goto'),
      restart: (args: { arguments?: LaunchArguments }) => this.launch(args.arguments ?? this.arguments, true),
      restartFrame: ({ frameId }: DebugProtocol.RestartFrameArguments) => this.restartFrame(frameId),
      evaluate: (args: DebugProtocol.EvaluateArguments) => {
        const { shown, path } = evaluated(this.here(), args.expression, this.frameOf(args.frameId), refuse);
        const { value, type, ...rest } = this.shownVariables().variable(shown, path);
        return { result: value, type, ...rest };
      },
      completions: (args: DebugProtocol.CompletionsArguments) => ({
        targets: completionsAt(this.here(), args, this.frameOf(args.frameId), this.offsets.column),
      }),
      setVariable: (args: DebugProtocol.SetVariableArguments) => {
        const found =
          this.shownVariables().child(args.variablesReference, args.name) ?? refuse('this variable is gone');
        return this.set(found.path, args.value, topFrameOf(this.here(), this.focus));
      },
      setExpression: (args: DebugProtocol.SetExpressionArguments) =>
        this.set(args.expression, args.value, this.frameOf(args.frameId)),
      readMemory: (args: DebugProtocol.ReadMemoryArguments) => memoryAt(this.here(), args, refuse),
      exceptionInfo: () => ({
        exceptionId: this.stop.text.split(':')[0] ?? '',
        description: this.stop.text,
        breakMode: 'always',
        details: { message: this.stop.text, stackTrace: this.table() },
      }),
      terminate: () => this.end(),
      disconnect: () => this.end(),
      [timelineRequest]: (args: TimelineArguments) => timelineOf(this.here(), args),
      [threadsRequest]: () => threadsOf(this.here()),
      [viewsRequest]: () => viewsOf(this.here()),
      [locksRequest]: () => locksOf(this.here()),
      [lockOrderRequest]: () => lockOrderOf(this.here()),
      [gotoRequest]: ({ step }: GotoArguments) => this.jump(Number(step) || 0, 'goto'),
      [moveRequest]: ({ thread }: MoveArguments) =>
        this.step({ threadId: Number(thread) + 1 }, 'instruction'),
      [saveRequest]: (args: SaveArguments) => {
        const text = saved(this.here(), args);
        if (typeof text === 'string') return refuse(text);
        return { ...text, scenario: scenarioPath(this.here()) } satisfies SaveResult;
      },
      [forkRequest]: ({ index }: ForkArguments) => {
        this.checkStanding();
        const taken = this.here().session.takeFork(Number(index));
        if (taken.kind === 'refused') refuse(taken.message);
        this.afterwards = () => this.halt('goto', this.focus, '');
      },
    };
    return table;
  }

  // ---------------------------------------------------------------- beginning and end

  private async launch(args: LaunchArguments, again = false): Promise<void> {
    if (this.run !== null && !again) refuse('this session has a scenario already');
    this.going.giveUp();
    this.search = new AbortController();
    const launched = await launch(this.host, args, this.search.signal);
    if (launched.kind === 'refused') refuse(launched.message);
    else {
      this.arguments = args;
      this.run = launched.run;
      this.variables = new Variables(launched.run);
      this.toldOfEdit = false;
      this.isOver = false;
      this.focus = firstMover(launched.run);
      const { variant, program } = launched.run;
      const options = [...variant.options].map(([name, value]) => `${name}=${value}`).join(' ');
      this.print(
        [`${program.checked.title}${options === '' ? '' : ` · ${options}`}`, ...launched.notes].join('\n'),
      );
      this.afterwards = () => {
        this.event('capabilities', {
          capabilities: {
            exceptionBreakpointFilters: exceptionFilters(program.checks.map(({ name }) => name)),
          },
        });
        for (const breakpoint of again ? this.breakpoints.renew(launched.run, this.offsets.line) : [])
          this.event('breakpoint', { reason: 'changed', breakpoint });
        if (again) this.go();
        else this.event('initialized', {});
      };
    }
  }

  private begin(): void {
    if (this.run === null) refuse('nothing is launched');
    this.afterwards = () => this.go();
  }

  private go(): void {
    this.configured = true;
    if (this.arguments.stopOnEntry === false) void this.continueIn(this.focus);
    else this.halt('entry', this.focus, '');
  }

  private end(): void {
    this.afterwards = () => {
      if (this.isOver) return;
      this.isOver = true;
      this.event('terminated', {});
    };
  }

  // ---------------------------------------------------------------- what there is

  private here(): Run {
    return this.run ?? refuse('nothing is launched');
  }

  private shownVariables(): Variables {
    return this.variables ?? refuse('nothing is launched');
  }

  private frameOf(id: number | undefined): FrameOf | null {
    return this.run === null ? null : frameOf(this.run, id);
  }

  private shown({ variablesReference, name }: DebugProtocol.DataBreakpointInfoArguments) {
    return variablesReference === undefined ? null : this.shownVariables().child(variablesReference, name);
  }

  // ---------------------------------------------------------------- moving

  private step(
    { threadId, granularity }: Pick<DebugProtocol.NextArguments, 'threadId' | 'granularity'>,
    stride: Stride,
  ): void {
    const run = this.here();
    const thread = threadId - 1;
    this.checkThread(thread);
    let hit: Hit | null = null;
    const stopped = stepThread(run.session, thread, granularity === 'instruction' ? 'instruction' : stride, {
      lineOf: (loc) => lineKey(run.project, loc),
      stopAt: () => {
        hit = this.breakpoints.hit(run);
        return hit?.text ?? null;
      },
    });
    if (stopped.why === 'refused') refuse(stopped.message);
    this.afterwards = () => this.haltAfter(stopped, thread, hit, 'step');
  }

  private stepIn(args: DebugProtocol.StepInArguments): void {
    if (args.targetId === undefined) {
      this.step(args, 'line');
      return;
    }
    const chosen =
      this.targets.find(({ target }) => target.id === args.targetId) ?? refuse('this target is gone');
    const { session } = this.here();
    if (chosen.kind === 'back') {
      session.jump(chosen.to);
      this.afterwards = () => this.halt('step', args.threadId - 1, '');
      return;
    }
    session.mark();
    const result = session.step(chosen.thread, chosen.choices);
    if (result.kind === 'refused') refuse(result.message);
    const hit = this.breakpoints.hit(this.here());
    this.afterwards = () =>
      this.halt(hit?.reason ?? 'step', args.threadId - 1, hit?.text ?? '', hit?.ids ?? []);
  }

  private stepBack({ threadId, granularity }: DebugProtocol.StepBackArguments): void {
    const { session } = this.here();
    this.checkThread(threadId - 1);
    if (session.cursor === 0) refuse('this is the start');
    if (granularity === 'instruction') session.jump(session.cursor - 1);
    else session.undo();
    this.afterwards = () => this.halt('step', threadId - 1, '');
  }

  private goOn(thread: number): DebugProtocol.ContinueResponse['body'] {
    this.checkThread(thread);
    this.afterwards = () => void this.continueIn(thread);
    return { allThreadsContinued: true };
  }

  private async continueIn(thread: number): Promise<void> {
    const run = this.here();
    const policy: Policy =
      run.session.cursor < run.session.length ? { kind: 'recorded' } : { kind: 'stay', thread };
    this.arrive(await this.going.go(run, policy), thread, 'step');
  }

  private goBack(thread: number): void {
    const run = this.here();
    this.checkThread(thread);
    if (run.session.cursor === 0) refuse('this is the start');
    this.afterwards = () =>
      void this.going.go(run, { kind: 'back' }).then((gone) => this.arrive(gone, thread, 'entry'));
  }

  private arrive(gone: Gone | null, thread: number, otherwise: string): void {
    if (gone === null || this.isOver) return;
    const { stopped, hit, paused } = gone;
    if (paused) this.halt('pause', thread, '');
    else
      this.haltAfter(stopped, stopped.thread ?? thread, hit, stopped.why === 'limit' ? 'pause' : otherwise);
  }

  private jump(to: number, reason: string): void {
    this.checkStanding();
    const { session } = this.here();
    session.jump(to);
    const event = session.history.event(session.cursor);
    const thread = event?.kind === 'step' ? event.thread : this.focus;
    this.afterwards = () => this.halt(reason, thread, '');
  }

  /** To the last state before the activation began. */
  private restartFrame(id: number): void {
    this.checkStanding();
    const { session, program } = this.here();
    const found = this.frameOf(id) ?? refuse('this frame is gone');
    let at = session.cursor;
    const isIn = (state: number): boolean =>
      stackOf(program, session.history.state(state), found.thread).some(({ frame }) => frame === found.frame);
    while (at > 0 && isIn(at - 1)) at--;
    session.jump(at);
    this.afterwards = () => this.halt('restart', found.thread, '');
  }

  private set(path: string, text: string, frame: { readonly thread: number; readonly frame: number } | null) {
    if (path === '') refuse('this cannot be set');
    this.checkStanding();
    const run = this.here();
    const shown = setValue(run, path, text, frame, refuse);
    this.afterwards = () => {
      this.variables?.forget();
      this.event('invalidated', { areas: ['all'] });
      this.moved();
    };
    const { value, type } = this.shownVariables().variable(shown, path);
    return { value, type };
  }

  private checkThread(thread: number): void {
    if (this.here().program.threads[thread] === undefined) refuse(`there is no thread ${thread + 1}`);
    this.checkStanding();
  }

  private checkStanding(): void {
    this.here();
    if (!this.configured) refuse('the run has not begun');
    if (this.going.isGoing) refuse('the run goes on; pause it first');
  }

  // ---------------------------------------------------------------- telling

  private haltAfter(stopped: Stopped, thread: number, hit: Hit | null, otherwise: string): void {
    if (hit !== null) {
      if (hit.reason === 'exception') this.print(`${hit.text}\n\n${this.table()}`, this.here(), thread);
      this.halt(hit.reason, thread, hit.text, hit.ids);
      return;
    }
    const { session } = this.here();
    if (stopped.message !== '' && stopped.why !== 'done') this.print(sentence(stopped.message));
    const isOver = session.standing.stackOf(thread).length === 0;
    this.halt(otherwise, thread, stopped.message, [], isOver ? 'ended' : stopped.why);
  }

  private halt(reason: string, thread: number, text: string, ids: readonly number[] = [], why = ''): void {
    this.focus = Math.max(0, thread);
    this.stop = { reason, text };
    this.variables?.forget();
    this.targets = [];
    this.event('stopped', {
      reason,
      threadId: this.focus + 1,
      allThreadsStopped: true,
      ...(text === '' ? {} : { text, description: descriptionOf(reason, text, why) }),
      ...(ids.length === 0 ? {} : { hitBreakpointIds: ids }),
    });
    this.moved();
  }

  private moved(): void {
    if (this.run === null) return;
    const { session } = this.run;
    const { cursor, length } = session;
    this.event(movedEvent, { cursor, length, kept: session.takeKept() } satisfies Moved);
  }

  /** The run so far as a changelog table; empty when it is none. */
  private table(): string {
    const table = this.run === null ? '' : saved(this.run, { as: 'table' });
    return typeof table === 'string' ? '' : table.text;
  }

  private print(text: string, run: Run | null = null, thread: number | null = null): void {
    const [top] = run === null || thread === null ? [] : run.session.standing.stackOf(thread);
    const line = top === undefined || run === null ? null : lineOf(run.project, top.loc);
    this.event('output', {
      category: 'console',
      output: `${text.trimEnd()}\n`,
      ...(line === null ? {} : { source: sourceOf(line.uri, 0), line: line.line - this.offsets.line }),
    });
  }

  private event(event: string, body: object): void {
    this.send({ seq: this.sequence++, type: 'event', event, body } as DebugProtocol.Event);
  }

  private respond(request: DebugProtocol.Request, body: unknown): void {
    this.send({
      ...{ seq: this.sequence++, type: 'response', request_seq: request.seq, success: true },
      ...{ command: request.command, body },
    } as DebugProtocol.Response);
  }
}

/** The thread that moves first in the recorded future, else the first that can. */
function firstMover({ session }: Run): number {
  const next = session.history.event(1);
  return next?.kind === 'step' ? next.thread : (session.ready()[0] ?? 0);
}
