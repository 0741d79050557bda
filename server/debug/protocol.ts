/**
 * What the debug adapter speaks beyond the Debug Adapter Protocol, for views of a run: requests with the prefix
 * `lockstep/`, and the event `lockstep/moved`. `client/debug/protocol.ts` says the same for the other side.
 */

/** Messages of a debug session that travel over the language server's connection, both ways. */
export const debugMessage = 'lockstep/debug';
export interface DebugMessage {
  /** Chosen by the client. */
  readonly session: string;
  /** A message of the Debug Adapter Protocol; null: the session is over. */
  readonly message: unknown;
}

/** After each stop, and when the past was changed. */
export const movedEvent = 'lockstep/moved';
export interface Moved {
  readonly cursor: number;
  readonly length: number;
  /** Steps from the start that are as they were when this was told last. */
  readonly kept: number;
}

/** Where something is: as the debugger's own `source` and `line`, both from 1. */
export interface Place {
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

/** The steps `from` to before `to`, numbered from 1; without bounds, all. */
export const timelineRequest = 'lockstep/timeline';
export interface TimelineArguments {
  readonly from?: number;
  readonly to?: number;
}
export interface Timeline {
  readonly threads: readonly string[];
  readonly cursor: number;
  readonly length: number;
  readonly from: number;
  readonly steps: readonly TimelineStep[];
  readonly forks: readonly { readonly at: number; readonly why: string; readonly steps: number }[];
}
export interface TimelineStep {
  /** 1 is the first. */
  readonly number: number;
  /** null: a value that was set by hand. */
  readonly thread: number | null;
  readonly text: string;
  /** What it loaded, stored or chose. */
  readonly value: string | null;
  /** Function around it; empty in the body of an actor. */
  readonly within: string;
  readonly place: Place | null;
  /** Locks that the thread holds after it, with `(read)` for shared ones. */
  readonly holds: readonly string[];
  /** Objects that it accessed. */
  readonly touches: readonly string[];
  /** Checks that it broke. */
  readonly broken: readonly string[];
}

/** Goes to the state behind a step; 0 is the start. */
export const gotoRequest = 'lockstep/goto';
export interface GotoArguments {
  readonly step: number;
}

/** Moves a thread by one step, whichever has the focus. */
export const moveRequest = 'lockstep/move';
export interface MoveArguments {
  readonly thread: number;
}

/** Every thread: where it stands and what it may do. */
export const threadsRequest = 'lockstep/threads';
export type Threads = readonly {
  readonly name: string;
  readonly kind: 'ready' | 'waits' | 'over';
  /** What it waits for; empty otherwise. */
  readonly why: string;
  readonly next: string;
  readonly place: Place | null;
  readonly holds: readonly string[];
}[];

/** The views that the scenario and its library declare, with their lines now. */
export const viewsRequest = 'lockstep/views';
export type ViewsResult = readonly {
  readonly title: string;
  /** Why it cannot be shown; null when it can. */
  readonly message: string | null;
  readonly lines: readonly ViewItem[];
}[];
export interface ViewItem {
  readonly text: string;
  readonly lines: readonly ViewItem[];
  /** Step that wrote its memory last; null when it is about none, or nothing wrote it since the start. */
  readonly writer: number | null;
  /** The last step changed it, or something below it. */
  readonly changed: boolean;
  readonly place: Place | null;
}

/** Locks: who holds them since which step, who waits. */
export const locksRequest = 'lockstep/locks';
export interface LocksResult {
  readonly held: readonly {
    readonly lock: string;
    readonly kind: string;
    readonly mode: 'write' | 'read';
    readonly thread: string;
    readonly since: number | null;
    readonly place: Place | null;
  }[];
  readonly waiting: readonly {
    readonly thread: string;
    readonly why: string;
    readonly place: Place | null;
  }[];
}

/** The order graph of the variant's locks: which class is taken inside which, by code or by declaration. */
export const lockOrderRequest = 'lockstep/lockOrder';
export type LockOrder = readonly {
  /** The class that is held. */
  readonly outer: string;
  readonly inner: string;
  /** Where `inner` is taken while `outer` is held, each place once. */
  readonly taken: readonly { readonly who: string; readonly place: Place | null }[];
  /** Where the order is declared; null: it is not. */
  readonly declared: Place | null;
  /** What is wrong with the edge, for a person; null: nothing. */
  readonly broken: string | null;
}[];

/** The run up to now, as text to keep. `test`: the scenario with the run as a schedule, and what is expected of it. */
export const saveRequest = 'lockstep/save';
export interface SaveArguments {
  readonly as: 'schedule' | 'trace' | 'table' | 'test';
  readonly title?: string;
}
export interface SaveResult {
  readonly text: string;
  /** Path of the scenario, as in `Place`. */
  readonly scenario: string;
}

/** Goes back to a run that was left. */
export const forkRequest = 'lockstep/fork';
export interface ForkArguments {
  readonly index: number;
}
