/**
 * Everything that the server explores goes through here: one queue over a few worker threads, and what it has answered,
 * by what the text says: a change of blanks or comments asks nothing anew.
 */

import { availableParallelism } from 'node:os';
import type { Budget, Progress } from '../core/machine/result.ts';
import { type Variant, variantKey } from '../core/semantics/options.ts';
import type { Project } from '../core/semantics/snapshot.ts';
import type { Exploration, Job } from '../host/job.ts';
import type { Located, LocatedProblem } from '../host/located.ts';
import { contentOf } from '../host/marks.ts';
import { ExplorationQueue, type Runner } from '../host/queue.ts';
import { textsOf } from '../host/scenario.ts';
import type { Scene } from './scene.ts';

export type StartRunner = () => Runner<Job, Exploration, Progress>;

/** What is known of one variant. */
export interface Known {
  /** null: it cannot be explored, and the problems say why. */
  readonly located: Located | null;
  readonly problems: readonly LocatedProblem[];
}

export type Asked =
  | { readonly kind: 'done'; readonly known: Known }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'crashed'; readonly message: string };

export interface Asking {
  readonly outcome: Promise<Asked>;
  cancel(): void;
}

/** Live verdicts wait for what somebody asked for. */
export const priorities = { live: 0, asked: 1 } as const;

interface Kept extends Known {
  readonly budget: Budget;
}

const mostKept = 1000;
/**
 * Milliseconds that a worker has to notice that its job is not wanted any more. It looks while it searches; what comes
 * before takes longest in a new worker, and one that is stopped there would be a new one again.
 */
const patience = 20_000;

export class Explorer {
  private readonly start: StartRunner;
  private readonly kept = new Map<string, Kept>();
  private readonly crashes = new Set<string>();
  private queue: ExplorationQueue<Job, Exploration, Progress> | null = null;
  private workers = 0;

  constructor(start: StartRunner) {
    this.start = start;
  }

  /** `workers`: of the settings; 0 for as many as there are processors, less the one that answers the editor. */
  configure(workers: number): void {
    const wanted = workers > 0 ? workers : Math.max(1, availableParallelism() - 1);
    if (wanted === this.workers) return;
    this.workers = wanted;
    // What runs there is asked again by who still wants it.
    this.close();
  }

  /** How many explorations one request may have under way: one thread is left for live verdicts, if there are two. */
  get shareForOne(): number {
    return Math.max(1, this.workers - 1);
  }

  /** What is known of a variant of this content, however far it was explored; null when it never was. */
  known(scene: Scene, variant: Variant): Known | null {
    return this.kept.get(keyOf(scene, variant)) ?? null;
  }

  /** Whether an exploration of this content has cost its worker. */
  hasCrashed(scene: Scene, variant: Variant): boolean {
    return this.crashes.has(keyOf(scene, variant));
  }

  ask(
    scene: Scene,
    variant: Variant,
    {
      budget,
      priority,
      onProgress,
    }: {
      readonly budget: Budget;
      readonly priority: number;
      readonly onProgress?: (progress: Progress) => void;
    },
  ): Asking {
    const key = keyOf(scene, variant);
    const kept = this.kept.get(key);
    if (kept !== undefined && answers(kept, budget)) {
      this.keep(key, kept);
      return { outcome: Promise.resolve({ kind: 'done', known: kept }), cancel: () => {} };
    }
    this.queue ??= new ExplorationQueue<Job, Exploration, Progress>({
      workers: Math.max(1, this.workers),
      start: this.start,
      // They are remembered here.
      remembered: 0,
      patience,
    });
    const ticket = this.queue.submit({
      job: jobOf(scene, variant, budget),
      key: `${key} ${budget.maxStates} ${budget.maxMilliseconds} ${budget.maxBytes}`,
      priority,
      ...(onProgress === undefined ? {} : { onProgress }),
    });
    const outcome = ticket.outcome.then((answer): Asked => {
      if (answer.kind === 'crashed') this.crashes.add(key);
      if (answer.kind !== 'done') return answer;
      const known = { located: answer.answer.located, problems: answer.answer.problems };
      this.keep(key, { ...known, budget });
      return { kind: 'done', known };
    });
    return { outcome, cancel: ticket.cancel };
  }

  /** What was cut short may get further with another budget. */
  forgetIncomplete(): void {
    for (const [key, { located }] of this.kept) if (located?.complete === false) this.kept.delete(key);
  }

  /** Stops all workers. */
  close(): void {
    this.queue?.close();
    this.queue = null;
  }

  private keep(key: string, entry: Kept): void {
    this.kept.delete(key);
    this.kept.set(key, entry);
    const [oldest] = this.kept.keys();
    if (this.kept.size > mostKept && oldest !== undefined) this.kept.delete(oldest);
  }
}

/** Complete answers are final; of others, one that was searched as far as is asked. */
function answers({ located, budget }: Kept, asked: Budget): boolean {
  if (located === null || located.complete) return true;
  return (
    budget.maxStates >= asked.maxStates &&
    budget.maxMilliseconds >= asked.maxMilliseconds &&
    budget.maxBytes >= asked.maxBytes
  );
}

const contents = new WeakMap<Project, string>();

/** Equal for texts that say the same, in blanks and comments apart. */
export function contentKey({ project }: Scene): string {
  let content = contents.get(project);
  if (content === undefined) {
    content = contentOf(project);
    contents.set(project, content);
  }
  return content;
}

function keyOf(scene: Scene, variant: Variant): string {
  return `${scene.uri} ${contentKey(scene)} ${variantKey(variant)}`;
}

function jobOf({ project, uri, root }: Scene, variant: Variant, budget: Budget): Job {
  return {
    uri,
    texts: textsOf(project),
    root,
    variant,
    budget,
    reduction: true,
    // Places are shown as URIs here; paths play no part.
    workingDirectory: '/',
  };
}
