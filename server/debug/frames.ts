/** The threads of a run and their call stacks, in the words of the debugger. */

import type { DebugProtocol } from '@vscode/debugprotocol';
import { lineOf, type Run } from './run.ts';
import { sourceOf } from './sources.ts';

export interface FrameOf {
  readonly thread: number;
  readonly frame: number;
}

/** How far the client's lines and columns are below those that count from 1. */
export interface Offsets {
  readonly line: number;
  readonly column: number;
}

/** `vcpu fault[1] · waits at spin_lock(&l); held by task zap`; numbers count from 1. */
export function threadNames({ program, session }: Run): DebugProtocol.Thread[] {
  return program.threads.map(({ name, kind }, thread) => {
    const status = session.status(thread);
    const waits = status.kind === 'waits' ? ` · ${waitOf(status.why)}` : '';
    const over = status.kind === 'over' ? ' · ended' : '';
    return { id: thread + 1, name: `${kind} ${name}${waits}${over}` };
  });
}

/** Texts that are not those of their files any more: a run goes on with the text that it began with. */
export class Frames {
  private readonly textNow: (uri: string) => string | null;
  private readonly oldTexts: { readonly uri: string; readonly text: string }[] = [];

  constructor(textNow: (uri: string) => string | null) {
    this.textNow = textNow;
  }

  stackTrace(
    run: Run,
    { threadId, startFrame = 0, levels = 0 }: DebugProtocol.StackTraceArguments,
    offsets: Offsets,
  ): DebugProtocol.StackTraceResponse['body'] {
    const thread = threadId - 1;
    const stack = run.session.standing.stackOf(thread);
    const frames = stack.map(({ frame, function: name, loc }, depth): DebugProtocol.StackFrame => {
      const line = lineOf(run.project, loc);
      const uri = line?.uri ?? run.scene.uri;
      const end =
        line === null || depth > 0
          ? {}
          : { endLine: line.endLine - offsets.line, endColumn: line.endColumn - offsets.column };
      return {
        id: frameId({ thread, frame }),
        name: name === '' ? (run.program.threads[thread]?.name ?? '') : `${name}()`,
        source: sourceOf(uri, this.referenceOf(run, uri)),
        line: (line?.line ?? 1) - offsets.line,
        column: (line?.column ?? 1) - offsets.column,
        ...end,
        canRestart: name !== '',
        ...(uri.startsWith('library:') ? { presentationHint: 'subtle' } : {}),
      };
    });
    if (frames.length === 0) frames.push(...this.endOf(run, thread, offsets));
    const from = Math.max(0, startFrame);
    return {
      stackFrames: frames.slice(from, levels > 0 ? from + levels : undefined),
      totalFrames: frames.length,
    };
  }

  /** A thread that has ended stands behind its last step, so that shared memory can be looked at from there. */
  private endOf(run: Run, thread: number, offsets: Offsets): DebugProtocol.StackFrame[] {
    const last = lastSiteOf(run, thread);
    const line = last === undefined ? null : lineOf(run.project, last.loc);
    if (line === null) return [];
    return [
      {
        id: frameId({ thread, frame: run.program.frames.length }),
        name: `${run.program.threads[thread]?.name ?? ''} has ended`,
        source: sourceOf(line.uri, this.referenceOf(run, line.uri)),
        line: line.line - offsets.line,
        column: line.column - offsets.column,
        canRestart: false,
      },
    ];
  }

  /** Null for a text that was never kept. */
  oldText(reference: number): string | null {
    return this.oldTexts[reference - 1]?.text ?? null;
  }

  isChanged(run: Run, uri: string): boolean {
    const text = run.project.files.get(uri)?.source.text;
    return text !== undefined && this.textNow(uri) !== text;
  }

  /** Number of the kept text of a file that was edited since; 0 while it is as it was. */
  private referenceOf(run: Run, uri: string): number {
    if (!this.isChanged(run, uri)) return 0;
    const text = run.project.files.get(uri)?.source.text ?? '';
    const known = this.oldTexts.findIndex((one) => one.uri === uri && one.text === text);
    return known >= 0 ? known + 1 : this.oldTexts.push({ uri, text });
  }
}

/** The frame that an id names; null when it is gone. */
export function frameOf({ session, program }: Run, id: number | undefined): FrameOf | null {
  if (id === undefined || id < 1) return null;
  const thread = (id - 1) % mostThreads;
  const frame = (id - 1 - thread) / mostThreads;
  const stack = session.standing.stackOf(thread);
  const isEnd = stack.length === 0 && frame === program.frames.length;
  return isEnd || stack.some((one) => one.frame === frame) ? { thread, frame } : null;
}

/** The innermost frame of a thread; null when it has ended. */
export function topFrameOf({ session }: Run, thread: number): FrameOf | null {
  const [top] = session.standing.stackOf(thread);
  return top === undefined ? null : { thread, frame: top.frame };
}

function lastSiteOf({ session, program }: Run, thread: number) {
  for (let at = session.cursor; at > 0; at--) {
    const event = session.history.event(at);
    if (event?.kind === 'step' && event.thread === thread) return program.sites[event.site];
  }
  return undefined;
}

const mostThreads = 64;

function frameId({ thread, frame }: FrameOf): number {
  return frame * mostThreads + thread + 1;
}

/** `vcpu fault[1] waits at spin_lock(&l); held by task zap` without its beginning. */
function waitOf(why: string): string {
  return why.replace(/^.*? (?=waits )/, '');
}
