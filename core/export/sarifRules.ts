/** The rules and notifications that a SARIF run can speak of. */

import { type Code, codes } from '../syntax/codes.ts';
import type { SarifDescriptor } from './sarifFormat.ts';

/** What an `expect` asks for and the search did not find is no code: nothing in the source is wrong by itself. */
export const unmet = 'expectation-not-met';

export type RuleId = Code | typeof unmet;

/** Every rule, in the order of the registry: so its index does not depend on what was found. */
export const ruleIds: readonly RuleId[] = [...codesInOrder(), unmet];

function codesInOrder(): Code[] {
  return Object.keys(codes).filter((name): name is Code => Object.hasOwn(codes, name));
}

/** `pageOf` gives the Markdown page of a code, or null. A viewer of the log has nothing but the log: the pages are in it. */
export function rulesFor(pageOf: (code: Code) => string | null): readonly SarifDescriptor[] {
  return ruleIds.map((id) => {
    if (id === unmet) return unmetRule;
    const page = pageOf(id);
    const path = `docs/diagnostics/${id}.md`;
    return {
      id,
      shortDescription: { text: codes[id] },
      fullDescription: { text: page === null ? codes[id] : explanationIn(page) || codes[id] },
      help: {
        text: `See ${path}, or run: lockstep explain ${id}`,
        ...(page === null ? {} : { markdown: page }),
      },
    };
  });
}

const unmetRule: SarifDescriptor = {
  id: unmet,
  shortDescription: { text: 'A variant does not do what the scenario expects of it.' },
  fullDescription: {
    text: 'A line of `expect` says what a variant fails, passes or is told, and the search over all interleavings says otherwise. A variant that no line speaks of must pass.',
  },
  help: { text: 'See docs/language/checks.md, section "expect".' },
};

/** Between the title of a page and its first example. */
function explanationIn(page: string): string {
  const [before = ''] = page.split(/^## /m);
  return before
    .replace(/^# .*\n/, '')
    .trim()
    .replace(/\s*\n\s*/g, ' ');
}

export const notifications = [
  {
    id: 'unusable-input',
    shortDescription: { text: 'Some input cannot be used.' },
    fullDescription: {
      text: 'A file cannot be read, or has errors that keep it from being explored. Other files are still checked.',
    },
  },
  {
    id: 'bound-reached',
    shortDescription: { text: 'A search was cut short.' },
    fullDescription: {
      text: 'The states or the time that a search may take did not suffice to explore every interleaving, so the expectation is undecided.',
    },
  },
] as const satisfies readonly SarifDescriptor[];

export function notification(id: (typeof notifications)[number]['id']): {
  readonly id: string;
  readonly index: number;
} {
  return { id, index: notifications.findIndex((one) => one.id === id) };
}
