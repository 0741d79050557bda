/**
 * What the server speaks beyond the Language Server Protocol: verdicts, tests and pages for a client that shows them.
 * Positions are the protocol's own (from 0, UTF-16). `client/protocol.ts` says the same for the other side; a test
 * holds them equal.
 */

import type { Location, Range } from 'vscode-languageserver-types';

/** One combination of option values of one scenario. `id` is stable while the options are declared as they are. */
export interface VariantItem {
  /** `fix=none count=2`, empty for a scenario without options. */
  readonly id: string;
  readonly options: Readonly<Record<string, string>>;
  /** What its `expect` lines ask for; null when none applies, and then it must pass. */
  readonly expects: 'passes' | 'fails' | null;
}

/** A scenario file as the Test Explorer lists it. */
export interface ScenarioItem {
  readonly uri: string;
  readonly title: string;
  /** The `scenario` line. */
  readonly range: Range;
  readonly variants: readonly VariantItem[];
  /** Why it has no variants that could be checked; null when it has. */
  readonly error: string | null;
}

/** The scenarios of a file, or of the whole workspace for `uri` null. Open documents count as they are in the editor. */
export const scenariosRequest = 'lockstep/scenarios';
export interface ScenariosParams {
  readonly uri: string | null;
}
export type ScenariosResult = readonly ScenarioItem[];

/** What was explored of one variant. */
export interface VariantVerdict {
  readonly uri: string;
  readonly variant: string;
  readonly verdict: 'passes' | 'fails' | 'unknown';
  /** Why it is unknown, or what could not be explored; null otherwise. */
  readonly reason: string | null;
  /** Every expectation is met and nothing unexpected of severity error was found. */
  readonly met: boolean;
  readonly states: number;
  readonly seconds: number;
  readonly complete: boolean;
  readonly violations: readonly ShownViolation[];
  /** Expectations that are not met, and other reasons for `met` being false, as sentences. */
  readonly unmet: readonly { readonly message: string; readonly location: Location }[];
}

export interface ShownViolation {
  readonly check: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly expected: boolean;
  readonly location: Location;
  /** The interleaving as a changelog table; null when there is none. */
  readonly table: string | null;
  readonly trace: readonly { readonly message: string; readonly location: Location }[];
}

/**
 * Explores variants without the budget of live verdicts; `variants` null: all of them. Takes a work-done token for
 * progress, and can be cancelled. Verdicts that are known already are answered at once.
 */
export const checkRequest = 'lockstep/check';
export interface CheckParams {
  readonly uri: string;
  readonly variants: readonly string[] | null;
  readonly workDoneToken?: string | number;
}
export type CheckResult = readonly VariantVerdict[];

/** What live verdicts know of a file; sent when it changes, and for a file that is closed with `state` `none`. */
export const verdictsNotification = 'lockstep/verdicts';
export interface VerdictsParams {
  readonly uri: string;
  readonly version: number | null;
  /** `checking`: some variants are still being explored. `errors`: nothing is explored while the text has errors. */
  readonly state: 'none' | 'errors' | 'checking' | 'done';
  readonly verdicts: readonly VariantVerdict[];
  readonly total: number;
}

/** The scenarios of these files are not what they were: a Test Explorer asks again. */
export const scenariosChangedNotification = 'lockstep/scenariosChanged';
export interface ScenariosChangedParams {
  readonly uris: readonly string[];
}

/** The example scenarios that come with Lockstep. */
export const examplesRequest = 'lockstep/examples';
export type ExamplesResult = readonly {
  readonly title: string;
  readonly description: string;
  readonly name: string;
  readonly text: string;
}[];

/** The page of a code as Markdown, for reading offline; null for an unknown code. */
export const explainRequest = 'lockstep/explain';
export interface ExplainParams {
  readonly code: string;
}
export type ExplainResult = string | null;

/** The table of locks that a file declares and imports, as Markdown: the command "Generate locking reference". */
export const lockReferenceRequest = 'lockstep/lockReference';
export interface LockReferenceParams {
  readonly uri: string;
}
export type LockReferenceResult = string | null;
