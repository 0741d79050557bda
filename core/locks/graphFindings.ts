/** What is told of circles, interrupts, recursion and wait types: the rule, and what the code does. */

import type { Loc } from '../semantics/hir.ts';
import { lockNameOf } from './classes.ts';
import type { AcquireEvent, CycleEdge, HeldLock, LockFinding, Witness } from './events.ts';
import type { Cycle } from './graphCycles.ts';
import type { Inconsistency, Inversion } from './graphIrq.ts';
import {
  type Domain,
  type Edge,
  hasUsage,
  doubtOfLink,
  doubtOfUse,
  leastOf,
  most,
  type Doubt,
  doubtOfLock,
  type Link,
  linkOf,
  type Use,
  usedIn,
} from './graphStore.ts';
import { partsOf } from './limits.ts';
import type { WrongWait } from './graphWait.ts';
import { EN, ER, SN, SR } from './strongPath.ts';
import { callPlaces, linkPlaces, named, type Related, requested, usePlaces } from './graphText.ts';

/** A finding with what it stands on: two that share a cause may be mended together. */
export interface Told {
  readonly finding: LockFinding;
  readonly causes: readonly string[];
}

export function recursionFinding(event: AcquireEvent, held: HeldLock): Told {
  const { lock } = event;
  const same = held.instance !== null && held.instance === lock.instance;
  return told(
    'lock-recursion',
    same && event.actor !== null ? 'error' : 'warning',
    event.sync && lock.class.ends === true
      ? `Who waits for something to end must not be a part of it. The end of one of '${lock.class.name}' is waited for here while ${named(held)} is held.`
      : event.sync
        ? `A grace period waits for all readers, and never ends inside a read section of its own thread. One of '${lock.class.name}' is waited for here while ${named(held)} is held.`
        : `Who holds a lock must not wait for one of the same class, unless an order among them is stated by a subclass or a nest lock. ${sentence(named(lock))} is acquired here while ${named(held)} is held.`,
    event.loc,
    linkPlaces({ held, event }),
    [edgeCause(lock.class.key, lock.class.key)],
    { ...cycle([edgeOf(held, lock)]), at: event.loc },
    most(doubtOfLink({ held, event }), held.instance === null || lock.instance === null ? 1 : 0),
  );
}

export function nestFinding(event: AcquireEvent): Told {
  const { lock, nestLock } = event;
  return told(
    'lock-recursion',
    'warning',
    `A nest lock must be held around the locks that it orders. ${sentence(named(lock))} is acquired here without its nest lock '${nestLock ?? ''}'.`,
    event.loc,
    [...callPlaces(event), { message: `${named(lock)} is declared here`, loc: lock.class.loc }],
    [edgeCause(lock.class.key, lock.class.key)],
    null,
  );
}

const waitNames = {
  free: 'never waits',
  spin: 'spins with preemption off',
  config: 'is a spinlock',
  sleep: 'may sleep',
};
const insideNames = {
  free: 'no lock at all',
  spin: 'nothing but raw spinlocks',
  config: 'only spinlocks and raw spinlocks',
  sleep: 'any lock',
};

export function waitFinding(event: AcquireEvent, { outer, allowed, held }: WrongWait): Told {
  const { lock } = event;
  const inside = held === null ? `in ${contextName(lock.context)}` : `while ${named(held)} is held`;
  return told(
    'lock-wait-type',
    event.actor === null ? 'warning' : 'error',
    `${held === null ? sentence(contextName(lock.context)) : sentence(`'${held.class.name}'`)} allows ${insideNames[allowed]} inside. ${sentence(named(lock))}, which ${waitNames[outer]}, is ${event.sync ? 'waited for' : 'acquired'} here ${inside}.`,
    event.loc,
    held === null
      ? [...callPlaces(event), { message: `'${lock.class.name}' is declared here`, loc: lock.class.loc }]
      : linkPlaces({ held, event }),
    [edgeCause(held?.class.key ?? '', lock.class.key)],
    requesting(event, held),
    waitDoubt(lock, held),
  );
}

