import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse } from '../../core/syntax/parser.ts';
import { root } from '../house/sources.ts';
import { textOf } from './fences.ts';

/** The grammar of the reference makes files, and the parser accepts them. */

const page = 'docs/language/grammar.md';
const rules = readRules(
  [...textOf(page).matchAll(/^```ebnf\n([\s\S]*?)^```$/gm)].map((fence) => fence[1] ?? '').join('\n'),
);

test('every rule of the grammar is used, and every rule that is used is there', () => {
  const used = new Set(['file']);
  for (const rule of rules.values()) collectNames(rule, used);
  assert.deepEqual([...used].sort(), [...rules.keys()].sort());
});

for (const name of ['item', 'statement', 'expression']) {
  test(`what the rule '${name}' makes is accepted`, () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(120), (seed, size) => {
        const text = wrap(name, new Maker(seed, size).make(name));
        const { errors } = parse('grammar.lockstep', text);
        const messages = errors.map(({ message, start, end }) => `${message}: ${text.slice(start, end)}`);
        assert.deepEqual(messages, [], text);
      }),
      { numRuns: 1500, seed: 1 },
    );
  });
}

test('the grammar makes every construct that the syntax tree knows', () => {
  const declared = readFileSync(join(root, 'core', 'syntax', 'ast.ts'), 'utf8').matchAll(/kind: ([^;]*);/g);
  const known = new Set(
    [...declared].flatMap((match) => [...(match[1] ?? '').matchAll(/'([\w-]+)'/g)].map(([, kind]) => kind)),
  );
  const made = new Set<unknown>(['error']);
  for (const name of ['item', 'schedule', 'statement', 'expression']) {
    for (let seed = 1; seed <= 1000; seed++) {
      const text = wrap(name, new Maker(seed, 80).make(name));
      collectKinds(parse('grammar.lockstep', text).items, made);
    }
  }
  assert.deepEqual(
    [...known].filter((kind) => !made.has(kind)),
    [],
  );
});

function collectKinds(node: unknown, into: Set<unknown>): void {
  if (typeof node !== 'object' || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    if (key === 'kind') into.add(value);
    else collectKinds(value, into);
  }
}

function wrap(name: string, text: string): string {
  if (name === 'statement') return `task t { ${text} }`;
  return name === 'expression' ? `after f() { x = (${text}); }` : text;
}

// ---------------------------------------------------------------- rules

type Rule =
  | { readonly kind: 'choice' | 'sequence'; readonly parts: readonly Rule[] }
  | { readonly kind: 'optional' | 'repeated'; readonly part: Rule }
  | { readonly kind: 'rule' | 'text' | 'token' | 'words'; readonly value: string };

function readRules(text: string): ReadonlyMap<string, Rule> {
  const pieces =
    text.replace(/\(\*[\s\S]*?\*\)/g, ' ').match(/"[^"]*"|<[\w-]+>|\?[^?]*\?|[\w-]+|[=|.()[\]{}]/g) ?? [];
  const found = new Map<string, Rule>();
  let at = 0;
  const take = (): string => pieces[at++] ?? '';

  const choice = (end: string): Rule => {
    const parts = [sequence(end)];
    while (pieces[at] === '|') {
      at++;
      parts.push(sequence(end));
    }
    assert.equal(take(), end);
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'choice', parts };
  };
  const sequence = (end: string): Rule => {
    const parts: Rule[] = [];
    while (at < pieces.length && pieces[at] !== '|' && pieces[at] !== end) parts.push(part(take()));
    return { kind: 'sequence', parts };
  };
  const part = (piece: string): Rule => {
    if (piece === '(') return choice(')');
    if (piece === '[') return { kind: 'optional', part: choice(']') };
    if (piece === '{') return { kind: 'repeated', part: choice('}') };
    if (piece.startsWith('"')) return { kind: 'text', value: piece.slice(1, -1) };
    if (piece.startsWith('<')) return { kind: 'token', value: piece.slice(1, -1) };
    if (piece.startsWith('?')) return { kind: 'words', value: piece.slice(1, -1).trim() };
    return { kind: 'rule', value: piece };
  };

  while (at < pieces.length) {
    const name = take();
    assert.equal(take(), '=', name);
    assert.ok(!found.has(name), `${name} is there twice`);
    found.set(name, choice('.'));
  }
  return found;
}

