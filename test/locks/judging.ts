/** Puts sequences to the order graph and compares the codes that it tells. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DeclaredOrder, judge } from '../../core/locks/graph.ts';
import { classNamed, eventsOf, type Kind, loc } from './sequence.ts';

export interface Case {
  readonly name: string;
  readonly text: string;
  /** Codes told, those that are secondary left out; none when it is all right. */
  readonly tells?: string;
  readonly kinds?: Readonly<Record<string, Kind>>;
  /** `A B C; B D`. */
  readonly declared?: string;
}

export function check(cases: readonly Case[]): void {
  for (const { name, text, tells, kinds, declared } of cases)
    test(`${name}: ${text}`, () => {
      const findings = judge(eventsOf(text, kinds), orders(declared ?? ''));
      const codes = new Set(findings.filter((one) => one.secondary !== true).map(({ code }) => code));
      assert.deepEqual(
        [...codes].join(' '),
        tells ?? '',
        JSON.stringify(
          findings.map(({ message }) => message),
          null,
          1,
        ),
      );
      for (const { message, related } of findings) {
        assert.match(message, /^[^.]+\. [^.]+\.$/, 'two sentences');
        assert.ok(related.length > 0, message);
      }
    });
}

function orders(text: string): DeclaredOrder[] {
  return text.split(';').flatMap((chain, index) => {
    const names = chain.split(' ').filter((word) => word !== '');
    return names.slice(1).map((name, at) => ({
      before: classNamed(names[at] ?? ''),
      after: classNamed(name),
      loc: loc(index, 'file:///orders.c'),
    }));
  });
}
