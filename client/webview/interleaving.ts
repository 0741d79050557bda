/** The interleaving view: a column for each thread, a row for each step; a click or a key travels in time. */

import { Grid, lockColours, make } from './grid.ts';
import {
  barsOf,
  type Bar,
  type Filter,
  type Fork,
  isFiltering,
  locksOf,
  noFilter,
  type Row,
  rowAt,
  rowsOf,
  sentenceOf,
  textOf,
} from './layout.ts';
import type { FromView, ToView } from './messages.ts';
import { LoadedSteps } from './steps.ts';
import { svgOf } from './svg.ts';

interface Editor {
  postMessage(message: FromView): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): Editor;

const editor = acquireVsCodeApi();
const loaded = new LoadedSteps();
let filter: Filter = savedFilter(editor.getState());
let run = { id: null as string | null, title: '', threads: [] as readonly string[], cursor: 0 };
let forks: readonly Fork[] = [];
let bars: readonly Bar[] = [];
let locks: readonly string[] = [];
let rows: readonly Row[] = [];
/** What was asked for while steps were missing. */
let wanted: 'svg' | 'text' | null = null;

const input = make('input', 'filter') as HTMLInputElement;
input.type = 'search';
input.placeholder = 'Filter by text, function, object or lock';
input.setAttribute('aria-label', 'Filter the steps');
input.value = filter.text;
input.setAttribute('list', 'objects');
const objects = make('datalist', '');
objects.id = 'objects';
const chips = make('div', 'chips');
chips.setAttribute('role', 'group');
chips.setAttribute('aria-label', 'Threads and locks to show');
const status = make('div', 'status');
status.setAttribute('role', 'status');
status.setAttribute('aria-live', 'polite');
const empty = make('p', 'empty', 'Nothing is being stepped. Press Step above a scenario.');
const grid = new Grid({
  travel: (step) => travel(step),
  takeFork: (index) => editor.postMessage({ kind: 'fork', index }),
  scrolled: () => fetchMore(),
});
const bar = make('div', 'bar-of-filters');
bar.append(input, objects, chips);
document.body.append(bar, grid.element, status, empty);

input.addEventListener('input', () => refilter({ ...filter, text: input.value }));
input.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') {
    input.value = '';
    refilter({ ...filter, text: '' });
  }
  if (event.key === 'Escape' || event.key === 'Enter') grid.element.focus();
});
document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.target === input) return;
  event.preventDefault();
  input.focus();
});
window.addEventListener('message', ({ data }) => receive(data as ToView));
draw();
editor.postMessage({ kind: 'ready' });

function receive(message: ToView): void {
  switch (message.kind) {
    case 'run': {
      if (message.id !== run.id) {
        // Threads and locks are those of another run.
        if (run.id !== null) refilter({ ...noFilter, text: filter.text });
        loaded.forget();
      }
      const { id, title, threads, cursor, length, kept } = message;
      run = { id, title, threads, cursor };
      ({ forks } = message);
      const { round } = loaded;
      loaded.moved(length, kept);
      if (round === loaded.round) draw();
      else redraw();
      grid.reveal();
      fetchMore();
      return;
    }
    case 'page':
      if (message.id !== run.id || message.round !== loaded.round) return;
      loaded.add(message.steps);
      redraw();
      fetchMore();
      return;
    case 'give':
      wanted = message.as;
      fetchMore();
      return;
    case 'focus':
      grid.element.focus();
  }
}

/** Shows the step at once, as if the run were there already. */
function travel(step: number): void {
  run = { ...run, cursor: step };
  draw();
  grid.reveal();
  editor.postMessage({ kind: 'goto', step });
}

function fetchMore(): void {
  const { first, last } = grid.visible;
  const page = run.id === null ? null : loaded.next(first, last, isFiltering(filter) || wanted !== null);
  if (page !== null) editor.postMessage({ kind: 'page', ...page, round: loaded.round });
  else if (wanted !== null && loaded.isWhole) give(wanted);
}

