/** Locks that may be taken, dropped or named here, the sensible ones first. */

import { CompletionItemKind } from 'vscode-languageserver';
import type { Analysis } from '../../../core/locks/analyse.ts';
import { classAt } from '../../../core/locks/classes.ts';
import { type NearbyLock, plainText } from '../../../core/locks/nearby.ts';
import type { Context } from '../../../core/semantics/context.ts';
import { checkExpression, readOf } from '../../../core/semantics/expressions.ts';
import type { Expr } from '../../../core/semantics/hir.ts';
import { isLibrary } from '../../../core/semantics/imports.ts';
import { addressOf } from '../../../core/semantics/lvalues.ts';
import type { StructType, Type } from '../../../core/semantics/types.ts';
import type { Expression } from '../../../core/syntax/ast.ts';
import { type Offer, ranks } from './offer.ts';
import type { LockUse, Wanted } from './wanted.ts';

export interface LockSite {
  readonly cx: Context;
  readonly uri: string;
  readonly wanted: Wanted & { readonly kind: 'lock' };
  /** `&` is written already. */
  readonly ampersand: boolean;
  readonly held: readonly NearbyLock[];
  /** What the code is known to take in which order. */
  readonly analysis: Analysis | null;
}

export function lockOffers(site: LockSite): Offer[] {
  const order = site.analysis === null ? emptyOrder : orderOf(site.analysis);
  return candidates(site.cx, site.wanted.lock).map((candidate) => offer(site, candidate, order));
}

// ---------------------------------------------------------------- which there are

interface Candidate {
  readonly text: string;
  readonly type: string;
  /** The lock's address. */
  readonly address: Expr | null;
  /** It is a pointer to the lock. */
  readonly pointer: boolean;
  readonly rank: number;
}

/** Steps through members and pointers from a variable to a lock. */
const deepest = 4;
/** More are never of use in a list. */
const mostCandidates = 200;

function candidates(cx: Context, lock: StructType | null): readonly Candidate[] {
  const found: Candidate[] = [];
  const look = (
    expression: Expression,
    text: string,
    type: Type,
    rank: number,
    depth: number,
    pointers: number,
  ): void => {
    if (found.length >= mostCandidates) return;
    const struct = type.kind === 'pointer' ? type.to : type;
    if (struct.kind !== 'struct') return;
    const pointer = type.kind === 'pointer';
    if (struct.lock !== null) {
      if (lock === null || struct === lock)
        found.push({
          text,
          type: struct.lock.name,
          address: addressIn(cx, expression, pointer),
          pointer,
          rank,
        });
      return;
    }
    if (depth === 0 || (pointer && pointers === 0)) return;
    for (const field of struct.fields) {
      const inner: Expression = field.anonymous
        ? expression
        : {
            kind: 'member',
            object: expression,
            arrow: pointer,
            name: { text: field.name, start: 0, end: 0 },
            start: 0,
            end: 0,
          };
      const path = field.anonymous ? text : `${text}${pointer ? '->' : '.'}${field.name}`;
      // What an anonymous member contains is reached as if it stood beside it.
      const next = field.anonymous && pointer ? { kind: 'pointer' as const, to: field.type } : field.type;
      look(inner, path, next, rank, depth - 1, field.anonymous || !pointer ? pointers : pointers - 1);
    }
  };
  for (const name of new Set(cx.scope.names(null))) {
    const entry = cx.scope.find(name, null);
    if (entry?.kind === 'local' || entry?.kind === 'static')
      look(nameOf(name), name, entry.variable.type, ranks.local, deepest, 2);
    else if (entry?.kind === 'member') look(nameOf(name), name, entry.place.type, ranks.local, deepest, 1);
  }
  for (const declaration of cx.env.names.values()) {
    if (declaration.kind !== 'variable' || declaration.variable === null) continue;
    const { name, home, variable } = declaration;
    if (name.startsWith('__') || cx.scope.find(name, null) !== null) continue;
    const rank =
      home.uri === cx.home.uri ? ranks.scenario : isLibrary(home.uri) ? ranks.library : ranks.imported;
    look(nameOf(name), name, variable.type, rank, deepest, 1);
  }
  return found;
}

function nameOf(text: string): Expression {
  return { kind: 'name', name: { text, start: 0, end: 0 }, start: 0, end: 0 };
}

