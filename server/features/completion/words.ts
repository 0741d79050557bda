/** Words of the language, and skeletons of what is written with them. */

import { CompletionItemKind } from 'vscode-languageserver';
import { type Offer, ranks } from './offer.ts';

interface Skeleton {
  readonly label: string;
  readonly detail: string;
  /** In the syntax of snippets. */
  readonly body: string;
}

const itemWords = [
  'scenario',
  'import',
  'option',
  'when',
  'profile',
  'machine',
  'setting',
  'pool',
  'ghost',
  'primitive',
  'override',
  'static',
  'inline',
  'const',
  'struct',
  'union',
  'enum',
  'typedef',
  'lock_type',
  'lock_order',
  'vcpu_state',
  'event',
  'init',
  'view',
  'task',
  'vcpu',
  'irq',
  'softirq',
  'invariant',
  'finally',
  'reachable',
  'before',
  'after',
  'at release',
  'on',
  'expect',
  'check',
  'schedule',
  'view',
  '#define',
];

const statementWords = [
  'if',
  'else',
  'for',
  'while',
  'do',
  'switch',
  'case',
  'default',
  'break',
  'continue',
  'return',
  'goto',
  'atomic',
  'ghost',
  'either',
  'guest',
  'step',
  'emit',
  'const',
  'static',
  'struct',
  'union',
  'enum',
  'int',
  'unsigned',
  'long',
  'bool',
  'sizeof',
  'typeof',
];

const expressionWords = ['sizeof', 'choose', 'all', 'any', 'count', 'old', 'implies', 'struct'];

const itemSkeletons: readonly Skeleton[] = [
  {
    label: 'scenario: two threads race',
    detail: 'a whole scenario, with a fix',
    body: `scenario "\${1:What goes wrong}";

option fix = { none, locked };

spinlock_t lock;
int counter;

vcpu \${2:count}[i : 0..1] {
	if (fix == locked)
		spin_lock(&lock);
	counter++;
	if (fix == locked)
		spin_unlock(&lock);
}

finally both_counted: counter == 2;

expect fails both_counted when fix == none;
expect passes when fix == locked;
$0`,
  },
  {
    label: 'scenario: zap against fault',
    detail: 'a whole scenario: an entry goes away while another thread uses it',
    body: `scenario "\${1:A zap meets a fault}";

option fix = { none, recheck };

rwlock_t table_lock;
u64 entry;
bool invalid;

vcpu fault {
	read_lock(&table_lock);
	if (!(fix == recheck && READ_ONCE(invalid)))
		WRITE_ONCE(entry, \${2:1});
	read_unlock(&table_lock);
}

task zap {
	WRITE_ONCE(invalid, true);
	write_lock(&table_lock);
	WRITE_ONCE(entry, 0);
	write_unlock(&table_lock);
}

finally nothing_is_mapped: entry == 0;

expect fails nothing_is_mapped when fix == none;
expect passes when fix == recheck;
$0`,
  },
  {
    label: 'option: one value for each fix',
    detail: 'variants of the file',
    body: `option \${1:fix} = { none, \${2:locked} };`,
  },
  {
    label: 'invariant: in every state',
    detail: 'a condition, where nobody is at work',
    body: `invariant \${1:name} unless held(\${2:lock}):
	\${3:condition};`,
  },
  {
    label: 'expect: fails and passes',
    detail: 'what the file claims',
    body: `expect fails \${1:check} when \${2:fix == none};
expect passes when \${3:fix != none};`,
  },
  {
    label: 'schedule: an interleaving',
    detail: 'written down, and followed by the check',
    body: `schedule "\${1:as in the changelog}" when \${2:fix == none} {
	\${3:thread} until \${4:label};
	$0
}`,
  },
];

export function itemOffers(snippets: boolean, inWhen: boolean): Offer[] {
  const outside = new Set(['scenario', 'import', 'option', 'profile']);
  const words = itemWords.filter((word) => !inWhen || !outside.has(word));
  const skeletons = itemSkeletons.filter(({ label }) => !inWhen || !outside.has(label.split(':')[0] ?? ''));
  return [...(snippets ? skeletons.map(skeletonOffer) : []), ...wordOffers(words, ranks.scenario)];
}

/** `options`: a `switch` over each, with a branch for each value. */
export function statementOffers(
  snippets: boolean,
  options: readonly { readonly name: string; readonly values: readonly string[] }[],
): Offer[] {
  const switches = options.map(({ name, values }) => {
    const cases = values.map((value, index) => `case ${value}:\n\t\${${index + 1}}\n\tbreak;\n`);
    const body = `switch (${name}) {\n${cases.join('')}}$0`;
    return skeletonOffer({ label: `switch (${name})`, detail: 'a branch for each value', body });
  });
  return [...(snippets ? switches : []), ...wordOffers(statementWords)];
}

export function expressionOffers(): Offer[] {
  return wordOffers(expressionWords);
}

export function wordOffers(words: readonly string[], rank: number = ranks.word): Offer[] {
  return words.map((label) => ({ label, kind: CompletionItemKind.Keyword, rank }));
}

function skeletonOffer({ label, detail, body }: Skeleton): Offer {
  return { label, kind: CompletionItemKind.Snippet, rank: ranks.word, detail, insert: body, snippet: true };
}