function collectNames(rule: Rule, into: Set<string>): void {
  if (rule.kind === 'rule') into.add(rule.value);
  else if ('parts' in rule) for (const part of rule.parts) collectNames(part, into);
  else if ('part' in rule) collectNames(rule.part, into);
}

// ---------------------------------------------------------------- sentences

const touching = '\b(';

/** What stands for the rules that the page gives in words; an empty one is never chosen. */
const inWords: Readonly<Record<string, string>> = {
  'any other words of one C integer type, in any order': 'long unsigned int',
  'any other name that begins with two underscores': '__data_racy',
  'another one that takes locks': '__releases_shared(l)',
  'any other of the words that are dropped': 'noinline',
  '"(" that touches the name': touching,
  'a name with for_each in it, or a call with its body on the same line or further right': 'for_each_thing',
};

const tokens: Readonly<Record<string, readonly string[]>> = {
  name: ['a', 'b', 'vcpu', 'step', 'task', 'option', 'sp'],
  type: ['u64', 'gfn_t', 's8'],
  number: ['0', '1', '0x7f', '3ULL', '017', '0b11'],
  character: ["'c'", "'\\n'"],
  string: ['"x"', '"a" "b"'],
  eol: ['\n'],
};

/** Makes one text for each seed; the deeper it is, the shorter. */
class Maker {
  private state: number;
  private readonly size: number;
  private made = 0;
  private depth = 0;

  constructor(seed: number, size: number) {
    this.state = seed;
    this.size = size;
  }

  make(name: string): string {
    const rule = rules.get(name);
    assert.ok(rule !== undefined, `there is no rule ${name}`);
    this.depth++;
    const text = this.expand(rule);
    this.depth--;
    return text;
  }

  private expand(rule: Rule): string {
    switch (rule.kind) {
      case 'choice':
        return this.expand(this.alternative(rule.parts));
      case 'sequence':
        return joined(rule.parts.map((part) => this.expand(part)));
      case 'optional':
        return !this.isDeep() && this.pick(2) === 0 ? this.expand(rule.part) : '';
      case 'repeated': {
        const count = this.isDeep() ? 0 : this.pick(3);
        return joined(Array.from({ length: count }, () => this.expand(rule.part)));
      }
      case 'rule':
        return this.make(rule.value);
      case 'text':
        return rule.value === '#define' ? '\n#define' : rule.value;
      case 'words':
        return inWords[rule.value] ?? assert.fail(`nothing stands for: ${rule.value}`);
      case 'token': {
        const samples = tokens[rule.value] ?? [];
        return samples[this.pick(samples.length)] ?? assert.fail(`no such token: ${rule.value}`);
      }
    }
  }

  private alternative(parts: readonly Rule[]): Rule {
    const allowed = this.isDeep() ? shortest(parts) : parts;
    return allowed[this.pick(allowed.length)] ?? assert.fail('nothing to choose from');
  }

  /** Of a linear congruential generator (Numerical Recipes) the upper bits. */
  private pick(count: number): number {
    this.made++;
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
    return (this.state >>> 8) % count;
  }

  private isDeep(): boolean {
    return this.depth > 20 || this.made > this.size;
  }
}

function joined(parts: readonly string[]): string {
  return parts
    .filter((part) => part !== '')
    .join(' ')
    .replaceAll(` ${touching}`, '(');
}

const heights = new Map<string, number>();

/** The alternatives that come to an end soonest. */
function shortest(parts: readonly Rule[]): readonly Rule[] {
  const each = parts.map((part) => heightOf(part, new Set()));
  const least = Math.min(...each);
  return parts.filter((_, index) => each[index] === least);
}

function heightOf(rule: Rule, inside: ReadonlySet<string>): number {
  if (rule.kind === 'optional' || rule.kind === 'repeated') return 0;
  if (rule.kind === 'choice') return Math.min(...rule.parts.map((part) => heightOf(part, inside)));
  if (rule.kind === 'sequence') return Math.max(0, ...rule.parts.map((part) => heightOf(part, inside)));
  if (rule.kind !== 'rule') return 0;
  const known = heights.get(rule.value);
  if (known !== undefined) return known;
  if (inside.has(rule.value)) return Number.POSITIVE_INFINITY;
  const body = rules.get(rule.value);
  const height = body === undefined ? 0 : 1 + heightOf(body, new Set([...inside, rule.value]));
  if (Number.isFinite(height) && inside.size === 0) heights.set(rule.value, height);
  return height;
}