export function inversionOfOrder({ edges }: Cycle, declaredAt: (edge: Edge) => Loc | null): Told | null {
  const links = edges.flatMap(({ edge, kind }) => linkOf(edge, [kind]) ?? []);
  const [first, ...others] = links;
  if (first === undefined || links.length < edges.length) return null;
  const steps = others.map(
    ({ held, event }) => `${event.sync ? requested(event) : named(event.lock)} while ${named(held)} is held`,
  );
  const stated = edges.flatMap(({ edge }) => {
    const loc = declaredAt(edge);
    return loc === null
      ? []
      : [{ message: `'${edge.from.lock.name}' is declared to come before '${edge.to.lock.name}' here`, loc }];
  });
  return told(
    'lock-order-inversion',
    'warning',
    `Locks that are held together must be taken in one order everywhere. ${sentence(requested(first.event))} here while ${named(first.held)} is held, but elsewhere ${listed(steps)}.`,
    first.event.loc,
    [...links.flatMap(linkPlaces), ...stated],
    edges.map(({ edge }) => edgeCause(edge.from.key, edge.to.key)),
    cycle(links.map(({ held, event }) => edgeOf(held, event.lock))),
    most(...links.map(doubtOfLink)),
  );
}

/** Null when no edge of the circle is in the code, or none is only declared. */
export function againstDeclared({ edges }: Cycle, declaredAt: (edge: Edge) => Loc | null): Told | null {
  const links: Link[] = [];
  const orders: Related[] = [];
  for (const { edge, kind } of edges) {
    const link = linkOf(edge, [kind]);
    const loc = declaredAt(edge);
    if (link !== null) links.push(link);
    else if (loc !== null)
      orders.push({
        message: `'${edge.from.lock.name}' is declared to come before '${edge.to.lock.name}' here`,
        loc,
      });
  }
  const [first] = links;
  if (first === undefined || orders.length === 0) return null;
  const { event, held } = first;
  return told(
    'lock-order-declared',
    'warning',
    `'${event.lock.class.name}' is declared to come before '${held.class.name}'. ${sentence(requested(event))} here while ${named(held)} is held.`,
    event.loc,
    [...links.flatMap(linkPlaces), ...orders],
    edges.map(({ edge }) => edgeCause(edge.from.key, edge.to.key)),
    requesting(event, held),
    most(...links.map(doubtOfLink)),
  );
}

export function contradiction(
  names: readonly string[],
  places: readonly { readonly message: string; readonly loc: Loc }[],
): Told | null {
  const last = places.at(-1);
  if (last === undefined) return null;
  return told(
    'contradicting-order',
    'error',
    `Declared lock orders must not form a circle. Together they say that ${names.map((name) => `'${name}'`).join(' comes before ')}.`,
    last.loc,
    places.map((place) => place),
    names.map((name) => `declared ${name}`),
    null,
  );
}

export function inconsistencyFinding({ domain, node, used, enabled }: Inconsistency): Told | null {
  const inHandler = leastOf(node.uses[used] ?? [], useLocs, doubtOfUse);
  const open = leastOf(outside(node.uses[enabled] ?? []), useLocs, doubtOfUse);
  if (inHandler === null || open === null) return null;
  return told(
    'lock-irq-unsafe',
    'warning',
    `A lock that is taken in ${contextName(domain)} must be held with ${interrupts(domain)} off everywhere else. ${sentence(named(open.lock))} is ${heldHow(open, domain)}, and ${contextName(domain)} acquires it too.`,
    open.event.loc,
    [
      ...usePlaces(open, heldText(open, domain)),
      ...usePlaces(inHandler, `is acquired here in ${contextName(domain)}`),
    ],
    [usageCause(node.key, domain)],
    cycle([{ ...edgeOf(open.lock, inHandler.lock), interrupt: domain }]),
    most(doubtOfUse(open), doubtOfUse(inHandler)),
  );
}

export function inversionFinding({ domain, safe, used, unsafe, enabled, path }: Inversion): Told | null {
  const inHandler = leastOf(safe.uses[used] ?? [], useLocs, doubtOfUse);
  const open = leastOf(outside(unsafe.uses[enabled] ?? []), useLocs, doubtOfUse);
  if (inHandler === null || open === null) return null;
  const links = linksAlong(path, !hasUsage(safe, usedIn(domain, 0)) && !hasUsage(safe, usedIn(domain, 1)));
  const first = links.at(-1);
  if (first === undefined || links.length < path.length) return null;
  return told(
    'lock-irq-inversion',
    'warning',
    `A lock that is taken in ${contextName(domain)} must not wait for one that is held while ${interrupts(domain)} are on. ${sentence(requested(first.event))} here while ${named(first.held)} is held; ${contextName(domain)} acquires ${named(inHandler.lock)}, and '${unsafe.lock.name}' is held elsewhere with ${interrupts(domain)} on.`,
    first.event.loc,
    [
      ...links.flatMap(linkPlaces),
      ...usePlaces(inHandler, `is acquired here in ${contextName(domain)}`),
      ...usePlaces(open, heldText(open, domain)),
    ],
    [
      ...path.map((edge) => edgeCause(edge.from.key, edge.to.key)),
      usageCause(safe.key, domain),
      usageCause(unsafe.key, domain),
    ],
    cycle([
      ...links.map(({ held, event }) => edgeOf(held, event.lock)),
      { ...edgeOf(open.lock, inHandler.lock), interrupt: domain },
    ]),
    most(...links.map(doubtOfLink), doubtOfUse(open), doubtOfUse(inHandler)),
  );
}

