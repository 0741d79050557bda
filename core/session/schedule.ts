/** The run up to now as a `schedule` of the scenario, in its language. */

import { initialStates } from '../machine/interpreter.ts';
import type { Session } from './session.ts';

export type SavedSchedule =
  | { readonly kind: 'schedule'; readonly text: string }
  | { readonly kind: 'refused'; readonly message: string };

/** `when`: the options of the variant, so that other variants do not follow it. */
export function scheduleOf(session: Session, title: string): SavedSchedule {
  const trace = session.trace();
  if (trace === null)
    return { kind: 'refused', message: 'a value was set by hand in this run, which no schedule can say' };
  const { program } = session;
  const first = initialStates(program).find(({ state }) => state !== null)?.choices ?? [];
  if (trace.start.some((choice, index) => choice !== first[index]))
    return { kind: 'refused', message: 'this run begins with another choice in `init` than a schedule does' };
  const lines: string[] = [];
  for (let at = 0; at < trace.steps.length; ) {
    const { thread } = trace.steps[at] ?? { thread: 0 };
    let count = 0;
    const choices: bigint[] = [];
    for (; trace.steps[at]?.thread === thread; at++) {
      count++;
      choices.push(...(trace.steps[at]?.choices ?? []));
    }
    const made = choices.length === 0 ? '' : ` choosing (${choices.join(', ')})`;
    lines.push(`\t${actorOf(program.threads, thread)} ${count} steps${made};`);
  }
  // A schedule that names no store buffer would make every store visible at once.
  const drains = program.buffers?.map(({ drain }) => drain) ?? [];
  const [drain] = drains;
  if (drain !== undefined && !trace.steps.some(({ thread }) => drains.includes(thread)))
    lines.push(`\t${actorOf(program.threads, drain)} 0 steps;`);
  const conditions = [...program.checked.options].map(([name, value]) => `${name} == ${value}`);
  if (drain !== undefined) conditions.push('memory_model == tso');
  const options = conditions.join(' && ');
  const when = options === '' ? '' : ` when ${options}`;
  return { kind: 'schedule', text: `schedule ${JSON.stringify(title)}${when} {\n${lines.join('\n')}\n}\n` };
}

/** `fault[0]`; a member of a family over objects by its place in memory order: `callback[1]`. */
function actorOf(threads: readonly { readonly name: string }[], thread: number): string {
  const name = threads[thread]?.name ?? '';
  const member = /^([^(]*)\(/.exec(name);
  if (member === null) return name;
  const first = threads.findIndex((one) => one.name.startsWith(`${member[1]}(`));
  return `${member[1]}[${thread - first}]`;
}
