/** The rows of the interleaving in the page: only those that can be seen are there. */

import { type Bar, type Fork, type Key, type Row, rowAt, rowBehind, sentenceOf, slotsOf } from './layout.ts';

export interface Shown {
  readonly threads: readonly string[];
  readonly rows: readonly Row[];
  readonly bars: readonly Bar[];
  /** In the order that gives them their colours. */
  readonly locks: readonly string[];
  readonly forks: readonly Fork[];
  readonly cursor: number;
  readonly length: number;
}

export interface GridEvents {
  /** Somebody wants to be at this step. */
  travel(step: number): void;
  takeFork(index: number): void;
  scrolled(): void;
}

/** Colours of bars: classes `lock-0` and on. */
export const lockColours = 6;
const rowHeight = 22;
/** Rows above and below what can be seen. */
const margin = 12;

const keys: Readonly<Record<string, Key>> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  PageUp: 'pageUp',
  PageDown: 'pageDown',
  Home: 'home',
  End: 'end',
  ArrowLeft: 'left',
  ArrowRight: 'right',
};

export class Grid {
  readonly element: HTMLElement;
  private readonly header = make('div', 'header row');
  private readonly canvas = make('div', 'canvas');
  private readonly events: GridEvents;
  private shown: Shown = { threads: [], rows: [], bars: [], locks: [], forks: [], cursor: 0, length: 0 };
  private slots: readonly number[] = [];
  /** By index of the row. */
  private drawn = new Map<number, HTMLElement>();
  private pending = false;

  constructor(events: GridEvents) {
    this.events = events;
    this.element = make('div', 'grid');
    this.element.setAttribute('role', 'grid');
    this.element.setAttribute('aria-label', 'Interleaving');
    this.element.tabIndex = 0;
    this.header.setAttribute('role', 'row');
    this.canvas.setAttribute('role', 'rowgroup');
    this.element.append(this.header, this.canvas);
    this.element.addEventListener('scroll', () => this.later());
    this.element.addEventListener('keydown', (event) => this.key(event));
    this.element.addEventListener('click', (event) => this.click(event));
    new ResizeObserver(() => this.later()).observe(this.element);
  }

  /** Numbers of the steps that can be seen. */
  get visible(): { readonly first: number; readonly last: number } {
    const { first, last } = this.range();
    const { rows } = this.shown;
    return { first: rows[first]?.number ?? 1, last: rows[last]?.number ?? 1 };
  }

  show(shown: Shown): void {
    const isSame = this.shown.threads.join('\n') === shown.threads.join('\n');
    this.shown = shown;
    const slots = slotsOf(shown.bars, shown.threads.length);
    if (!isSame || slots.join() !== this.slots.join()) {
      this.slots = slots;
      this.drawHeader();
    }
    this.element.setAttribute('aria-rowcount', String(shown.rows.length + 1));
    this.element.setAttribute('aria-colcount', String(shown.threads.length + 1));
    this.canvas.style.height = `${shown.rows.length * rowHeight}px`;
    this.draw(true);
  }

  /** The present row into sight, if it is not. */
  reveal(): void {
    const at = rowAt(this.shown.rows, this.shown.cursor);
    const top = at * rowHeight;
    const height = this.element.clientHeight - this.header.offsetHeight;
    if (top < this.element.scrollTop) this.element.scrollTop = Math.max(0, top - rowHeight);
    else if (top + rowHeight > this.element.scrollTop + height)
      this.element.scrollTop = top - height + 2 * rowHeight;
    this.draw(false);
  }

  private later(): void {
    if (this.pending) return;
    this.pending = true;
    requestAnimationFrame(() => {
      this.pending = false;
      this.draw(false);
      this.events.scrolled();
    });
  }

  private range(): { readonly first: number; readonly last: number } {
    const first = Math.max(0, Math.floor(this.element.scrollTop / rowHeight) - margin);
    const seen = Math.ceil(this.element.clientHeight / rowHeight) + 2 * margin;
    return { first, last: Math.min(this.shown.rows.length - 1, first + seen) };
  }

  private draw(always: boolean): void {
    const { first, last } = this.range();
    const before = always ? new Map<number, HTMLElement>() : this.drawn;
    if (before.has(first) && before.has(last) && before.size === last - first + 1) return;
    const { rows, bars, cursor, forks } = this.shown;
    const from = rows[first]?.number ?? 0;
    const to = rows[last]?.number ?? 0;
    const near = bars.filter((bar) => bar.first <= to && bar.last >= from);
    const left = new Set(forks.map(({ at }) => at));
    const present = rowAt(rows, cursor);
    this.drawn = new Map();
    for (let index = first; index <= last; index++) {
      const row = rows[index];
      if (row !== undefined)
        this.drawn.set(index, before.get(index) ?? this.row(row, index, present, near, left));
    }
    this.canvas.replaceChildren(...this.drawn.values());
    this.element.setAttribute('aria-activedescendant', `row-${rows[present]?.number ?? 0}`);
  }

  private drawHeader(): void {
    const { threads } = this.shown;
    const columns = threads
      .map((_, thread) => `minmax(calc(11em + ${(this.slots[thread] ?? 0) * 8}px), 1fr)`)
      .join(' ');
    this.element.style.setProperty('--columns', `6em ${columns}`);
    this.element.style.setProperty('--least', `calc(6em + ${threads.length} * 11em)`);
    this.header.replaceChildren(
      ...['step', ...threads].map((name, column) => {
        const cell = make('div', 'cell', name);
        cell.setAttribute('role', 'columnheader');
        cell.setAttribute('aria-colindex', String(column + 1));
        cell.title = name;
        if (column > 0) cell.style.paddingLeft = this.indent(column - 1);
        return cell;
      }),
    );
    this.header.setAttribute('aria-rowindex', '1');
  }

