/** The ways a program can start: `init` alone, then the first local code of each thread, under every combination of choices. */

import { outcome } from './context.ts';
import type { Engine, Told } from './engine.ts';

/** One way, as it is met. */
export interface Start {
  /** Number of the combination of choices, in their order. */
  readonly ordinal: number;
  readonly result: 'started' | 'fatal' | 'stuck' | 'overflow';
  /** Choices made; for `stuck`, those made before the part that cannot go on. */
  readonly choices: readonly bigint[];
  /** What was told, and by whom: a thread, or null for `init`. */
  readonly told: readonly (Told & { readonly thread: number | null })[];
  /** For `stuck`: who cannot start (null: init), and where. */
  readonly unit: number | null;
  readonly site: number;
}

/**
 * Calls `visit` for each way in ascending order of choices; a started one has its state in the working memory then.
 * A part of the start (a stretch of `init` between parks, or the first code of a thread) that no combination of its choices
 * lets pass is stuck; combinations that fail an assume while others pass are nothing. `visit` answers false to stop.
 */
export function forEachStart(engine: Engine, visit: (start: Start) => boolean): void {
  const deepest: number[] = [];
  const blockedAt: (number | undefined)[] = [];
  for (let ordinal = 0; ; ordinal += 1) {
    const run = runOnce(engine);
    // How far runs with the same first choices have come: twice the part's number, plus one when they passed it or failed in it.
    const reach = 2 * run.segment + (run.result === outcome.blocked ? 0 : 1);
    for (let i = 0; i <= run.choices.length; i += 1) deepest[i] = Math.max(deepest[i] ?? 0, reach);
    const from = run.segmentChoices;
    if (run.result === outcome.blocked) blockedAt[from] ??= run.site;
    const common = { ordinal, unit: run.unit, site: run.site };
    if (run.result !== outcome.blocked) {
      const result =
        run.result === outcome.done ? 'started' : run.result === outcome.fatal ? 'fatal' : 'overflow';
      if (!visit({ ...common, result, choices: run.choices, told: run.told })) break;
    }
    const more = engine.nextChoice() === 1;
    const kept = more ? engine.global('choiceCount').value - 1 : -1;
    if (run.result === outcome.blocked && kept < from && deepest[from] === reach) {
      const told = run.told.slice(0, run.segmentNotes);
      const site = blockedAt[from] ?? run.site;
      if (!visit({ ...common, result: 'stuck', choices: run.choices.slice(0, from), told, site })) break;
    }
    deepest.length = Math.min(deepest.length, kept + 1);
    blockedAt.length = Math.min(blockedAt.length, kept + 1);
    if (!more) break;
  }
  engine.global('choiceCount').value = 0;
}

function runOnce(engine: Engine) {
  const { at } = engine.compiled;
  engine.begin();
  engine.reset();
  for (const name of ['segment', 'segmentChoices', 'segmentNotes']) engine.global(name).value = 0;
  engine.words[at.blockedSite >> 2] = 0xffff_ffff;
  const noteCount = engine.global('noteCount');
  const told: (Told & { readonly thread: number | null })[] = [];
  const listen = (thread: number | null): void => {
    told.push(...engine.told(told.length, noteCount.value).map((one) => ({ ...one, thread })));
  };
  let unit: number | null = null;
  let result = engine.init();
  listen(null);
  for (let thread = 0; thread < engine.program.threads.length && result === outcome.done; thread += 1) {
    unit = thread;
    result = engine.startThread(thread);
    listen(thread);
  }
  return {
    result,
    unit,
    told,
    choices: engine.choices(engine.global('choiceAt').value),
    segment: engine.global('segment').value,
    segmentChoices: engine.global('segmentChoices').value,
    segmentNotes: engine.global('segmentNotes').value,
    site: (engine.words[at.blockedSite >> 2] ?? 0) | 0,
  };
}
