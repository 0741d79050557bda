/** Words of the language, each with the part of the reference that is about it. */

import { chapter, type DocSection } from '../../docs.ts';

const sections: readonly (readonly [readonly string[], string, string | null])[] = [
  [['scenario'], 'scenario.md', 'The scenario'],
  [['import'], 'scenario.md', 'Imports'],
  [['override'], 'scenario.md', 'override'],
  [['option', 'when'], 'scenario.md', 'Options'],
  [['machine', 'setting'], 'scenario.md', 'Bounds'],
  [['init'], 'threads.md', 'init'],
  [['task'], 'threads.md', 'task'],
  [['vcpu', 'vcpu_state'], 'threads.md', 'vcpu'],
  [['irq', 'softirq', 'times'], 'threads.md', 'irq and softirq'],
  [['daemon'], 'threads.md', 'daemon'],
  [['no_thread'], 'threads.md', 'no_thread'],
  [['cpu'], 'threads.md', 'CPUs'],
  [['guest'], 'threads.md', 'Guest blocks'],
  [['choose', 'either', 'or'], 'steps.md', 'Choice'],
  [['wait_until'], 'steps.md', 'Waiting'],
  [['atomic'], 'steps.md', 'atomic'],
  [['primitive', 'step'], 'steps.md', 'Primitives'],
  [['pool', 'reuse'], 'memory.md', 'Pools'],
  [['ghost'], 'checks.md', 'Ghost state'],
  [['invariant', 'unless'], 'checks.md', 'Invariants'],
  [['finally', 'reachable'], 'checks.md', 'Final conditions and reachable states'],
  [['before', 'after', 'returns', 'release', 'old'], 'checks.md', 'Hooks'],
  [['event', 'emit'], 'checks.md', 'Events'],
  [['expect', 'fails', 'passes', 'finds', 'only'], 'checks.md', 'expect'],
  [['check'], 'checks.md', 'Severities'],
  [['schedule', 'until', 'choosing'], 'checks.md', 'Schedules'],
  [['assert', 'BUG_ON', 'WARN_ON', 'WARN_ON_ONCE'], 'checks.md', 'Assertions'],
  [['view', 'show_line', 'show_begin', 'show_end', 'show_at'], 'views.md', null],
  [['lock_order'], 'locks.md', 'Orders'],
  [['lock_type'], 'locks.md', "Locks of one's own"],
  [['implies', 'all', 'any', 'count'], 'c.md', 'Expressions'],
  [['define'], 'c.md', 'Macros'],
];

const byWord: ReadonlyMap<string, readonly [string, string | null]> = new Map(
  sections.flatMap(([words, file, heading]) => words.map((word) => [word, [file, heading]] as const)),
);

/** Every word with a section, for the tests. */
export const documentedWords: readonly string[] = [...byWord.keys()];

export function keywordSection(word: string): DocSection | null {
  const place = byWord.get(word.replace(/^#/, ''));
  if (place === undefined) return word.startsWith('__') ? annotationSection(word) : null;
  return chapter(...place);
}

const annotationWords = /^__(must_|acquire|release|cond_acquires|guarded_by|pt_guarded_by|nested_in|leaf)/;

function annotationSection(word: string): DocSection | null {
  return annotationWords.test(word) ? chapter('locks.md', 'Annotations') : null;
}