function addressIn(cx: Context, expression: Expression, pointer: boolean): Expr | null {
  const checked = checkExpression(cx, expression);
  if (checked === null) return null;
  const loc = cx.loc({ start: 0, end: 0 });
  if (checked.kind === 'value') return checked.value;
  return pointer ? readOf(cx, checked.place, loc) : addressOf(checked.place, loc);
}

// ---------------------------------------------------------------- how good they are

function offer(site: LockSite, candidate: Candidate, order: Order): Offer {
  const { wanted, ampersand, held } = site;
  const { text, pointer, type } = candidate;
  const asPlace = wanted.place || ampersand;
  const written = pointer ? (asPlace ? `*${text}` : text) : asPlace ? text : `&${text}`;
  const { rank, note } = judge(site, candidate, held, order);
  return {
    label: written,
    kind: CompletionItemKind.Variable,
    rank,
    // Those that are nearest come first among equals.
    order: `${candidate.rank}${text}`,
    detail: note === '' ? type : `${type} (${note})`,
  };
}

interface Judgement {
  readonly rank: number;
  readonly note: string;
}

function judge(
  { wanted }: LockSite,
  candidate: Candidate,
  held: readonly NearbyLock[],
  order: Order,
): Judgement {
  const own = candidate.address === null ? null : classAt(candidate.address);
  const same = held.find(({ text }) => text === plainText(candidate.text));
  const sister = held.find((lock) => lock.class !== null && lock.class.key === own?.key);
  const usual: Judgement = { rank: ranks.wanted + 1, note: '' };
  const ways = same?.sure === false ? ' on some ways' : '';
  if (!takes(wanted.use)) {
    if (same !== undefined) return { rank: ranks.wanted, note: `held here${ways}` };
    return wanted.use === 'release' && sister === undefined
      ? { rank: ranks.last, note: 'not held here' }
      : usual;
  }
  if (same !== undefined)
    return { rank: ranks.last, note: `held here${same.shared ? ' for read' : ''} already${ways}` };
  if (own === null) return usual;
  const spinning = held.find((lock) => lock.class !== null && lock.class.waitType !== 'sleep');
  if (own.waitType === 'sleep' && spinning !== undefined)
    return { rank: ranks.last, note: `may sleep, and ${spinning.text} is held here` };
  const later =
    wanted.use === 'try'
      ? undefined
      : held.find((lock) => lock.class !== null && order.reaches(own.key, lock.class.key));
  if (later !== undefined)
    return { rank: ranks.last, note: `is taken before ${later.class?.name ?? later.text} elsewhere` };
  if (sister !== undefined) return { rank: ranks.member, note: `like ${sister.text}, which is held here` };
  const outer = held.find((lock) => lock.class !== null && order.reaches(lock.class.key, own.key));
  return outer === undefined
    ? usual
    : { rank: ranks.wanted, note: `as elsewhere inside ${outer.class?.name ?? outer.text}` };
}

function takes(use: LockUse): boolean {
  return use === 'acquire' || use === 'try';
}

// ---------------------------------------------------------------- orders

interface Order {
  /** Some lock of the class `from` is held while one of `to` is taken, perhaps by way of others; or that is declared. */
  reaches(from: string, to: string): boolean;
}

const emptyOrder: Order = { reaches: () => false };
const orders = new WeakMap<Analysis, Order>();

function orderOf(analysis: Analysis): Order {
  let order = orders.get(analysis);
  if (order === undefined) {
    const edges = new Map<string, Set<string>>();
    const add = (from: string, to: string): void => {
      const known = edges.get(from);
      if (known === undefined) edges.set(from, new Set([to]));
      else known.add(to);
    };
    for (const { before, after } of analysis.orders) add(before.key, after.key);
    for (const event of analysis.events) {
      if (event.kind !== 'acquire' || event.lock.trylock) continue;
      for (const { class: outer } of event.held) add(outer.key, event.lock.class.key);
    }
    order = { reaches: (from, to) => reaches(edges, from, to) };
    orders.set(analysis, order);
  }
  return order;
}

function reaches(edges: ReadonlyMap<string, ReadonlySet<string>>, from: string, to: string): boolean {
  const seen = new Set<string>();
  const open = [from];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const next of edges.get(at) ?? []) {
      if (next === to) return true;
      if (!seen.has(next)) open.push(next);
      seen.add(next);
    }
  }
  return false;
}
