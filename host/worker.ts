/** The worker thread's entry: one job at a time, as host/queue.ts asks for them. */

import { parentPort } from 'node:worker_threads';
import type { Progress } from '../core/machine/result.ts';
import { type Exploration, explore, type Job, newCaches } from './job.ts';
import type { Reply, Request } from './queue.ts';

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
