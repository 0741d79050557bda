import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expressionAt } from '../../client/debug/expressionAt.ts';

/** `$0` is the mouse; behind the arrow what is asked. */
const cases = `
x = $0count + 1; -> count
co$0unt -> count
count$0 -> count
a->b$0.c[i] -> a->b
a->b.$0c[i] -> a->b.c
a->b.c[$0i] -> i
$0a->b.c[i] -> a
sp->spt[i].low$0 -> sp->spt[i].low
x[y[1]].z$0 -> x[y[1]].z
x[i][j].z$0 -> x[i][j].z
root_of(vcpu)->spt$0 -> -
x[next(i)].z$0 -> -
x[i = 2].z$0 -> -
] .z$0 -> -
a . b$0 -> a . b
1$02 + 3 -> -
$0 -> -
if (a.$0b) -> a.b
`;

test('what is asked for the name under the mouse', () => {
  for (const line of cases.trim().split('\n')) {
    const [, marked = '', expected = ''] = /^(.*) -> (.*)$/.exec(line) ?? [];
    const text = marked.replace('$0', '');
    const span = expressionAt(text, marked.indexOf('$0'));
    assert.equal(span === null ? '-' : text.slice(span.start, span.end), expected, line);
  }
});
