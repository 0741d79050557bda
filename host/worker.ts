/** The worker thread's entry: one job at a time, as host/queue.ts asks for them. */

import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { Progress } from '../core/machine/result.ts';
import { type Exploration, explore, type Job, newCaches } from './job.ts';
import type { Reply, Request } from './queue.ts';

/** What a worker may be started with, as its `workerData`. */
export interface WorkerData {
  /** Others in this process are waited for by somebody: they come first. */
  readonly isBackground: boolean;
}

const { isBackground = false }: Partial<WorkerData> = workerData ?? {};
// Where a priority is of a thread and not of the whole process.
if (isBackground && process.platform === 'linux') setPriority(10);

/** Milliseconds between two reports of progress. */
const PULSE = 100;

/** Of all jobs that come this way: an edit costs what it changes. */
const caches = newCaches();

parentPort?.on('message', ({ job, cancelled }: Request<Job>) => {
  const tell = (reply: Reply<Exploration, Progress>): void => parentPort?.postMessage(reply);
  let told = performance.now();
  const answer = explore(
    job,
    (progress) => {
      if (performance.now() - told > PULSE) {
        told = performance.now();
        tell({ kind: 'progress', progress });
      }
      return Atomics.load(cancelled, 0) === 0;
    },
    caches,
  );
  // A search that was cut short by time or memory may get further another day.
  tell({ kind: 'done', answer, keep: answer.result?.complete ?? true });
});
