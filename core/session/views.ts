/** What the views of a scenario and its library show of a state, as trees of lines. */

import { run } from '../machine/run.ts';
import type { State } from '../machine/state.ts';
import { showValue } from '../machine/values.ts';
import type { Program } from '../program/ir.ts';
import type { LoweredView, Questions } from '../program/questions.ts';
import { endWord, mostWords, placeWord, type ShowText } from '../program/show.ts';
import type { Loc, View } from '../semantics/hir.ts';

export interface ViewLine {
  readonly text: string;
  readonly lines: readonly ViewLine[];
  /** The memory that it is about, for who wrote it last; null when the view says nothing of it. */
  readonly address: bigint | null;
  /** Where the view says so. */
  readonly loc: Loc;
}

export type ShownView =
  | { readonly kind: 'shown'; readonly lines: readonly ViewLine[]; readonly cut: boolean }
  /** `message` completes "cannot be shown: ". */
  | { readonly kind: 'refused'; readonly message: string };

interface OpenLine {
  readonly text: string;
  readonly loc: Loc;
  readonly lines: ViewLine[];
  address: bigint | null;
}

/** Lines that are inside of each other, at most. */
const deepest = 64;

/** Views of one program; each is lowered when it is first shown. */
export class Views {
  private readonly questions: Questions;
  private readonly lowered = new Map<View, LoweredView>();

  constructor(questions: Questions) {
    this.questions = questions;
  }

  get titles(): readonly string[] {
    return this.questions.program.checked.views.map(({ title }) => title);
  }

  show(title: string, state: State): ShownView {
    const view = this.questions.program.checked.views.find((one) => one.title === title);
    if (view === undefined) return { kind: 'refused', message: `there is no view '${title}'` };
    let lowered = this.lowered.get(view);
    if (lowered === undefined) {
      lowered = this.questions.view(view);
      this.lowered.set(view, lowered);
    }
    if (lowered.kind === 'refused') return lowered;
    const output = outputOf(lowered, state);
    if (typeof output === 'string')
      return {
        kind: 'refused',
        message: lowered.missing === null ? output : `${output}; ${lowered.missing}`,
      };
    return linesOf(lowered.program, lowered.texts, view, output);
  }
}

/** The words that the view wrote; why it has none, when a check ended it. */
function outputOf(view: LoweredView & { kind: 'view' }, state: State): BigUint64Array | string {
  const { program, predicate } = view;
  const image = new Uint8Array(state.image.length + 8 * (mostWords + 1));
  image.set(state.image);
  const { code } = predicate;
  const registers = Array.from({ length: code.regs }, () => 0n);
  const self = program.threads.length;
  const result = run(program, { code, pc: 0, registers, image, self, param: 0n, loops: 0, site: 0 }, []);
  if (result.kind === 'fatal') {
    const last = result.findings.at(-1);
    const message = program.checks[last?.check ?? -1]?.message ?? 'a check fails';
    return last === undefined || last.detail === '' ? message : `${message} (${last.detail})`;
  }
  if (result.kind !== 'rest') return 'it waits for something';
  return new BigUint64Array(result.image.slice(state.image.length).buffer);
}

function linesOf(
  program: Program,
  texts: readonly ShowText[],
  view: View,
  output: BigUint64Array,
): ShownView {
  const count = Number(output[0] ?? 0n);
  const root: OpenLine = { text: view.title, loc: view.loc, lines: [], address: null };
  const open = [root];
  const close = (): void => {
    const line = open.pop();
    if (line !== undefined) open.at(-1)?.lines.push(line);
  };
  const end = 1 + Math.min(count, mostWords - 1);
  for (let at = 1; at < end; ) {
    const word = output[at++] ?? 0n;
    const top = open.at(-1) ?? root;
    if (word === endWord) {
      if (open.length > 1) close();
    } else if (word === placeWord) top.address = output[at++] ?? null;
    else {
      const text = texts[Number(word)];
      if (text === undefined) break;
      const values = text.types.map((type, index) => showValue(program, output[at + index] ?? 0n, type));
      at += text.types.length;
      let next = 0;
      const line = { text: text.text.replace(/\{\}/g, () => values[next++] ?? ''), loc: text.loc };
      if (text.how === 'value') top.lines.push({ ...line, lines: [], address: null });
      else if (open.length <= deepest) open.push({ ...line, lines: [], address: null });
    }
  }
  while (open.length > 1) close();
  return { kind: 'shown', lines: root.lines, cut: count >= mostWords };
}
