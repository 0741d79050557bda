/** What a search is asked, and what it answers. */

/** One step of a trace: which thread moved, and the value of each `choose` in it, in order. */
export interface Step {
  readonly thread: number;
  readonly choices: readonly bigint[];
}

/** A path from an initial state. `start` holds the choices of init and of the threads' first local code, in order. */
export interface Trace {
  readonly start: readonly bigint[];
  readonly steps: readonly Step[];
}

/** Something that is wrong in one step or state. */
export interface Finding {
  /** Index into Program.checks. */
  readonly check: number;
  /** Index into Program.sites; for a deadlock, the site of the lowest-numbered thread of the cycle (or of the stuck ones) that waits for more than a CPU. */
  readonly site: number;
  /** The thread whose step did it; null for one found in a state (deadlock, invariant in the initial state) or in `init`. */
  readonly thread: number | null;
  /** More than the check's message says: the threads of a deadlock and what each waits for, the address touched. */
  readonly detail: string;
}

export interface Violation extends Finding {
  readonly trace: Trace;
}

export interface GoalAnswer {
  /** Index into Program.goals. */
  readonly goal: number;
  /** null: not found (which means not reachable only if the search is complete). */
  readonly trace: Trace | null;
}

export interface Budget {
  readonly maxStates: number;
  /** Milliseconds. */
  readonly maxMilliseconds: number;
  readonly maxBytes: number;
}

export interface Progress {
  readonly states: number;
  readonly transitions: number;
  readonly depth: number;
  /** States found and not yet expanded. */
  readonly frontier: number;
  readonly bytes: number;
  readonly milliseconds: number;
}

export interface SearchOptions {
  readonly budget: Budget;
  readonly reduction: boolean;
  /** Called between batches; returning false cancels. */
  readonly onProgress: (progress: Progress) => boolean;
  /** Milliseconds from any fixed moment (core has no clock of its own). */
  readonly now: () => number;
}

export interface SearchResult {
  /** Every reachable state was expanded. */
  readonly complete: boolean;
  /** Why not, in words for a person; null when complete. */
  readonly reason: string | null;
  /** Shortest trace for each (check, site); in order of discovery: by depth, then by thread and choice. */
  readonly violations: readonly Violation[];
  readonly goals: readonly GoalAnswer[];
  /** Program.points that were reached. */
  readonly reached: readonly boolean[];
  /** Per thread: it reached its end (or its head) in some state. */
  readonly ended: readonly boolean[];
  /** Per invariant: it was evaluated in some state with its condition false. */
  readonly evaluated: readonly boolean[];
  /** Per final condition: it was evaluated. */
  readonly finalEvaluated: readonly boolean[];
  readonly states: number;
  readonly transitions: number;
  readonly depth: number;
  readonly milliseconds: number;
  readonly bytes: number;
  readonly reductions: readonly string[];
}