function give(as: 'svg' | 'text'): void {
  wanted = null;
  const { threads, title } = run;
  const text =
    as === 'text'
      ? textOf(rows, threads)
      : svgOf({ title, threads, rows, bars, locks, colours: coloursNow() });
  editor.postMessage({ kind: 'given', as, text });
}

function refilter(next: Filter): void {
  filter = next;
  editor.setState({ filter });
  redraw();
  grid.reveal();
  fetchMore();
}

/** The steps or the filter have changed. */
function redraw(): void {
  const { steps, length } = loaded;
  bars = barsOf(steps, length);
  locks = locksOf(bars);
  rows = rowsOf(steps, length, filter, run.threads);
  draw();
  drawObjects();
}

function draw(): void {
  const { threads, cursor } = run;
  const { length } = loaded;
  const isHere = run.id !== null;
  for (const element of [bar, grid.element, status]) element.hidden = !isHere;
  empty.hidden = isHere;
  if (!isHere) return;
  grid.show({ threads, rows, bars, locks, forks, cursor, length });
  drawChips();
  const row = rows[rowAt(rows, cursor)];
  const shown = rows.length - 1 === length ? '' : ` ${rows.length - 1} of ${length} steps are shown.`;
  const text = row === undefined ? '' : `${sentenceOf(row, threads, length)}${shown}`;
  if (status.textContent !== text) status.textContent = text;
}

let chipsOf = '';

function drawChips(): void {
  const { threads } = run;
  const key = JSON.stringify([threads, locks, filter.threads, filter.locks]);
  if (key !== chipsOf) {
    chipsOf = key;
    const focused = chips.contains(document.activeElement) ? document.activeElement?.textContent : null;
    chips.replaceChildren(
      ...threads.map((name, thread) =>
        chip(name, '', filter.threads.includes(thread), () =>
          refilter({ ...filter, threads: toggled(filter.threads, thread) }),
        ),
      ),
      ...locks.map((name, index) =>
        chip(name, `lock lock-${index % lockColours}`, filter.locks.includes(name), () =>
          refilter({ ...filter, locks: toggled(filter.locks, name) }),
        ),
      ),
    );
    for (const each of chips.querySelectorAll('button')) if (each.textContent === focused) each.focus();
  }
}

/** What the filter offers. */
function drawObjects(): void {
  const names = [...new Set(loaded.steps.flatMap((step) => step?.touches ?? []))].sort().slice(0, 500);
  if (objects.childElementCount === names.length) return;
  objects.replaceChildren(
    ...names.map((name) => {
      const option = make('option', '') as HTMLOptionElement;
      option.value = name;
      return option;
    }),
  );
}

function chip(name: string, classes: string, pressed: boolean, press: () => void): HTMLElement {
  const button = make('button', `chip ${classes}`, name);
  button.setAttribute('aria-pressed', String(pressed));
  button.title = `Only steps ${classes === '' ? 'of' : 'with'} ${name}`;
  button.addEventListener('click', press);
  return button;
}

function toggled<T>(all: readonly T[], one: T): readonly T[] {
  return all.includes(one) ? all.filter((each) => each !== one) : [...all, one];
}

function coloursNow() {
  const style = getComputedStyle(document.body);
  const colour = (name: string, otherwise: string): string =>
    style.getPropertyValue(name).trim() || otherwise;
  return {
    background: colour('--vscode-editor-background', '#ffffff'),
    foreground: colour('--vscode-editor-foreground', '#202020'),
    faint: colour('--vscode-editorLineNumber-foreground', '#808080'),
    violation: colour('--vscode-errorForeground', '#c01020'),
    bars: Array.from({ length: lockColours }, (_, index) => colour(`--lock-${index}`, '#3070c0')),
  };
}

/** What an earlier view left; anything else is none. */
function savedFilter(state: unknown): Filter {
  const saved = (state as { filter?: Partial<Filter> } | null | undefined)?.filter;
  return {
    text: typeof saved?.text === 'string' ? saved.text : '',
    threads: Array.isArray(saved?.threads) ? saved.threads.filter((one) => typeof one === 'number') : [],
    locks: Array.isArray(saved?.locks) ? saved.locks.filter((one) => typeof one === 'string') : [],
  };
}
