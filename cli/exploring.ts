/** What `check` and `trace` share: the options of a search, and having variants explored by workers. */

import type { Budget, Progress } from '../core/machine/result.ts';
import { type Exploration, explore, type Job, keyOf, newCaches } from '../host/job.ts';
import { ExplorationQueue, type Outcome, startWorker } from '../host/queue.ts';
import { textsOf } from '../host/scenario.ts';
import { type Arguments, oneOf, type OptionTable, optionValues, seconds, wholeNumber } from './arguments.ts';
import type { Selected } from './selection.ts';

export interface Search {
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly budget: Budget;
  readonly reduction: boolean;
}

const defaultBudget = { maxStates: 50_000_000, maxSeconds: 300, maxBytes: 2 * 1024 ** 3 };

export const searchOptions: OptionTable = {
  option: 'list',
  'memory-model': 'text',
  'max-states': 'text',
  'max-seconds': 'text',
  'no-reduction': 'flag',
};

export const searchHelp = `  --option NAME=VALUE      only variants with this option value; may be repeated
  --memory-model sc|tso    sequentially consistent memory, or store buffers as x86 has them (default: sc)
  --max-states N           stop a search after N states (default: ${defaultBudget.maxStates.toLocaleString('en-US')})
  --max-seconds S          stop a search after S seconds (default: ${defaultBudget.maxSeconds})
  --no-reduction           explore the plain state graph, so that counts can be compared with other tools`;

export function readSearchOptions(args: Arguments): Search {
  const values = new Map(optionValues(args));
  const model = oneOf(args, 'memory-model', ['sc', 'tso'], 'sc');
  if (args.text('memory-model') !== null) values.set('memory_model', [model]);
  return {
    values,
    budget: {
      maxStates: wholeNumber(args, 'max-states', 1) ?? defaultBudget.maxStates,
      maxMilliseconds: (seconds(args, 'max-seconds') ?? defaultBudget.maxSeconds) * 1000,
      maxBytes: defaultBudget.maxBytes,
    },
    reduction: !args.flag('no-reduction'),
  };
}

/** Explores every variant, and answers in their order. `onProgress` is told of each search, and null when it has ended. */
export async function exploreAll(
  selected: readonly Selected[],
  search: Search,
  workers: number,
  onProgress: (index: number, progress: Progress | null) => void = () => {},
): Promise<readonly Outcome<Exploration>[]> {
  const [only] = selected;
  if (only !== undefined && selected.length === 1) return [exploreHere(only, search, onProgress)];
  // Bundled beside the command line (scripts/build.mjs).
  const queue = new ExplorationQueue<Job, Exploration, Progress>({
    workers,
    start: () => startWorker(new URL('./worker.js', import.meta.url)),
  });
  try {
    return await Promise.all(
      selected.map(async (one, index) => {
        const job = jobOf(one, search);
        const ticket = queue.submit({
          job,
          key: keyOf(job),
          priority: 0,
          onProgress: (progress) => onProgress(index, progress),
        });
        const outcome = await ticket.outcome;
        onProgress(index, null);
        return outcome;
      }),
    );
  } finally {
    queue.close();
  }
}

/** A worker for a single variant would only load and parse everything once more. */
function exploreHere(
  one: Selected,
  search: Search,
  onProgress: (index: number, progress: Progress | null) => void,
): Outcome<Exploration> {
  const caches = newCaches(new Map(one.scenario.project.files));
  const report = (progress: Progress): boolean => {
    onProgress(0, progress);
    return true;
  };
  try {
    const answer = explore(jobOf(one, search), report, caches);
    return { kind: 'done', answer };
  } catch (error) {
    return {
      kind: 'crashed',
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    };
  } finally {
    onProgress(0, null);
  }
}

function jobOf({ scenario, variant }: Selected, { budget, reduction }: Search): Job {
  return {
    uri: scenario.uri,
    texts: textsOf(scenario.project),
    root: scenario.root,
    variant,
    budget,
    reduction,
    workingDirectory: process.cwd(),
  };
}
