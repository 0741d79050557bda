import { type PlacedToken, spacing } from './formatSpacing.ts';

/** How a token stands to the one before it. */
export type Break =
  /** On a line of its own, at the given indentation. */
  | 'line'
  /** On a new line at the given indentation if the author has one there. */
  | 'soft'
  /** On a continuation line if the author has one there. */
  | 'free'
  /** On the same line. */
  | 'join';

export interface PrintedToken extends PlacedToken {
  readonly trivia: string;
}

export interface TokenOptions {
  readonly comments?: number;
  readonly gap?: 'keep';
  /** Where the token stands on a continuation line. */
  readonly column?: number;
}

/** How the lines of a `#define` end: `column` is that of the backslashes, unless a line reaches beyond it. */
export type SpliceStyle =
  | { readonly kind: 'blank' }
  | { readonly kind: 'tabs' | 'spaces'; readonly column: number };

/** What decides where a continuation line begins. */
type Frame =
  | { readonly kind: 'statement'; readonly indent: number }
  /** `column`: of what follows the bracket on its line, or null when nothing does; `line`: the indentation of that line. */
  | { readonly kind: 'bracket'; column: number | null; readonly line: number }
  | { readonly kind: 'operands'; column: number | null }
  | { readonly kind: 'list'; readonly indent: number; readonly line: number };

export const tabWidth = 8;

/** Writes tokens and comments line by line, in columns with tabs of eight. */
export class Printer {
  /** Lines of a `#define` are joined by backslashes, which are set when it is complete. */
  inMacro = false;
  /** The indentation of the line being written. */
  lineIndent = 0;

  private readonly eol: string;
  private readonly parts: string[] = [];
  private column = 0;
  /** Nothing stands on the line yet. */
  private fresh = true;
  /** Only the indentation stands on the line. */
  private atLineStart = true;
  private afterLineComment = false;
  private before: PrintedToken | null = null;
  private macroBegin = 0;
  private macroColumn = 0;
  /** The parts that are ends of lines of a `#define` under way. */
  private readonly splices = new Set<number>();
  private readonly frames: Frame[] = [];
  private pendingOperands: (Frame & { kind: 'operands' })[] = [];
  private pendingBracket: (Frame & { kind: 'bracket' }) | null = null;

  constructor(eol: string) {
    this.eol = eol;
  }

  text(): string {
    return this.parts.join('');
  }

  // ---- frames

  pushStatement(indent: number): void {
    this.frames.push({ kind: 'statement', indent });
  }

  pushBracket(): void {
    const frame: Frame & { kind: 'bracket' } = { kind: 'bracket', column: null, line: this.lineIndent };
    this.frames.push(frame);
    this.pendingBracket = frame;
  }

  /** The operands of a binary operator: they stand under the first one. */
  pushOperands(): void {
    const frame: Frame & { kind: 'operands' } = { kind: 'operands', column: null };
    this.frames.push(frame);
    this.pendingOperands.push(frame);
  }

  /** The entries of a list in braces, one level further right than the line of the brace. */
  pushList(): void {
    this.frames.push({ kind: 'list', indent: this.lineIndent + tabWidth, line: this.lineIndent });
  }

  pop(): void {
    this.frames.pop();
    this.pendingBracket = null;
  }

  private continuation(token: PlacedToken): number {
    const frame = this.frames.findLast((each) => each.kind !== 'operands' || each.column !== null);
    if (frame === undefined) return 0;
    if (frame.kind === 'statement') return frame.indent + tabWidth;
    if (frame.kind === 'operands') return frame.column ?? 0;
    const closes = token.kind === ')' || token.kind === ']' || token.kind === '}';
    if (frame.kind === 'list') return closes ? frame.line : frame.indent;
    if (frame.column !== null) return frame.column;
    return closes ? frame.line : frame.line + tabWidth;
  }

  // ---- tokens

