/** Calls: answered from what was found before, or followed. */

import { isTrusted } from '../semantics/imports.ts';
import type { HirFunction, Loc } from '../semantics/hir.ts';
import type { Results } from './evaluate.ts';
import { deepest, mostWork } from './limits.ts';
import type { Relevance } from './relevance.ts';
import { placeKey } from './report.ts';
import { type State, stateKey } from './lockset.ts';
import {
  type Exchange,
  exchangedEvent,
  exchangedParts,
  exchangedResults,
  exchangeFor,
  type Summary,
  through,
  withStandIns,
} from './summary.ts';
import type { Value } from './values.ts';
import { type Frame, newActivation, type Walk } from './walk.ts';
import { mayHoldForCaller } from './promises.ts';

/** A circle of functions that call each other, from where it was entered: what was found inside holds only there. */
export interface Circle {
  readonly number: number;
  readonly calls: Map<string, Summary>;
}

export interface Call {
  readonly fn: HirFunction;
  readonly relevance: Relevance;
  readonly args: readonly Value[];
  /** What it can see. */
  readonly state: State;
  readonly loc: Loc;
  /** Locks that functions around say they must be called with, and were not. */
  readonly lacking: readonly string[];
}

/** Every return of a call, with its state and value. */
export function answer(
  walk: Walk,
  frame: Frame,
  call: Call,
  follow: (inner: Frame, entry: State) => Results<Value>,
): Results<Value> {
  const { fn, relevance, state, loc } = call;
  const around = relevance.circle !== null && frame.circle?.number === relevance.circle ? frame.circle : null;
  const key = keyOf(walk, frame, call);
  const where = walk.userPlace(frame, loc);
  const met = around === null ? walk.following.get(key) : around.calls.get(key);
  if (met !== undefined && met.results === null) {
    // A call that is being followed already adds nothing: its other paths return.
    walk.recorder.metAgain(met);
    return [];
  }
  const known =
    around === null
      ? walk.store.callsOf(key).find((each) => isUsable(walk, frame, each, where))
      : isUsable(walk, frame, met ?? null, where)
        ? met
        : undefined;
  if (known !== undefined) {
    const exchange = exchangeFor(known, where, state);
    walk.recorder.pause(() => tell(walk, frame, known, loc, exchange));
    walk.recorder.called(known, loc, exchange);
    if (frame.parent === null) walk.watch?.called(known, exchange);
    return exchangedResults(known.results ?? [], exchange);
  }

  const onBehalf = fn.primitive || isTrusted(fn.loc.uri);
  const { state: entry, takenAt } = withStandIns(state);
  const place = { ...where };
  const summary: Summary = {
    key,
    fn,
    args: call.args,
    entry,
    activation: newActivation(),
    onBehalf,
    place,
    takenAt,
    depth: frame.depth + 1,
    results: null,
    told: [],
    visits: new Set(),
    work: 0,
    allWork: 0,
    height: 0,
    cut: false,
    open: false,
    placed: false,
    lookups: new Map(),
    locks: new Map(),
    targets: new Map(),
  };
  const calls = around?.calls ?? walk.following;
  calls.set(key, summary);
  const circle =
    around ?? (relevance.circle === null ? frame.circle : { number: relevance.circle, calls: new Map() });
  const { activation } = summary;
  const { lacking } = call;
  const inner = walk.frame(frame, fn, isTrusted(loc.uri) ? loc : place, {
    activation,
    args: call.args,
    place,
    circle,
    lacking,
  });
  const results = walk.recorder.during(summary, () => follow(inner, entry));
  summary.results = results;
  summary.allWork += summary.work;
  walk.told.add(toldKey(summary, walk.activationAt(frame), where));
  const exchange = exchangeFor(summary, where, state);
  walk.recorder.called(summary, loc, exchange);
  if (frame.parent === null) walk.watch?.called(summary, exchange);
  if (around === null) {
    calls.delete(key);
    if (!summary.open && !walk.exhausted) walk.store.keepCall(summary);
  }
  return exchangedResults(results, exchange);
}

function keyOf(walk: Walk, frame: Frame, { fn, relevance, args, state, lacking }: Call): string {
  const around = walk.alone && mayHoldForCaller(walk, frame) ? 'l' : '';
  return `${walk.ground.identity} ${relevance.identity} ${fn.name}(${args.join(', ')}) ${walk.mode} ${around} ${frame.primitive?.name ?? ''} ${lacking.join()} ${stateKey(state)}`;
}

function isUsable(walk: Walk, frame: Frame, summary: Summary | null, where: Loc): summary is Summary {
  if (summary === null || summary.results === null) return false;
  if (summary.cut ? summary.depth !== frame.depth + 1 : frame.depth + 1 + summary.height > deepest)
    return false;
  if (summary.placed && placeKey(summary.place) !== placeKey(where)) return false;
  if (walk.work + summary.allWork > mostWork) return false;
  for (const [at, lock] of summary.lookups) if (walk.locks.get(at)?.key !== lock?.key) return false;
  for (const [name, identity] of summary.targets)
    if ((walk.ground.functions.of(name)?.identity ?? 0) !== identity) return false;
  return true;
}

/** Tells what was told when the call was followed, once in each walk. */
function tell(walk: Walk, frame: Frame, summary: Summary, loc: Loc, exchange: Exchange): void {
  const activation = walk.activationAt(frame);
  const calls = walk.callsTo(frame);
  retell(walk, summary, activation, isTrusted(loc.uri) ? calls : [...calls, loc], exchange);
}

function retell(
  walk: Walk,
  summary: Summary,
  around: Summary['activation'],
  calls: readonly Loc[],
  exchange: Exchange,
): void {
  const key = toldKey(summary, around, exchange.get(summary.place) ?? summary.place);
  if (walk.told.has(key)) return;
  walk.told.add(key);
  walk.work += summary.work;
  for (const name of summary.visits) walk.visited.add(name);
  const activation = summary.onBehalf ? around : summary.activation;
  for (const told of summary.told) {
    switch (told.kind) {
      case 'judge': {
        const { broken } = told;
        walk.report.judge(
          told.rule,
          told.own ? summary.activation : activation,
          exchange.get(told.loc) ?? told.loc,
          told.subject,
          broken === null ? null : (may) => exchangedParts(may ? broken.may : broken.sure, exchange),
        );
        break;
      }
      case 'event':
        walk.emit(exchangedEvent(told.event, exchange, calls, walk.actor, walk.threaded));
        break;
      case 'skip':
        break;
      case 'lock':
        walk.locks.set(told.at, told.class);
        break;
      case 'call':
        retell(
          walk,
          told.summary,
          activation,
          isTrusted(told.call.uri) ? calls : [...calls, told.call],
          through(told.exchange, exchange),
        );
        break;
    }
  }
}

function toldKey({ activation, onBehalf }: Summary, around: Summary['activation'], where: Loc): string {
  return onBehalf ? `${activation.id} ${around.id} ${placeKey(where)}` : `${activation.id}`;
}
