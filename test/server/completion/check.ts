/** A text with `$0` where the cursor is; behind it, what is offered there. */

import assert from 'node:assert/strict';
import { type Offers, offersAt, type Surroundings } from '../../../server/features/completion/offers.ts';
import { Workspace } from '../../../server/workspace.ts';

const workspace = new Workspace();
const uri = 'file:///made-up/case.lockstep';

const surroundings: Surroundings = {
  libraryPaths: () => workspace.libraryPaths(),
  files: () => [
    'file:///made-up/case.lockstep',
    'file:///made-up/other.lockstep',
    'file:///made-up/deep/er.lockstep',
  ],
  snippets: true,
  lazy: false,
  trigger: null,
};

/** Lines at the end: `//= the first ones, in order`, `//+ some of them`, `//- none of them`, `//0` nothing at all. */
export function check(marked: string, around: Partial<Surroundings> = {}): void {
  const lines = marked.split('\n');
  const isExpectation = (line: string): boolean => /^\/\/[=+\-0]/.test(line);
  const expectations = lines.filter(isExpectation);
  const text = lines.filter((line) => !isExpectation(line)).join('\n');
  const labels = offer(text, around).map(({ label }) => label);
  assert.ok(expectations.length > 0, 'nothing is expected');
  for (const line of expectations) {
    const expected = line
      .slice(3)
      .split(',')
      .map((each) => each.trim())
      .filter((each) => each !== '');
    const shown = `${text}\noffers ${labels.slice(0, 40).join(', ')}`;
    if (line[2] === '0') assert.deepEqual(labels, [], shown);
    else if (line[2] === '=') assert.deepEqual(labels.slice(0, expected.length), expected, shown);
    else if (line[2] === '+')
      for (const each of expected) assert.ok(labels.includes(each), `${each} is missing: ${shown}`);
    else
      for (const each of expected) assert.ok(!labels.includes(each), `${each} has no place here: ${shown}`);
  }
}

/** In the order in which an editor shows them. */
export function offer(marked: string, around: Partial<Surroundings> = {}): Offers['offers'] {
  const offers = complete(marked, around)?.offers ?? [];
  const key = ({ rank, order, label }: Offers['offers'][number]): string => `${rank}${order ?? label}`;
  return offers.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

export function complete(marked: string, around: Partial<Surroundings> = {}): Offers | null {
  const offset = marked.indexOf('$0');
  assert.ok(offset >= 0, 'the text has no $0');
  // What the file was before is what is known of its locks.
  workspace.open({ uri, version: 1, text: marked.replace(/.*\$0.*/, '') });
  const before = workspace.scene(uri);
  for (const variant of before?.variants ?? []) before?.locks(variant);
  workspace.open({ uri, version: 2, text: marked.replace('$0', '') });
  const scene = workspace.scene(uri);
  assert.ok(scene !== null);
  return offersAt(scene, offset, { ...surroundings, ...around });
}