  /** `comments`: where comments before the token stand; `gap`: keep the author's alignment before it. */
  token(token: PrintedToken, mode: Break, indent: number, options: TokenOptions = {}): void {
    const trivia = splitTrivia(token.trivia);
    const own = mode === 'line' || mode === 'soft' ? indent : (options.column ?? this.continuation(token));
    const commentIndent = options.comments ?? own;
    const opened = this.before?.kind === '{';
    let needsLine = mode === 'line' && !this.fresh;
    let ownLine = false;

    for (const [index, comment] of trivia.comments.entries()) {
      if (this.fresh || comment.lines > 0 || this.afterLineComment) {
        if (!this.fresh)
          this.newLine(comment.lines > 1 && !(opened && index === 0) && this.allowsBlank(mode));
        this.indentTo(commentIndent);
        needsLine = false;
        ownLine = true;
      } else this.write(comment.gap === '' && index === 0 && this.isSpaced(token) ? ' ' : comment.gap);
      this.comment(comment.text, commentIndent);
    }

    const hasComment = trivia.comments.length > 0;
    const broken = trivia.lines > 0 && (mode !== 'join' || ownLine);
    if (this.afterLineComment || needsLine || (broken && !this.fresh)) {
      const closes = token.kind === '}' || token.kind === ')' || token.kind === ']';
      this.newLine(trivia.lines > 1 && !closes && !(opened && !hasComment) && this.allowsBlank(mode));
      this.indentTo(own);
    } else if (this.fresh) this.indentTo(own);
    else if (hasComment)
      this.write(trivia.gap === '' && trivia.lines === 0 && !this.isSpaced(token) ? '' : ' ');
    else this.write(this.gapBefore(token, trivia.gap, options.gap));

    if (this.pendingBracket !== null) {
      this.pendingBracket.column = this.atLineStart ? null : this.column;
      this.pendingBracket = null;
    }
    for (const operands of this.pendingOperands) operands.column = this.column;
    this.pendingOperands = [];
    this.write(token.text);
    this.before = token;
    this.afterLineComment = false;
    this.atLineStart = false;
  }

  /** The comments behind the last token, at the end of the file. */
  end(trivia: string): void {
    for (const comment of splitTrivia(trivia).comments) {
      if (comment.lines > 0 || this.afterLineComment) {
        if (!this.fresh) this.newLine(comment.lines > 1);
      } else if (!this.fresh) this.write(comment.gap === '' ? ' ' : comment.gap);
      this.comment(comment.text, 0);
    }
    if (!this.fresh) this.newLine(false);
  }

  /** Text that stays as it is, line ends included. */
  verbatim(text: string): void {
    this.parts.push(text);
    this.fresh = /[\r\n]$/.test(text);
    this.column = 0;
    this.before = null;
    this.afterLineComment = false;
    this.atLineStart = false;
  }

  /** From here on the ends of lines are joined by backslashes. */
  beginMacro(): void {
    this.inMacro = true;
    this.macroBegin = this.parts.length;
    this.macroColumn = this.column;
  }

  /** Sets the backslashes of the lines written since `beginMacro`. */
  endMacro(style: SpliceStyle): void {
    this.inMacro = false;
    const widths: number[] = [];
    let width = this.macroColumn;
    for (let index = this.macroBegin; index < this.parts.length; index++) {
      if (this.splices.has(index)) {
        widths.push(width);
        width = 0;
      } else width = widthOf(this.parts[index] ?? '', width);
    }
    const widest = Math.max(0, ...widths);
    const byTabs = style.kind === 'tabs' && style.column % tabWidth === 0;
    const column =
      style.kind === 'blank'
        ? 0
        : style.column > 0
          ? style.column
          : (Math.floor(widest / tabWidth) + 1) * tabWidth;
    for (const index of this.splices) {
      const from = widths.shift() ?? 0;
      const padding =
        from >= column
          ? ' '
          : byTabs
            ? '\t'.repeat(Math.ceil((column - from) / tabWidth))
            : ' '.repeat(column - from);
      this.parts[index] = `${padding}\\${this.eol}`;
    }
    this.splices.clear();
  }