/** Of each edge, a link of a kind with which the path is strong. */
function linksAlong(path: readonly Edge[], startsWeakly: boolean): Link[] {
  let weak = startsWeakly;
  return path.flatMap((edge) => {
    const kinds = weak ? [EN, ER] : [EN, SN, ER, SR];
    const kind = kinds.find((one) => (edge.kinds & one) !== 0);
    weak = kind === ER || kind === SR;
    const link = kind === undefined ? null : linkOf(edge, [kind]);
    return link === null ? [] : [link];
  });
}

function edgeOf(held: HeldLock, wanted: HeldLock): CycleEdge {
  return { holds: held.class, wants: wanted.class, wantsRead: wanted.read };
}

function cycle(edges: readonly CycleEdge[]): Witness & { readonly kind: 'cycle' } {
  return { kind: 'cycle', edges };
}

/** Some thread makes this request with the other lock held; `held` null: in an interrupt. */
function requesting({ loc, lock }: AcquireEvent, held: HeldLock | null): Witness {
  return {
    ...{ kind: held === null ? 'at' : 'at-with', loc, mode: 'any' },
    where: {
      kind: 'request',
      lock: lockNameOf(lock.class.key),
      interrupt: held === null ? domainOf(lock) : null,
    },
    lock: held === null ? null : { kind: 'class', lock: lockNameOf(held.class.key) },
  };
}

/** Those outside handlers, if some are sure: a handler that leaves others on is seldom what is to be mended. */
function outside(uses: Iterable<Use>): readonly Use[] {
  const all = [...uses];
  const plain = all.filter(
    ({ lock, event }) => lock.context === 'task' && lock.unsure === undefined && event.unsureIrqs !== true,
  );
  return plain.length > 0 ? plain : all;
}

function domainOf({ context }: HeldLock): Domain | null {
  return context === 'task' ? null : context;
}

function useLocs({ lock, event }: Use): readonly Loc[] {
  return [event.loc, lock.loc, ...event.calls];
}

function heldText(use: Use, domain: Domain): string {
  return use.event.kind === 'enable'
    ? `is held where ${interrupts(domain)} are switched on here`
    : `is acquired here with ${interrupts(domain)} on`;
}

function heldHow({ event }: Use, domain: Domain): string {
  return event.kind === 'enable'
    ? `held here where ${interrupts(domain)} are switched on`
    : `acquired here with ${interrupts(domain)} on`;
}

function contextName(context: AcquireEvent['lock']['context']): string {
  return context === 'task' ? 'a task' : context === 'hardirq' ? 'a hard interrupt' : 'a softirq';
}

function interrupts(domain: Domain): string {
  return domain === 'hardirq' ? 'interrupts' : 'softirqs';
}

function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`;
}

/** With a capital letter, unless it begins with a name in quotes. */
function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function edgeCause(from: string, to: string): string {
  return `${from} → ${to}`;
}

function usageCause(key: string, domain: Domain): string {
  return `${domain} ${key}`;
}

function told(
  code: LockFinding['code'],
  severity: LockFinding['severity'],
  message: string,
  loc: Loc,
  related: readonly Related[],
  causes: readonly string[],
  witness: Witness | null,
  doubt: Doubt = 0,
): Told {
  // A guess is no finding.
  if (doubt === 2) return { finding: { ...partsOf('recursion'), loc, may: false }, causes: [] };
  const may = doubt === 1;
  return { finding: { code, severity, message, loc, related, may, witness, fixes: [] }, causes };
}

/** Which of several elements it is makes no difference to what may be taken inside what. */
function waitDoubt(lock: HeldLock, held: HeldLock | null): Doubt {
  if (lock.unsure === 'guess') return 2;
  return held === null || held.unsure === 'which' ? 0 : doubtOfLock(held);
}
