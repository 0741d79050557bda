import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { variants } from '../../core/semantics/options.ts';
import { check } from '../../core/semantics/check.ts';
import { keyOf } from '../../core/machine/state.ts';
import { run } from '../../core/session/stepping.ts';
import { type ViewLine, Views } from '../../core/session/views.ts';
import { examples, projectOf, running, runningVariant } from './running.ts';

function textOf(lines: readonly ViewLine[], depth = 0): string {
  return lines.map((line) => `${'  '.repeat(depth)}${line.text}\n${textOf(line.lines, depth + 1)}`).join('');
}

const ring = (body: string): string => `scenario "Views";
struct slot { u32 value; bool full; };
enum mood { CALM, WILD };
struct slot ring[4];
unsigned int head;
enum mood mood;
struct slot *last;
static void show_slot(int i)
{
	show_begin("slot {}", i);
	show_at(&ring[i]);
	show_line("value {} full {}", ring[i].value, ring[i].full);
	show_end();
}
static int depth(int n)
{
	show_begin("{}", n);
	if (n)
		depth(n - 1);
	show_end();
	return n;
}
task writer {
	ring[head].value = 7;
	ring[head].full = true;
	last = &ring[head];
	mood = WILD;
	show_slot(head);
	head++;
}
${body}
`;

const cases: readonly { readonly name: string; readonly body: string; readonly shown: string }[] = [
  {
    name: 'lines with values as their types say, and lines below lines',
    body: 'view "V" { show_line("{} and {}", mood, last); for (int i = 0; i < 4; i++) { if (ring[i].full) show_slot(i); } }',
    shown: 'WILD and &ring\nslot 0\n  value 7 full true\n',
  },
  { name: 'recursion', body: 'view "V" { depth(3); }', shown: '3\n  2\n    1\n      0\n' },
  {
    name: 'what a view writes is forgotten',
    body: 'view "V" { head = 77; show_line("{}", head); }',
    shown: '77\n',
  },
  {
    name: 'ends without a beginning',
    body: 'view "V" { show_end(); show_end(); show_line("a"); }',
    shown: 'a\n',
  },
  {
    name: 'a beginning without an end',
    body: 'view "V" { show_begin("a"); show_line("b"); }',
    shown: 'a\n  b\n',
  },
  {
    name: 'a broken check',
    body: 'view "V" { show_line("{}", ring[head + 9].value); }',
    shown: '! An array index is outside 0..3.',
  },
  {
    name: 'a null pointer',
    body: 'view "V" { struct slot *p = NULL; show_line("{}", p->value); }',
    shown: '! An address is accessed where nothing is. (load of 4 bytes at address 0 (null))',
  },
  {
    name: 'more than there is room for',
    body: 'view "V" { for (int i = 0; i < 20000; i++) show_line("a"); }',
    shown: 'cut',
  },
  {
    name: 'a view that never ends',
    body: 'view "V" { for (;;) head++; }',
    shown: '! A loop that touches no shared state does not end. (more than 100000 rounds without a step)',
  },
];

for (const { name, body, shown } of cases) {
  test(`a view: ${name}`, () => {
    const { session, asking, program, lineOf } = running(ring(body));
    run(session, { kind: 'turns' }, { lineOf });
    const before = keyOf(program, session.state);
    const found = new Views(asking.questions).show('V', session.state);
    if (shown === 'cut') assert.ok(found.kind === 'shown' && found.cut && found.lines.length > 16_000);
    else assert.equal(found.kind === 'refused' ? `! ${found.message}` : textOf(found.lines), shown);
    assert.equal(keyOf(program, session.state), before);
  });
}

const wrong: readonly [string, string][] = [
  ['view "V" { show_line(head); }', "'show_line' needs its text in quotes"],
  ['view "V" { show_line("{}"); }', "the text has 1 times '{}', and 0 values follow"],
  [
    'view "V" { show_line("{}", ring[0]); }',
    "argument 2 of 'show_line': expected a number or a pointer, found 'struct slot'",
  ],
  [
    'view "V" { show_at(head); }',
    "argument 1 of 'show_at': expected the address of what is shown, found 'unsigned int'",
  ],
  ['view "V" { nosuch(); }', "unknown function 'nosuch'"],
];

test('what is wrong in a view is told', () => {
  for (const [body, message] of wrong) {
    const project = projectOf(ring(body));
    const [variant] = variants(project).variants;
    assert.ok(variant !== undefined);
    const messages = check(project, variant).diagnostics.map((one) => one.message);
    assert.deepEqual(messages.slice(0, 1), [message], body);
  }
});

test('a view knows the memory of its lines, and a view of the scenario replaces an imported one', () => {
  const { session, asking, lineOf } = running(
    ring('view "V" { show_slot(0); }').replace(
      'scenario "Views";',
      'scenario "Views";\nimport "hardware/tlb";\nview "TLBs" { show_line("mine"); }',
    ),
  );
  run(session, { kind: 'turns' }, { lineOf });
  const views = new Views(asking.questions);
  assert.deepEqual(views.titles, ['TLBs', 'V']);
  const mine = views.show('TLBs', session.state);
  assert.equal(mine.kind === 'shown' ? textOf(mine.lines) : mine.message, 'mine\n');
  const shown = views.show('V', session.state);
  assert.ok(shown.kind === 'shown');
  const address = shown.lines[0]?.address ?? 0n;
  const writer = session.history.lastWriter(address, 4, session.cursor);
  assert.equal(writer, 2, 'the index was loaded first');
  assert.equal(views.show('nosuch', session.state).kind, 'refused');
});

test('the views of the library can be shown in every state of a run of every example', () => {
  for (const name of readdirSync(examples)) {
    const project = projectOf(new URL(name, examples));
    for (const variant of variants(project).variants.slice(0, 2)) {
      const { session, asking, lineOf } = runningVariant(project, variant);
      run(session, { kind: 'random', seed: 7 }, { lineOf });
      const views = new Views(asking.questions);
      assert.ok(views.titles.length > 0, name);
      for (let at = 0; at <= session.length; at += 5)
        for (const title of views.titles) {
          const shown = views.show(title, session.history.state(at));
          assert.ok(
            shown.kind === 'shown',
            `${name} ${title} at ${at}: ${shown.kind === 'refused' ? shown.message : ''}`,
          );
        }
    }
  }
});
