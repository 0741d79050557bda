/**
 * One queue of explorations for the whole process, run by worker threads: by priority, cancelled at once,
 * never run twice for the same content, and a worker that dies costs its one job and is reported once.
 */

import { Worker, type WorkerOptions } from 'node:worker_threads';

/** What a worker is given. `cancelled[0]` becomes 1 when the answer is not wanted any more; a good worker looks at it often. */
export interface Request<Job> {
  readonly job: Job;
  readonly cancelled: Int32Array;
}

export type Reply<Answer, Progress> =
  | { readonly kind: 'progress'; readonly progress: Progress }
  /** `keep`: the same content will always have this answer. */
  | { readonly kind: 'done'; readonly answer: Answer; readonly keep: boolean }
  | { readonly kind: 'crashed'; readonly message: string };

export type Outcome<Answer> =
  | { readonly kind: 'done'; readonly answer: Answer }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'crashed'; readonly message: string };

export interface Order<Job, Progress> {
  readonly job: Job;
  /** Equal keys mean equal answers. null: never shared. */
  readonly key: string | null;
  /** Higher goes first; equal ones in the order they came. */
  readonly priority: number;
  readonly onProgress?: (progress: Progress) => void;
}

export interface Ticket<Answer> {
  readonly outcome: Promise<Outcome<Answer>>;
  cancel(): void;
}

/** The part of a worker thread that the queue uses. */
export interface Runner<Job, Answer, Progress> {
  send(request: Request<Job>): void;
  onReply(listener: (reply: Reply<Answer, Progress>) => void): void;
  stop(): void;
}

export interface QueueOptions<Job, Answer, Progress> {
  readonly workers: number;
  readonly start: () => Runner<Job, Answer, Progress>;
  /** Answers remembered. */
  readonly remembered?: number;
  /** Milliseconds that a worker has to notice that its job is cancelled before it is stopped. */
  readonly patience?: number;
}

interface Task<Job, Answer, Progress> {
  readonly order: Order<Job, Progress>;
  readonly listeners: Set<(progress: Progress) => void>;
  readonly outcome: Promise<Outcome<Answer>>;
  readonly settle: (outcome: Outcome<Answer>) => void;
  /** How many still want the answer. */
  wanted: number;
  running: { readonly runner: Runner<Job, Answer, Progress>; readonly cancelled: Int32Array } | null;
  settled: boolean;
}

export class ExplorationQueue<Job, Answer, Progress> {
  private readonly options: QueueOptions<Job, Answer, Progress>;
  private readonly waiting: Task<Job, Answer, Progress>[] = [];
  private readonly byKey = new Map<string, Task<Job, Answer, Progress>>();
  private readonly known = new Map<string, Answer>();
  private readonly idle: Runner<Job, Answer, Progress>[] = [];
  private readonly busy = new Map<Runner<Job, Answer, Progress>, Task<Job, Answer, Progress>>();

  constructor(options: QueueOptions<Job, Answer, Progress>) {
    this.options = options;
  }

  submit(order: Order<Job, Progress>): Ticket<Answer> {
    const known = order.key === null ? undefined : this.known.get(order.key);
    if (order.key !== null && known !== undefined) {
      this.remember(order.key, known);
      return { outcome: Promise.resolve({ kind: 'done', answer: known }), cancel: () => {} };
    }
    const same = order.key === null ? undefined : this.byKey.get(order.key);
    const task = same ?? this.enqueue(order);
    if (same !== undefined) same.wanted++;
    if (order.onProgress !== undefined) task.listeners.add(order.onProgress);
    return this.ticket(task, order);
  }

  /** Stops every worker; what was not finished counts as cancelled. */
  close(): void {
    for (const task of [...this.waiting, ...this.busy.values()]) this.finish(task, { kind: 'cancelled' });
    for (const runner of [...this.idle, ...this.busy.keys()]) runner.stop();
    this.waiting.length = 0;
    this.idle.length = 0;
    this.busy.clear();
  }

  private ticket(task: Task<Job, Answer, Progress>, order: Order<Job, Progress>): Ticket<Answer> {
    let mine = true;
    let giveUp = (): void => {};
    const cancelled = new Promise<Outcome<Answer>>((resolve) => {
      giveUp = () => resolve({ kind: 'cancelled' });
    });
    const cancel = (): void => {
      if (!mine) return;
      mine = false;
      giveUp();
      if (order.onProgress !== undefined) task.listeners.delete(order.onProgress);
      task.wanted--;
      if (task.wanted === 0) this.abandon(task);
    };
    return { outcome: Promise.race([cancelled, task.outcome]), cancel };
  }

