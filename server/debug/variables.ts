/** Scopes and variables: locals, shared memory, locks, views, and what the last step changed. */

import type { DebugProtocol } from '@vscode/debugprotocol';
import { holdings } from '../../core/session/locks.ts';
import {
  bytesOf,
  objectsOf,
  pageSize,
  partsOf,
  type Shown,
  showKnown,
  showObject,
} from '../../core/session/objects.ts';
import { variablesOf } from '../../core/session/stack.ts';
import type { ViewLine } from '../../core/session/views.ts';
import type { Run } from './run.ts';
import { describeStore, waitingStores } from '../../core/machine/storeBuffers.ts';

/** Something that an editor can open. Valid until the run moves. */
type Node =
  | { readonly kind: 'locals'; readonly thread: number; readonly frame: number }
  | { readonly kind: 'objects'; readonly own: boolean }
  | { readonly kind: 'locks' }
  | { readonly kind: 'buffers' }
  | { readonly kind: 'view'; readonly title: string }
  | { readonly kind: 'changes' }
  | { readonly kind: 'lines'; readonly lines: readonly ViewLine[] }
  | {
      readonly kind: 'shown';
      readonly shown: Shown;
      readonly path: string;
      readonly from: number;
      readonly to: number;
    };

export class Variables {
  private readonly run: Run;
  private nodes: Node[] = [];
  /** References of earlier stops are not given again, so that a late request gets nothing instead of something else. */
  private base = 0;

  constructor(run: Run) {
    this.run = run;
  }

  /** The run has moved. */
  forget(): void {
    this.base += this.nodes.length;
    this.nodes = [];
  }

  scopes(thread: number, frame: number): DebugProtocol.Scope[] {
    const scope = (name: string, node: Node, expensive = false): DebugProtocol.Scope => ({
      name,
      variablesReference: this.add(node),
      expensive,
    });
    return [
      { ...scope('Locals', { kind: 'locals', thread, frame }), presentationHint: 'locals' },
      scope('Shared', { kind: 'objects', own: true }),
      scope('Locks', { kind: 'locks' }),
      ...(this.run.program.buffers === undefined ? [] : [scope('Store buffers', { kind: 'buffers' })]),
      ...this.run.views.titles.map((title) => scope(title, { kind: 'view', title }, true)),
      scope('Changed by this step', { kind: 'changes' }),
      scope('Library', { kind: 'objects', own: false }, true),
    ];
  }

  children({
    variablesReference,
    filter,
    start = 0,
    count,
  }: DebugProtocol.VariablesArguments): DebugProtocol.Variable[] {
    const node = this.node(variablesReference);
    if (node === null) return [];
    const all = this.childrenOf(node, filter);
    return filter === 'indexed'
      ? all.slice(start, count === undefined || count === 0 ? undefined : start + count)
      : all;
  }

  /** A child by name, as `setVariable` and data breakpoints name it. */
  child(reference: number, name: string): { readonly shown: Shown; readonly path: string } | null {
    const node = this.node(reference);
    return node === null ? null : (this.shownChildren(node).find(({ shown }) => shown.name === name) ?? null);
  }

  variable(shown: Shown, path: string): DebugProtocol.Variable {
    const { parts, type } = shown;
    const place = bytesOf(shown);
    const reference = parts === 0 ? 0 : this.add({ kind: 'shown', shown, path, from: 0, to: parts });
    const groups = type.kind === 'array' && parts > pageSize;
    return {
      name: shown.name,
      value: shown.value,
      type: shown.typeName,
      variablesReference: reference,
      ...(path === '' ? {} : { evaluateName: path }),
      ...(type.kind === 'array' && !groups ? { indexedVariables: parts } : {}),
      ...(place === null ? {} : { memoryReference: `0x${place.address.toString(16)}` }),
    };
  }

  private childrenOf(
    node: Node,
    filter: DebugProtocol.VariablesArguments['filter'],
  ): DebugProtocol.Variable[] {
    switch (node.kind) {
      case 'view': {
        const shown = this.run.views.show(node.title, this.run.session.state);
        if (shown.kind === 'refused') return [plain('cannot be shown', shown.message)];
        return this.lines(shown.cut ? [...shown.lines, cutLine] : shown.lines);
      }
      case 'lines':
        return this.lines(node.lines);
      case 'locks':
        return this.locks();
      case 'buffers':
        return this.buffers();
      default:
        if (filter === 'named' && node.kind === 'shown' && node.shown.type.kind === 'array') return [];
        return this.shownChildren(node).map(({ shown, path }) => this.variable(shown, path));
    }
  }

