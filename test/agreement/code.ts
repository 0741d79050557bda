/** Pieces of random code, and how they are drawn. */

import fc from 'fast-check';
import type { Theme } from './declarations.ts';

/** `fresh` gives numbers for names that must differ within a function. */
export type Code = (fresh: () => number) => string;

export interface Place {
  readonly themes: readonly Theme[];
  /** What sleeps is rare in handlers, so that more than the complaint about it is seen. */
  readonly where: 'task' | 'handler' | 'function';
  /** How deep statements may nest. */
  readonly depth: number;
  readonly inLoop: boolean;
}

export interface Choice {
  readonly weight: number;
  readonly arbitrary: fc.Arbitrary<Code>;
}

/** Code that says the same wherever it stands. */
export function plain(weight: number, arbitrary: fc.Arbitrary<string>): Choice {
  return { weight, arbitrary: arbitrary.map((text) => () => text) };
}

/** One of these texts. */
export function texts(weight: number, ...some: readonly string[]): Choice {
  return plain(weight, fc.constantFrom(...some));
}

/** One of these pairs around a body; nothing where no body may stand. */
export function around(
  weight: number,
  body: fc.Arbitrary<Code> | null,
  ...pairs: readonly (readonly [string, string])[]
): Choice[] {
  if (body === null) return [];
  const pair = fc.constantFrom(...pairs);
  return [
    {
      weight,
      arbitrary: fc.tuple(pair, body).map(
        ([[before, after], inner]): Code =>
          (fresh) =>
            `${before}\n${inner(fresh)}\n${after}`,
      ),
    },
  ];
}