  /** Where the last token begins. */
  columnOfLast(): number {
    return this.column - (this.before?.text.length ?? 0);
  }

  /** Text that stays as it is, within a line. */
  raw(text: string): void {
    this.write(text);
  }

  /** The comments behind the last token of a line. */
  endLine(trivia: string): void {
    for (const comment of splitTrivia(trivia).comments) {
      this.write(comment.gap === '' ? ' ' : comment.gap);
      this.comment(comment.text, 0);
    }
  }

  private gapBefore(token: PrintedToken, gap: string, keep: 'keep' | undefined): string {
    if (this.before === null) return '';
    if (keep === 'keep' && /\t| {2}/.test(gap)) return gap;
    const rule = spacing(this.before, token);
    if (rule === 'keep') return gap === '' ? '' : ' ';
    return rule === 'one' ? ' ' : '';
  }

  private isSpaced(token: PlacedToken): boolean {
    return this.before !== null && spacing(this.before, token) === 'one';
  }

  private allowsBlank(mode: Break): boolean {
    if (this.inMacro) return false;
    const frame = this.frames[this.frames.length - 1];
    return mode === 'line' || mode === 'soft' || frame === undefined || frame.kind === 'list';
  }

  private comment(text: string, indent: number): void {
    const [head = '', ...rest] = text.split(/\r\n|\r|\n/).map((line) => line.trimEnd());
    this.write(head);
    const starred = rest.every((line) => line.trimStart().startsWith('*'));
    for (const line of rest) {
      this.parts.push(this.eol);
      this.column = 0;
      this.write(starred ? `${blanks(indent)} ${line.trimStart()}` : line);
    }
    this.afterLineComment = text.startsWith('//');
    this.atLineStart = false;
  }

  private newLine(blank: boolean): void {
    if (this.inMacro) this.splices.add(this.parts.length);
    this.parts.push(this.eol);
    if (blank) this.parts.push(this.eol);
    this.column = 0;
    this.fresh = true;
    this.afterLineComment = false;
  }

  private indentTo(column: number): void {
    this.write(blanks(column));
    this.lineIndent = column;
    this.fresh = false;
    this.atLineStart = true;
  }

  private write(text: string): void {
    if (text === '') return;
    this.parts.push(text);
    this.column = widthOf(text, this.column);
    this.fresh = false;
  }
}

/** The column after a text that begins at a column. */
export function widthOf(text: string, from: number): number {
  let column = from;
  for (const character of text)
    column = character === '\t' ? column + tabWidth - (column % tabWidth) : column + 1;
  return column;
}

function blanks(column: number): string {
  return '\t'.repeat(Math.floor(column / tabWidth)) + ' '.repeat(column % tabWidth);
}

interface SplitTrivia {
  /** `lines`: line ends before the comment; `gap`: the blanks directly before it. */
  readonly comments: readonly { readonly text: string; readonly lines: number; readonly gap: string }[];
  /** Line ends and blanks after the last comment. */
  readonly lines: number;
  readonly gap: string;
}

const piece = /\/\/(?:\\(?:\r\n|[\s\S])|[^\r\n\\])*|\/\*[\s\S]*?\*\/|\\?(?:\r\n|\r|\n)|[^\S\r\n]+|[\s\S]/g;

/** Takes the comments out of the text between two tokens. */
export function splitTrivia(trivia: string): SplitTrivia {
  const comments: { text: string; lines: number; gap: string }[] = [];
  let lines = 0;
  let gap = '';
  for (const [part] of trivia.matchAll(piece)) {
    if (part.startsWith('/')) {
      comments.push({ text: part, lines, gap });
      lines = 0;
      gap = '';
    } else if (/[\r\n]$/.test(part)) {
      lines++;
      gap = '';
    } else gap += part;
  }
  return { comments, lines, gap };
}