  private shownChildren(node: Node): { readonly shown: Shown; readonly path: string }[] {
    const { program, session } = this.run;
    const { state } = session;
    switch (node.kind) {
      case 'locals': {
        const found = variablesOf(program, state, node.thread, node.frame);
        // Of several with one name, the innermost counts.
        const byName = new Map(found.map((variable) => [variable.name, variable]));
        return [...byName.values()].map(({ name, type, known }) => ({
          shown: showKnown(program, state, name, type, known),
          path: name,
        }));
      }
      case 'objects':
        return objectsOf(program, { own: node.own }).map((object) => ({
          shown: showObject(program, state, object),
          path: object.name,
        }));
      case 'changes':
        return this.changes();
      case 'shown':
        return partsOf(program, state, node.shown, node.from, node.to).map((shown) => ({
          shown,
          path: pathOf(node.path, node.shown, shown),
        }));
      default:
        return [];
    }
  }

  /** The smallest parts of memory that the last step wrote, with their values now. */
  private changes(): { readonly shown: Shown; readonly path: string }[] {
    const { program, session } = this.run;
    const { state, history, cursor } = session;
    const found: { shown: Shown; path: string }[] = [];
    const visit = (shown: Shown, path: string): void => {
      const place = bytesOf(shown);
      if (place === null || !history.changed(place.address, place.bytes, cursor)) return;
      if (shown.type.kind !== 'struct' && shown.type.kind !== 'array') {
        if (this.differs(shown)) found.push({ shown: { ...shown, name: path }, path });
        return;
      }
      for (const part of partsOf(program, state, shown)) visit(part, pathOf(path, shown, part));
    };
    for (const object of program.memory.objects)
      if (object.kind !== 'hidden') visit(showObject(program, state, object), object.name);
    return found;
  }

  private differs(shown: Shown): boolean {
    const { program, session } = this.run;
    if (session.cursor === 0) return false;
    const before = session.history.state(session.cursor - 1);
    const place = shown.where.kind === 'memory' ? shown.where : null;
    if (place === null) return false;
    const was = showKnown(program, before, '', shown.type, { kind: 'address', address: place.address });
    return place.bits !== null || was.number !== shown.number || was.value !== shown.value;
  }

  /** What waits in each store buffer, oldest first. */
  private buffers(): DebugProtocol.Variable[] {
    const { program, session } = this.run;
    return (program.buffers ?? []).map(({ thread }) => {
      const waiting = waitingStores(program, session.state.image, thread);
      const text = waiting.map((store) => describeStore(program, store)).join(', then ');
      return plain(program.threads[thread]?.name ?? '?', text === '' ? 'empty' : text);
    });
  }

  private locks(): DebugProtocol.Variable[] {
    const { program, session, asking, locks } = this.run;
    const held = holdings(asking, session, locks);
    const lines = held.map(({ lock, mode, thread, since }) =>
      plain(
        `${lock.name} (${lock.kind})`,
        `${mode === 'write' ? 'held' : 'held for read'} by ${program.threads[thread]?.name ?? '?'}${since === null ? ' from the start' : ` since step ${since}`}`,
      ),
    );
    const waiting = [...program.threads.keys()].flatMap((thread) => {
      const status = session.status(thread);
      return status.kind === 'waits' ? [plain(program.threads[thread]?.name ?? '?', status.why)] : [];
    });
    return lines.length + waiting.length === 0 ? [plain('no lock is held', '')] : [...lines, ...waiting];
  }

  private lines(lines: readonly ViewLine[]): DebugProtocol.Variable[] {
    const names = new Map<string, number>();
    return lines.map((line) => {
      const split = /^(\S+(?: \S+)*?) (\S+)$/.exec(line.text);
      const leaf = line.lines.length === 0 && split !== null;
      const name = leaf ? (split[1] ?? '') : line.text;
      // Two lines may say the same; an editor keeps them apart by name.
      const seen = names.get(name) ?? 0;
      names.set(name, seen + 1);
      return {
        name: seen === 0 ? name : `${name} (${seen + 1})`,
        value: leaf ? (split[2] ?? '') : '',
        variablesReference: line.lines.length === 0 ? 0 : this.add({ kind: 'lines', lines: line.lines }),
        ...(line.address === null ? {} : { memoryReference: `0x${line.address.toString(16)}` }),
      };
    });
  }

  private add(node: Node): number {
    this.nodes.push(node);
    return this.base + this.nodes.length;
  }

  private node(reference: number): Node | null {
    return this.nodes[reference - this.base - 1] ?? null;
  }
}

const cutLine: ViewLine = {
  text: '… more than can be shown',
  lines: [],
  address: null,
  loc: { uri: '', item: '', start: 0, end: 0, macro: null },
};

/** How a part is written as an expression. */
function pathOf(path: string, whole: Shown, part: Shown): string {
  if (path === '') return '';
  if (whole.type.kind === 'array') return `${path}${part.name}`;
  if (whole.type.kind === 'pointer') return `(*${path})`;
  if (part.name === '(anonymous)') return path;
  const through = /^\(\*(.*)\)$/.exec(path);
  return through === null ? `${path}.${part.name}` : `${through[1]}->${part.name}`;
}

function plain(name: string, value: string): DebugProtocol.Variable {
  return { name, value, variablesReference: 0 };
}
