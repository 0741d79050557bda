/** The steps of a run as far as they are loaded, and which to ask for next. */

import type { Step } from './layout.ts';

export const pageSize = 500;
/** Runs up to this length are loaded as a whole; longer ones where they are looked at. */
const eager = 20_000;

export class LoadedSteps {
  /** Step n at n. */
  readonly steps: (Step | undefined)[] = [];
  length = 0;
  /** Answers to what was asked in an earlier round are of a run that is no more. */
  round = 0;
  private readonly asked = new Set<number>();

  /** The run is this long now, and `kept` steps from the start are as they were. */
  moved(length: number, kept: number): void {
    if (length === this.length && kept >= length) return;
    // What was the last step may say more, or less, once it is not the last.
    const same = Math.max(0, length === this.length ? kept : Math.min(kept, this.length - 1, length - 1));
    this.steps.length = Math.min(this.steps.length, same + 1);
    this.length = length;
    this.round++;
    this.asked.clear();
  }

  forget(): void {
    this.steps.length = 0;
    this.length = 0;
    this.round++;
    this.asked.clear();
  }

  add(steps: readonly Step[]): void {
    for (const step of steps) if (step.number <= this.length) this.steps[step.number] = step;
  }

  /**
   * The next page to ask for: around what is looked at first, then the others from the start on; null when nothing is
   * left. `all`: of long runs too.
   */
  next(first: number, last: number, all: boolean): { readonly from: number; readonly to: number } | null {
    for (let page = pageOf(first); page <= pageOf(Math.min(last, this.length)); page++)
      if (this.isMissing(page)) return this.ask(page);
    if (!all && this.length > eager) return null;
    for (let page = 0; page <= pageOf(this.length); page++) if (this.isMissing(page)) return this.ask(page);
    return null;
  }

  get isWhole(): boolean {
    for (let number = 1; number <= this.length; number++) if (this.steps[number] === undefined) return false;
    return true;
  }

  private isMissing(page: number): boolean {
    if (this.asked.has(page)) return false;
    const { from, to } = this.range(page);
    for (let number = from; number < to; number++) if (this.steps[number] === undefined) return true;
    return false;
  }

  private ask(page: number): { readonly from: number; readonly to: number } {
    this.asked.add(page);
    return this.range(page);
  }

  private range(page: number): { readonly from: number; readonly to: number } {
    const from = page * pageSize + 1;
    return { from, to: Math.min(from + pageSize, this.length + 1) };
  }
}

function pageOf(number: number): number {
  return Math.max(0, Math.floor((number - 1) / pageSize));
}