  private enqueue(order: Order<Job, Progress>): Task<Job, Answer, Progress> {
    let settle: (outcome: Outcome<Answer>) => void = () => {};
    const outcome = new Promise<Outcome<Answer>>((resolve) => {
      settle = resolve;
    });
    const task = { order, listeners: new Set<(progress: Progress) => void>(), outcome, settle };
    const whole: Task<Job, Answer, Progress> = { ...task, wanted: 1, running: null, settled: false };
    if (order.key !== null) this.byKey.set(order.key, whole);
    const behind = this.waiting.findIndex((other) => other.order.priority < order.priority);
    this.waiting.splice(behind < 0 ? this.waiting.length : behind, 0, whole);
    this.dispatch();
    return whole;
  }

  private dispatch(): void {
    while (this.waiting.length > 0 && (this.idle.length > 0 || this.busy.size < this.options.workers)) {
      const task = this.waiting.shift();
      if (task === undefined) return;
      const runner = this.idle.pop() ?? this.startRunner();
      const cancelled = new Int32Array(new SharedArrayBuffer(4));
      task.running = { runner, cancelled };
      this.busy.set(runner, task);
      runner.send({ job: task.order.job, cancelled });
    }
  }

  private startRunner(): Runner<Job, Answer, Progress> {
    const runner = this.options.start();
    runner.onReply((reply) => this.receive(runner, reply));
    return runner;
  }

  private receive(runner: Runner<Job, Answer, Progress>, reply: Reply<Answer, Progress>): void {
    const task = this.busy.get(runner);
    if (reply.kind === 'progress') {
      for (const listener of task?.listeners ?? []) listener(reply.progress);
      return;
    }
    this.busy.delete(runner);
    const position = this.idle.indexOf(runner);
    if (reply.kind === 'crashed') {
      if (position >= 0) this.idle.splice(position, 1);
    } else if (position < 0) this.idle.push(runner);
    if (task !== undefined) this.finish(task, this.outcomeOf(task, reply));
    this.dispatch();
  }

  private outcomeOf(
    task: Task<Job, Answer, Progress>,
    reply: Exclude<Reply<Answer, Progress>, { kind: 'progress' }>,
  ): Outcome<Answer> {
    if (reply.kind === 'crashed') return reply;
    if (task.wanted === 0) return { kind: 'cancelled' };
    if (reply.keep && task.order.key !== null) this.remember(task.order.key, reply.answer);
    return { kind: 'done', answer: reply.answer };
  }

  /** Nobody wants the answer any more. */
  private abandon(task: Task<Job, Answer, Progress>): void {
    if (task.settled) return;
    this.finish(task, { kind: 'cancelled' });
    const position = this.waiting.indexOf(task);
    if (position >= 0) this.waiting.splice(position, 1);
    if (task.running === null) return;
    const { runner, cancelled } = task.running;
    Atomics.store(cancelled, 0, 1);
    const patience = setTimeout(() => {
      if (this.busy.get(runner) !== task) return;
      this.busy.delete(runner);
      runner.stop();
      this.dispatch();
    }, this.options.patience ?? 1000);
    patience.unref();
  }

  private finish(task: Task<Job, Answer, Progress>, outcome: Outcome<Answer>): void {
    if (task.settled) return;
    task.settled = true;
    const { key } = task.order;
    if (key !== null && this.byKey.get(key) === task) this.byKey.delete(key);
    task.settle(outcome);
  }

  private remember(key: string, answer: Answer): void {
    this.known.delete(key);
    this.known.set(key, answer);
    const oldest = this.known.keys().next();
    if (this.known.size > (this.options.remembered ?? 256) && oldest.done === false) {
      this.known.delete(oldest.value);
    }
  }
}

/** A worker thread that runs `script`. Its death, by whatever cause, is one `crashed` reply. */
export function startWorker<Job, Answer, Progress>(
  script: URL,
  options: WorkerOptions = {},
): Runner<Job, Answer, Progress> {
  const worker = new Worker(script, options);
  const listeners: ((reply: Reply<Answer, Progress>) => void)[] = [];
  let dead = false;
  const tell = (reply: Reply<Answer, Progress>): void => {
    for (const listener of listeners) listener(reply);
  };
  const die = (message: string): void => {
    if (dead) return;
    dead = true;
    tell({ kind: 'crashed', message });
  };
  worker.on('message', tell);
  worker.on('messageerror', (error) => die(error.message));
  worker.on('error', (error) => die(error.message));
  worker.on('exit', (code) => die(`the worker ended with code ${code}`));
  return {
    send: (request) => worker.postMessage(request),
    onReply: (listener) => listeners.push(listener),
    stop: () => {
      dead = true;
      void worker.terminate();
    },
  };
}
