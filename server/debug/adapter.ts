/**
 * The debug adapter: one debug session, in the messages of the Debug Adapter Protocol. Requests are answered in their
 * order. The threads of the debugger are those of the scenario; stepping one chooses the interleaving.
 */

import type { DebugProtocol } from '@vscode/debugprotocol';
import { depthOf, stackOf } from '../../core/session/stack.ts';
import {
  run as runAll,
  runBack,
  type Policy,
  type Stopped,
  type Stride,
  stepThread,
} from '../../core/session/stepping.ts';
import { Breakpoints, type Hit } from './breakpoints.ts';
import { capabilities, exceptionFilters } from './capabilities.ts';
import { completionsAt, dataPlaceOf, evaluated, memoryAt, setValue } from './evaluating.ts';
import { type LaunchArguments, type LaunchHost, launch } from './launch.ts';
import { locksOf, saved, threadsOf, timelineOf, viewsOf } from './panels.ts';
import {
  type ForkArguments,
  forkRequest,
  type GotoArguments,
  gotoRequest,
  locksRequest,
  type MoveArguments,
  type Moved,
  movedEvent,
  moveRequest,
  type SaveArguments,
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

/** A request cannot be served; the message is for the person. */
class Refusal extends Error {}

type Handler = (args: never) => unknown;

/** Commands whose refusal somebody is to see who pressed a button; others have a place of their own for it. */
const moving: ReadonlySet<string> = new Set([
  ...['next', 'stepIn', 'stepOut', 'stepBack', 'continue', 'reverseContinue', 'goto', 'restartFrame'],
]);
/** Steps that are taken before messages that came meanwhile are looked at. */
const slice = 2000;
const mostSteps = 200_000;

export class DebugAdapter {
  private readonly host: DebugHost;
  private readonly send: (message: DebugProtocol.ProtocolMessage) => void;
  private readonly handlers: Readonly<Record<string, Handler>>;
  private readonly breakpoints: Breakpoints;
  /** Texts that are not those of their files any more, from 1. */
  private readonly oldTexts: { readonly uri: string; readonly text: string }[] = [];
  private run: Run | null = null;
  private variables: Variables | null = null;
  private arguments: LaunchArguments = {};
  private sequence = 1;
  private offset = 0;
  private columnOffset = 0;
  private queue: Promise<void> = Promise.resolve();
  private targets: readonly Target[] = [];
  private pausing = false;
  private running = false;
  private focus = 0;
  private configured = false;
  private stop: { readonly reason: string; readonly text: string } = { reason: 'entry', text: '' };
  private isOver = false;
  private toldOfEdit = false;

  constructor(host: DebugHost, send: (message: DebugProtocol.ProtocolMessage) => void) {
    this.host = host;
    this.send = send;
    this.breakpoints = new Breakpoints((text, run, thread) => this.print(text, run, thread));
    this.handlers = this.handlerTable();
  }

  /** Whatever comes from outside. Answers come through `send`. */
  handle(message: unknown): void {
    const request = requestOf(message);
    if (request === null) return;
    // What must not wait for a run that goes on.
    if (request.command === 'pause' && this.running) {
      this.pausing = true;
      this.respond(request, {});
      return;
    }
    this.queue = this.queue.then(() => this.serve(request)).catch((error) => this.host.fault(error));
  }

  /** Resolves when everything that came so far is answered. */
  get idle(): Promise<void> {
    return this.queue;
  }

  /** The editor or the server goes away. */
  close(): void {
    this.pausing = true;
    this.end();
  }

  /** The text of a file was changed: says once that the run is of the text before. */
  edited(uri: string): void {
    if (this.run === null || this.toldOfEdit || !this.isChanged(uri)) return;
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
        this.offset = args.linesStartAt1 === false ? 1 : 0;
        this.columnOffset = args.columnsStartAt1 === false ? 1 : 0;
        return capabilities;
      },
      launch: (args: LaunchArguments) => this.launch(args),
      attach: () => refuse('a scenario is launched; there is nothing to attach to'),
      setBreakpoints: (args: DebugProtocol.SetBreakpointsArguments) => ({
        breakpoints: this.breakpoints.setLines(this.run, args, this.offset),
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
      threads: () => ({ threads: this.threads() }),
      stackTrace: (args: DebugProtocol.StackTraceArguments) => this.stackTrace(args),
      scopes: ({ frameId }: DebugProtocol.ScopesArguments) => {
        const frame = this.frameOf(frameId) ?? refuse('this frame is gone');
        return { scopes: this.shownVariables().scopes(frame.thread, frame.frame) };
      },
      variables: (args: DebugProtocol.VariablesArguments) => ({
        variables: this.shownVariables().children(args),
      }),
      source: ({ source, sourceReference }: DebugProtocol.SourceArguments) => {
        const kept = this.oldTexts[(source?.sourceReference ?? sourceReference) - 1];
        return kept === undefined ? refuse('this text is gone') : { content: kept.text };
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
        targets: gotoTargetsOf(this.here(), source, line + this.offset),
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
        targets: completionsAt(this.here(), args, this.frameOf(args.frameId), this.columnOffset),
      }),
      setVariable: (args: DebugProtocol.SetVariableArguments) => {
        const found =
          this.shownVariables().child(args.variablesReference, args.name) ?? refuse('this variable is gone');
        return this.set(found.path, args.value, this.frameWithLocals());
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
      [gotoRequest]: ({ step }: GotoArguments) => this.jump(Number(step) || 0, 'goto'),
      [moveRequest]: ({ thread }: MoveArguments) =>
        this.step({ threadId: Number(thread) + 1 }, 'instruction'),
      [saveRequest]: (args: SaveArguments) => {
        const text = saved(this.here(), args);
        return typeof text === 'string' ? refuse(text) : text;
      },
      [forkRequest]: ({ index }: ForkArguments) => {
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
    const launched = await launch(this.host, args);
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
    if (this.arguments.stopOnEntry === false) this.continueIn(this.focus);
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

  private threads(): DebugProtocol.Thread[] {
    const { program, session } = this.here();
    return program.threads.map(({ name, kind }, thread) => {
      const status = session.status(thread);
      const waits = status.kind === 'waits' ? ` · ${waitOf(status.why)}` : '';
      const over = status.kind === 'over' ? ' · ended' : '';
      return { id: thread + 1, name: `${kind} ${name}${waits}${over}` };
    });
  }

  private stackTrace({ threadId, startFrame = 0, levels }: DebugProtocol.StackTraceArguments) {
    const run = this.here();
    const thread = threadId - 1;
    const stack = stackOf(run.program, run.session.state, thread);
    const most = levels === undefined || levels === 0 ? stack.length : levels;
    const frames = stack.map(({ frame, function: name, loc }, depth): DebugProtocol.StackFrame => {
      const line = lineOf(run.project, loc);
      const uri = line?.uri ?? run.scene.uri;
      const isLibrary = uri.startsWith('library:');
      return {
        id: frameId(thread, frame),
        name: name === '' ? (run.program.threads[thread]?.name ?? '') : `${name}()`,
        source: sourceOf(uri, this.referenceOf(uri)),
        line: (line?.line ?? 1) - this.offset,
        column: (line?.column ?? 1) - this.columnOffset,
        ...(line === null || depth > 0
          ? {}
          : { endLine: line.endLine - this.offset, endColumn: line.endColumn - this.columnOffset }),
        canRestart: name !== '',
        ...(isLibrary ? { presentationHint: 'subtle' } : {}),
      };
    });
    return { stackFrames: frames.slice(startFrame, startFrame + most), totalFrames: frames.length };
  }

  /** Number of the kept text of a file that was edited since; 0 while it is as it was. */
  private referenceOf(uri: string): number {
    if (!this.isChanged(uri)) return 0;
    const text = this.here().project.files.get(uri)?.source.text ?? '';
    const known = this.oldTexts.findIndex((one) => one.uri === uri && one.text === text);
    return known >= 0 ? known + 1 : this.oldTexts.push({ uri, text });
  }

  private isChanged(uri: string): boolean {
    const text = this.run?.project.files.get(uri)?.source.text;
    return text !== undefined && this.host.textNow(uri) !== text;
  }

  private frameOf(id: number | undefined): { readonly thread: number; readonly frame: number } | null {
    if (id === undefined || this.run === null) return null;
    const thread = (id - 1) % 64;
    const frame = (id - 1 - thread) / 64;
    const stack = stackOf(this.run.program, this.run.session.state, thread);
    return stack.some((one) => one.frame === frame) ? { thread, frame } : null;
  }

  private frameWithLocals(): { readonly thread: number; readonly frame: number } | null {
    const { program, session } = this.here();
    const [top] = stackOf(program, session.state, this.focus);
    return top === undefined ? null : { thread: this.focus, frame: top.frame };
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
    this.afterwards = () => this.continueIn(thread);
    return { allThreadsContinued: true };
  }

  /** In slices, so that a pause gets through. */
  private continueIn(thread: number): void {
    const run = this.run;
    if (run === null) return;
    this.running = true;
    this.pausing = false;
    let taken = 0;
    let hit: Hit | null = null;
    const policy: Policy =
      run.session.cursor < run.session.length ? { kind: 'recorded' } : { kind: 'stay', thread };
    const go = (): void => {
      const before = run.session.cursor;
      const stopped = runAll(run.session, policy, {
        lineOf: (loc) => lineKey(run.project, loc),
        most: slice,
        stopAt: (session) => {
          hit = this.breakpoints.hit(run);
          if (hit !== null) return hit.text;
          // Behind a recorded run the person decides what comes next.
          const end = policy.kind === 'recorded' && session.cursor === session.length;
          return end ? 'the end of the recorded run' : null;
        },
      });
      taken += run.session.cursor - before;
      if (stopped.why === 'limit' && taken < mostSteps && !this.pausing) {
        setImmediate(go);
        return;
      }
      this.running = false;
      if (this.pausing) this.halt('pause', thread, '');
      else this.haltAfter(stopped, stopped.thread ?? thread, hit, 'step');
    };
    go();
  }

  private goBack(thread: number): void {
    const run = this.here();
    this.checkThread(thread);
    if (run.session.cursor === 0) refuse('this is the start');
    let hit: Hit | null = null;
    const stopped = runBack(run.session, {
      lineOf: (loc) => lineKey(run.project, loc),
      stopAt: () => {
        hit = this.breakpoints.hit(run);
        return hit?.text ?? null;
      },
    });
    this.afterwards = () => this.haltAfter(stopped, stopped.thread ?? thread, hit, 'entry');
  }

  private jump(to: number, reason: string): void {
    const { session } = this.here();
    session.jump(to);
    const event = session.history.event(session.cursor);
    const thread = event?.kind === 'step' ? event.thread : this.focus;
    this.afterwards = () => this.halt(reason, thread, '');
  }

  /** To the last state before the activation began. */
  private restartFrame(id: number): void {
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
    if (!this.configured) refuse('the run has not begun');
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
    const depth = depthOf(this.here().program, session.state, thread);
    this.halt(otherwise, thread, stopped.message, [], depth < 0 ? 'ended' : stopped.why);
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
    const [top] = run === null || thread === null ? [] : stackOf(run.program, run.session.state, thread);
    const line = top === undefined || run === null ? null : lineOf(run.project, top.loc);
    this.event('output', {
      category: run === null ? 'console' : 'important',
      output: `${text.trimEnd()}\n`,
      ...(line === null ? {} : { source: sourceOf(line.uri, 0), line: line.line - this.offset }),
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

function requestOf(message: unknown): DebugProtocol.Request | null {
  if (typeof message !== 'object' || message === null) return null;
  const { type, command, seq } = message as Partial<DebugProtocol.Request>;
  if (type !== 'request' || typeof command !== 'string' || typeof seq !== 'number') return null;
  return message as DebugProtocol.Request;
}

function refuse(message: string): never {
  throw new Refusal(message);
}

/** Threads are at most 64. */
function frameId(thread: number, frame: number): number {
  return frame * 64 + thread + 1;
}

/** The thread that moves first in the recorded future, else the first that can. */
function firstMover({ session }: Run): number {
  const next = session.history.event(1);
  return next?.kind === 'step' ? next.thread : (session.ready()[0] ?? 0);
}

/** `vcpu fault[1] waits at spin_lock(&l); held by task zap` without its beginning. */
function waitOf(why: string): string {
  return why.replace(/^.*? (?=waits )/, '');
}

function descriptionOf(reason: string, text: string, why: string): string {
  if (reason === 'exception') return 'A check failed';
  return why === 'blocked' ? `Waiting: ${text}` : sentence(text);
}

function sentence(text: string): string {
  return text === '' ? '' : `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}`;
}
