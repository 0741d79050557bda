/** A test runner for the extension host, where node:test does not run. */

import { tell } from './outside.ts';

interface Case {
  readonly name: string;
  readonly run: () => Promise<void>;
}

const cases: Case[] = [];
const PATIENCE_MS = 60_000;

export function it(name: string, run: () => Promise<void>): void {
  cases.push({ name, run });
}

/** Runs everything that was registered, in order, and tells each result. Throws when something failed. */
export async function runAll(): Promise<void> {
  const failed: string[] = [];
  for (const { name, run } of cases) {
    const began = Date.now();
    const error = await within(PATIENCE_MS, run()).then(
      () => null,
      (reason: unknown) => (reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)),
    );
    if (error !== null) failed.push(name);
    await tell({ name, error, milliseconds: Date.now() - began });
  }
  if (failed.length > 0) throw new Error(`${failed.length} of ${cases.length} failed: ${failed.join('; ')}`);
}

/** Asks again until there is an answer that is neither null, undefined nor false. `what` ends "waited for". */
export async function until<T>(
  what: string,
  probe: () => T | Promise<T>,
  milliseconds = 30_000,
): Promise<Exclude<T, null | undefined | false>> {
  const end = Date.now() + milliseconds;
  for (;;) {
    const answer = await probe();
    if (answer !== null && answer !== undefined && answer !== false) {
      return answer as Exclude<T, null | undefined | false>;
    }
    if (Date.now() > end) throw new Error(`waited ${milliseconds / 1000} s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${milliseconds / 1000} s`)), milliseconds);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