  private row(
    row: Row,
    index: number,
    present: number,
    bars: readonly Bar[],
    forked: ReadonlySet<number>,
  ): HTMLElement {
    const { threads, cursor, length } = this.shown;
    const { number, step, from, left } = row;
    const element = make('div', 'row');
    element.id = `row-${number}`;
    element.setAttribute('role', 'row');
    element.setAttribute('aria-rowindex', String(index + 2));
    element.setAttribute('aria-label', sentenceOf(row, threads, length));
    element.setAttribute('aria-selected', String(index === present));
    element.dataset['step'] = String(number);
    element.style.top = `${index * rowHeight}px`;
    if (index === present) {
      element.classList.add('present');
      element.setAttribute('aria-current', 'step');
    }
    if (number > cursor) element.classList.add('ahead');
    if ((step?.broken.length ?? 0) > 0) element.classList.add('broken');
    if (left > 0) element.classList.add('gap');
    const label = make('div', 'cell number', number === 0 ? 'start' : String(number));
    label.setAttribute('role', 'gridcell');
    if (forked.has(number)) label.prepend(this.forkButton(number));
    element.append(label);
    threads.forEach((_, thread) => {
      const cell = make('div', 'cell');
      cell.setAttribute('role', 'gridcell');
      cell.style.paddingLeft = this.indent(thread);
      for (const bar of bars)
        if (bar.thread === thread && bar.first <= number && bar.last >= number)
          cell.append(this.bar(bar, row, index));
      const own = step !== undefined && (step.thread ?? 0) === thread;
      if (own) fill(cell, row);
      else if (step === undefined && number > 0 && thread === 0) cell.append(make('span', 'faint', '…'));
      element.append(cell);
    });
    const thread = step?.thread ?? null;
    if (from !== null && thread !== null) {
      const link = make('div', 'switch');
      link.style.gridColumn = `${Math.min(from, thread) + 2} / ${Math.max(from, thread) + 3}`;
      element.append(link);
    }
    return element;
  }

  private bar(bar: Bar, { number }: Row, index: number): HTMLElement {
    const { rows, locks } = this.shown;
    const element = make('div', `bar lock-${locks.indexOf(bar.lock) % lockColours}`);
    element.style.left = `${3 + bar.slot * 8}px`;
    if (bar.shared) element.classList.add('shared');
    // The ends of a bar may be filtered out; then it begins and ends with what is shown.
    if (number === bar.first || (rows[index - 1]?.number ?? -1) < bar.first) element.classList.add('begins');
    if (!bar.open && (number === bar.last || (rows[index + 1]?.number ?? number + 1) > bar.last))
      element.classList.add('ends');
    element.title = `${bar.lock}${bar.shared ? ' (read)' : ''}, ${bar.open ? `from step ${bar.first} on` : `steps ${bar.first} to ${bar.last}`}`;
    return element;
  }

  private forkButton(at: number): HTMLElement {
    const index = this.shown.forks.findLastIndex((fork) => fork.at === at);
    const fork = this.shown.forks[index];
    const button = make('button', 'fork', '⑂');
    const steps = fork?.steps === 1 ? '1 step' : `${fork?.steps ?? 0} steps`;
    button.title = `A run of ${steps} more was left here: ${fork?.why ?? ''}. Go back to it.`;
    button.setAttribute('aria-label', button.title);
    button.dataset['fork'] = String(index);
    button.tabIndex = -1;
    return button;
  }

  private indent(thread: number): string {
    return `${6 + (this.slots[thread] ?? 0) * 8}px`;
  }

  private click(event: MouseEvent): void {
    const target = event.target instanceof Element ? event.target : null;
    const fork = target?.closest<HTMLElement>('[data-fork]')?.dataset['fork'];
    if (fork !== undefined) {
      this.events.takeFork(Number(fork));
      return;
    }
    const step = target?.closest<HTMLElement>('[data-step]')?.dataset['step'];
    if (step !== undefined) this.events.travel(Number(step));
  }

  private key(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const { rows, cursor, forks } = this.shown;
    if (event.key === 'f' || event.key === 'F') {
      const index = forks.findLastIndex(({ at }) => at === cursor);
      if (index >= 0) this.events.takeFork(index);
      return;
    }
    const key = keys[event.key];
    if (key === undefined) return;
    event.preventDefault();
    const page = Math.max(1, Math.floor(this.element.clientHeight / rowHeight) - 2);
    const row = rows[rowBehind(rows, rowAt(rows, cursor), key, page)];
    if (row !== undefined && row.number !== cursor) this.events.travel(row.number);
  }
}

export function make(tag: string, classes: string, text = ''): HTMLElement {
  const element = document.createElement(tag);
  element.className = classes;
  if (text !== '') element.textContent = text;
  return element;
}

function fill(cell: HTMLElement, { step }: Row): void {
  if (step === undefined) return;
  cell.classList.add('own');
  cell.append(make('span', 'text', step.thread === null ? `set by hand: ${step.text}` : step.text));
  if (step.value !== null) cell.append(make('span', 'value', step.value));
  for (const name of step.broken) cell.append(make('span', 'check', `✖ ${name}`));
  if (step.within !== '') cell.append(make('span', 'within', step.within));
  cell.title = [step.text, step.value ?? '', step.within === '' ? '' : `in ${step.within}()`]
    .filter((part) => part !== '')
    .join('\n');
}
