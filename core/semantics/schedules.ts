/** Schedules: interleavings written down. */

import type { ScheduleItem, ScheduleMove } from '../syntax/ast.ts';
import { foldCondition } from './conditions.ts';
import { Context } from './context.ts';
import type { ActiveItem, ActorDeclaration, Environment } from './environment.ts';
import { checkExpression } from './expressions.ts';
import type { Finding } from './findings.ts';
import type { Schedule } from './hir.ts';
import { checkInteger, checkSmall } from './integers.ts';
import { didYouMean } from './nearest.ts';

type Move = Schedule['moves'][number];

/** null when the schedule is not for this variant. */
export function checkSchedule(
  env: Environment,
  { item, home }: ActiveItem<ScheduleItem>,
  labels: ReadonlySet<string>,
  findings: Finding[],
): Schedule | null {
  const cx = new Context(env, home, findings, null);
  if (item.when !== null && !foldCondition(cx, item.when, 'a schedule')) {
    cx.alsoRecord(() => {
      for (const move of item.moves) checkMove(cx, move, labels);
    });
    return null;
  }
  const moves = item.moves.flatMap((move) => checkMove(cx, move, labels) ?? []);
  return {
    title: item.title,
    moves,
    loc: cx.loc({ start: item.start, end: item.start + 'schedule'.length }),
  };
}

function checkMove(cx: Context, move: ScheduleMove, labels: ReadonlySet<string>): Move | null {
  const name = move.actor.text;
  if (name === '') return null;
  const actor = cx.actor(name);
  if (actor === undefined && name === 'store_buffer' && cx.env.variant.memoryModel === 'tso')
    return checkDrain(cx, move, labels);
  if (actor === undefined) {
    cx.report(
      'unknown-name',
      move.actor,
      `unknown actor '${name}'${didYouMean(name, cx.everything().actors.keys())}`,
    );
    return null;
  }
  cx.usedHere(move.actor, { kind: 'declared', declaration: actor });
  const label = actorLabel(cx, move, actor);
  const until = checkUntil(cx, move, labels);
  const choices = move.choices.map((choice) => checkInteger(cx, choice, 'a choice'));
  if (label === null || until === null || choices.includes(null)) return null;
  return { actor: label, until, choices: choices.map(Number), loc: cx.loc(move) };
}

/** `store_buffer[n]`: the n-th thread of those that have a store buffer. */
function checkDrain(cx: Context, move: ScheduleMove, labels: ReadonlySet<string>): Move | null {
  if (move.index === null) {
    cx.report('bad-declaration', move.actor, "say which thread's store buffer, as in store_buffer[0]");
    return null;
  }
  const index = checkInteger(cx, move.index, 'the number of a store buffer');
  const until = checkUntil(cx, move, labels, 0);
  if (index === null || until === null) return null;
  return { actor: `store_buffer[${index}]`, until, choices: [], loc: cx.loc(move) };
}

function actorLabel(cx: Context, move: ScheduleMove, actor: ActorDeclaration): string | null {
  const name = move.actor.text;
  const family = actor.item.family;
  if (move.index === null) {
    if (family?.kind !== 'range') return name;
    cx.report(
      'bad-declaration',
      move.actor,
      `'${name}' is a family: say which one, as in ${name}[${actor.range?.low ?? 0}]`,
    );
    return null;
  }
  if (family === null) {
    cx.report('bad-declaration', move.index, `'${name}' is one actor, not a family`);
    return null;
  }
  const { range } = actor;
  if (range === null) {
    const index = checkInteger(cx, move.index, 'the index of a family');
    return index === null ? null : `${name}[${index}]`;
  }
  const index = checkSmall(cx, move.index, range.low, range.high, `the index of '${name}'`);
  return index === null ? null : `${name}[${index}]`;
}

/** `least`: the smallest number of steps; none at all says that a store buffer keeps what it has. */
function checkUntil(
  cx: Context,
  move: ScheduleMove,
  labels: ReadonlySet<string>,
  least = 1,
): Move['until'] | null {
  const { until } = move;
  switch (until.kind) {
    case 'end':
      return until;
    case 'steps': {
      const count = checkSmall(cx, until.count, least, 1_000_000, 'the number of steps');
      return count === null ? null : { kind: 'steps', count };
    }
    case 'label': {
      const { text } = until.label;
      if (text === '') return null;
      cx.usedHere(until.label, { kind: 'any-label' });
      if (labels.has(text)) return { kind: 'label', label: text };
      cx.report('unknown-name', until.label, `there is no label '${text}'${didYouMean(text, labels)}`);
      return null;
    }
    case 'load':
    case 'store': {
      const checked = checkExpression(cx, until.lvalue);
      if (checked === null) return null;
      if (checked.kind === 'place') return { kind: until.kind, lvalue: checked.place };
      cx.report('not-an-lvalue', until.lvalue, `'until ${until.kind} of' needs a place in memory`);
      return null;
    }
  }
}
