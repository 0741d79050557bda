import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { cursor, type RunningServer, startServer } from './harness.ts';

let server: RunningServer;
before(async () => {
  server = await startServer();
});
after(() => server.close());

/** A thread stands at `$0`; `//= x, y` at the end of a line: the values shown on it. */
const cases: Readonly<Record<string, string>> = {
  'locals, parameters and objects, up to the line that a thread stands on': `
int count;
int other;
static int add(int by)		//= by
{
	int now = READ_ONCE(count);	//= now, count
	int after = now + by;	//= after, now, by

	WRITE_ONCE($0count, after);	//= count, after
	other = after;
	return after;
}
task t { add(1); }`,
  'members and elements as a whole, and nothing that is called or cannot be shown in a line': `
struct slot { int value; struct slot *next; };
struct slot slots[4];
struct slot first;
option fix = { none, yes };
static int pick(struct slot *s, int i)	//= s, i
{
	if (fix == yes && i < 4)	//= i
		s->next->value = slots[i].value;	//= s->next->value, slots[i].value
	first = slots[1];
	s->value++; s->value++;		//= s->value
	slots[i + 1].value = pick(s, i);	//= i, s, i
	return$0 0;
}
task t { pick(&slots[0], 1); }`,
  'the body of an actor': `
task t {
	int mine = 3;	//= mine
	mine$0++;	//= mine
	mine--;
}`,
  'nothing between the items': `
int x;
$0
task t { x = 1; }`,
};

for (const [name, marked] of Object.entries(cases)) {
  test(`values inline: ${name}`, async () => {
    const { text, position } = cursor(`scenario "S";${marked}`);
    server.open('inline.lockstep', text);
    const values: { range: { start: { line: number } }; expression: string }[] = await server.request(
      'textDocument/inlineValue',
      {
        textDocument: 'inline.lockstep',
        range: { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } },
        context: { frameId: 1, stoppedLocation: { start: position, end: position } },
      },
    );
    const shown = new Map<number, string[]>();
    for (const { range, expression } of values)
      shown.set(range.start.line, [...(shown.get(range.start.line) ?? []), expression]);
    text.split('\n').forEach((line, index) => {
      const expected = /\/\/= (.*)$/.exec(line)?.[1] ?? '';
      assert.equal(
        (shown.get(index) ?? []).join(', '),
        expected
          .split(', ')
          .filter((one, at, all) => all.indexOf(one) === at)
          .join(', '),
        line,
      );
    });
  });
}

test('a violation and a confirmed finding offer to step through the interleaving', async () => {
  server.open('steps.lockstep', 'scenario "S";\ntask t { }\n');
  const range = { start: { line: 1, character: 0 }, end: { line: 1, character: 4 } };
  const diagnostic = {
    ...{ range, message: 'broken', source: 'lockstep', code: 'deadlock' },
    data: {
      kind: 'violation',
      variants: ['fix=none'],
      fixes: [],
      step: { variant: 'fix=none', check: 'deadlock' },
    },
  };
  const ask = (diagnostics: readonly unknown[]) =>
    server.request('textDocument/codeAction', {
      ...{ textDocument: 'steps.lockstep', range },
      context: { diagnostics, triggerKind: 1 },
    });
  const [action] = await ask([diagnostic]);
  assert.deepEqual(action.command, {
    title: 'Step through the interleaving that leads here',
    command: 'lockstep.stepCounterexample',
    arguments: [server.uri('steps.lockstep'), 'fix=none', 'deadlock'],
  });
  const others = await ask([{ ...diagnostic, data: { ...diagnostic.data, step: undefined } }]);
  assert.ok(
    others.every(
      ({ command }: { command?: { command: string } }) => command?.command !== action.command.command,
    ),
  );
});
