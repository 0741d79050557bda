import type { Name, Span } from './ast.ts';
import type { Code } from './codes.ts';
import type { NodeKind, NodeList } from './green.ts';
import { directivesIn } from './lexer.ts';
import { flag, isKeyword, kindAt, type TokenKind, type Tokens } from './tokens.ts';

/** Deeper than any code that people write, shallow enough for the stack of any JavaScript engine. */
const depthLimit = 200;

/** More than this in one item says nothing new. */
export const errorLimit = 100;

export interface RelativeError extends Span {
  readonly code: Code;
  readonly message: string;
}

/** What the parse of one item depended on besides its own tokens. */
export interface Dependencies {
  /** Names that were asked for in the set of type names, with the answer. */
  readonly asked: ReadonlyMap<string, boolean>;
  /** Whether it mattered that some brace of the file is not closed. */
  readonly askedBrace: boolean;
  /** The end of the furthest token looked at. */
  readonly lookEnd: number;
}

/** What the parse of one item leaves besides its syntax tree. */
export interface ItemTrace {
  readonly errors: readonly RelativeError[];
  readonly nodes: NodeList;
  readonly dependencies: Dependencies;
}

const noNames: ReadonlyMap<string, boolean> = new Map();

/**
 * The cursor over the tokens of a file, and what the item under way has produced. The functions of
 * the grammar take it as their first argument.
 */
export class Parser {
  readonly text: string;
  index = 0;
  /** In the body of a `#define`: its end of line ends everything. */
  inMacro = false;
  /** A loop head of a macro body ended where a statement should stand. */
  sawMacroHole = false;
  /** `in {` belongs to the construct around the expression. */
  inIsReserved = false;
  /** `old(` is an operator: we are in an `after` hook. */
  oldIsOperator = false;

  /** The first token of a statement that begins with `for_each_…(`: an operator behind that call begins the loop's body. */
  loopHead = -1;

  private readonly tokens: Tokens;
  private readonly typeNames: ReadonlySet<string>;
  private base = 0;
  private depth = 0;
  private furthest = 0;
  private lastErrorIndex = -1;
  private tooDeepReported = false;
  private insideDefine = false;
  private errors: RelativeError[] = [];
  private kinds: NodeKind[] = [];
  private firsts: number[] = [];
  private lasts: number[] = [];
  private first = 0;
  private asked: Map<string, boolean> | null = null;
  private askedBrace = false;

  /** `typeNames`: the types that the items before the current one declare; grows from item to item. */
  constructor(tokens: Tokens, typeNames: ReadonlySet<string>) {
    this.tokens = tokens;
    this.text = tokens.text;
    this.typeNames = typeNames;
  }

  // ---- one item

  beginItem(): void {
    this.base = this.tokens.starts[this.index] ?? 0;
    this.first = this.index;
    this.depth = 0;
    this.furthest = this.index;
    this.lastErrorIndex = -1;
    this.tooDeepReported = false;
    this.errors = [];
    this.kinds = [];
    this.firsts = [];
    this.lasts = [];
    this.asked = null;
    this.askedBrace = false;
    this.inMacro = false;
    this.loopHead = -1;
    this.sawMacroHole = false;
    this.inIsReserved = false;
    this.oldIsOperator = false;
  }

  endItem(): ItemTrace {
    // An item never ends inside the line of a #define, so that the text after it can be read on its own.
    while (this.insideDefine && !this.at('eof')) this.advance();
    const furthest = Math.min(this.furthest, this.tokens.count - 1);
    return {
      errors: this.errors,
      nodes: { kinds: this.kinds, firsts: this.firsts, lasts: this.lasts },
      dependencies: {
        asked: this.asked ?? noNames,
        askedBrace: this.askedBrace,
        lookEnd: this.tokens.ends[furthest] ?? 0,
      },
    };
  }

  // ---- tokens

  kind(ahead = 0): TokenKind {
    const index = this.index + ahead;
    if (index > this.furthest) this.furthest = index;
    return kindAt(this.tokens, index < this.tokens.count ? index : this.tokens.count - 1);
  }

  at(kind: TokenKind, ahead = 0): boolean {
    return this.kind(ahead) === kind;
  }

  /** The token before the current one, within the item. */
  kindBefore(): TokenKind | null {
    return this.index > this.first ? kindAt(this.tokens, this.index - 1) : null;
  }

  /** The text of a token ahead, `''` at the end of the file. */
  word(ahead = 0): string {
    const index = this.index + ahead;
    if (index > this.furthest) this.furthest = index;
    return this.text.slice(this.tokens.starts[index] ?? 0, this.tokens.ends[index] ?? 0);
  }

  /** An identifier of this spelling; for the words that are keywords only in their place. */
  atWord(word: string, ahead = 0): boolean {
    const index = this.index + ahead;
    return (
      this.kind(ahead) === 'identifier' &&
      (this.tokens.ends[index] ?? 0) - (this.tokens.starts[index] ?? 0) === word.length &&
      this.text.startsWith(word, this.tokens.starts[index] ?? 0)
    );
  }

  flags(ahead: number): number {
    const index = this.index + ahead;
    if (index > this.furthest) this.furthest = index;
    return this.tokens.flags[index] ?? 0;
  }

  onNewLine(ahead = 0): boolean {
    return (this.flags(ahead) & flag.newLine) !== 0;
  }

  /** No blank or comment stands between the token ahead and the one before it. */
  isJoined(ahead: number): boolean {
    const index = this.index + ahead;
    return this.tokens.ends[index - 1] === this.tokens.starts[index];
  }

  /** The end of what can be read: of the file, or of the line of a `#define`. */
  atEnd(): boolean {
    const kind = this.kind();
    return kind === 'eof' || kind === 'eod';
  }

  /** Takes the current token, unless it is the end of the file. */
  advance(): void {
    const kind = this.kind();
    if (kind === 'eof') return;
    if (kind === 'define') this.insideDefine = true;
    else if (kind === 'eod') this.insideDefine = false;
    if (this.flags(0) & flag.directive) this.reportDirectives();
    this.index++;
  }

  eat(kind: TokenKind): boolean {
    if (this.kind() !== kind) return false;
    this.advance();
    return true;
  }

  eatWord(word: string): boolean {
    if (!this.atWord(word)) return false;
    this.advance();
    return true;
  }

  /** Takes the token, or says that it was expected `where` ("after the expression"). */
  expect(kind: TokenKind, where: string): boolean {
    if (this.eat(kind)) return true;
    this.expected(`'${kind}' ${where}`);
    return false;
  }

  // ---- names and places

  /** Offset from the beginning of the item. */
  startOf(index: number): number {
    return (this.tokens.starts[index] ?? 0) - this.base;
  }

  /** Where the last token taken ends, from the beginning of the item. */
  end(): number {
    return Math.max(0, this.index === 0 ? 0 : (this.tokens.ends[this.index - 1] ?? 0) - this.base);
  }

  /** The text of the tokens from `first` up to the current one. */
  textFrom(first: number): string {
    return this.text.slice(
      this.tokens.starts[first] ?? 0,
      Math.max(this.tokens.starts[first] ?? 0, this.tokens.ends[this.index - 1] ?? 0),
    );
  }

  span(first: number): Span {
    const end = this.end();
    return first < this.index ? { start: this.startOf(first), end } : { start: end, end };
  }

  /** The width of the blanks at the beginning of the token's line; the line on which the item begins counts from the item. */
  indentation(index: number): number {
    let at = this.tokens.starts[index] ?? 0;
    const end = at;
    while (at > this.base && this.text.charCodeAt(at - 1) !== 10) at--;
    let width = 0;
    for (; at < end; at++) {
      const code = this.text.charCodeAt(at);
      if (code === 9) width += 8 - (width % 8);
      else if (code === 32) width++;
      else break;
    }
    return width;
  }

  missingName(): Name {
    return { start: this.end(), end: this.end(), text: '' };
  }

  /** An identifier, or an empty name and an error. */
  name(what: string): Name {
    if (!this.at('identifier')) {
      this.expected(what, isKeyword(this.kind()) ? ', which is a word of the language' : '');
      return this.missingName();
    }
    const text = this.word();
    this.advance();
    return { start: this.startOf(this.index - 1), end: this.end(), text };
  }

  // ---- tree

  /** Writes down a node of the lossless tree, from the token `first` to the current place. */
  node(kind: NodeKind, first: number): void {
    if (first >= this.index) return;
    this.kinds.push(kind);
    this.firsts.push(first - this.first);
    this.lasts.push(this.index - this.first);
  }

  // ---- errors

  /**
   * "expected …, found …", at the token that was found; or, when something is missing `behind` the token
   * before and a line ends between the two, at the end of that one.
   */
  expected(what: string, more = '', where: 'here' | 'behind' = 'behind'): void {
    if (this.lastErrorIndex === this.index) return;
    // A literal without its quote has taken what is missing here.
    if (this.index > this.first && (this.tokens.flags[this.index - 1] ?? 0) & flag.unterminated) {
      this.lastErrorIndex = this.index;
      return;
    }
    if (this.at('#') || this.at('##')) {
      this.errorHere(
        `'${this.kind()}' joins or quotes text, but a macro here works on expressions: write the name or the string out`,
      );
      return;
    }
    const message = `expected ${what}, found ${this.found()}${more}`;
    if (where === 'behind' && this.index > this.first && (this.onNewLine() || this.atEnd())) {
      const end = this.end();
      this.report('syntax-error', message, Math.max(0, end - 1), end);
    } else
      this.report(
        'syntax-error',
        message,
        this.startOf(this.index),
        this.startOf(this.index) + this.word().length,
      );
  }

  /** An error at the current token that is not about what was expected. */
  errorHere(message: string, code: Code = 'syntax-error'): void {
    if (this.lastErrorIndex === this.index) return;
    this.report(code, message, this.startOf(this.index), this.startOf(this.index) + this.word().length);
  }

  /** An error about something already read; it does not silence the next one. */
  errorAt(span: Span, message: string, code: Code = 'syntax-error'): void {
    const last = this.lastErrorIndex;
    this.report(code, message, span.start, span.end);
    this.lastErrorIndex = last;
  }

  found(): string {
    const kind = this.kind();
    if (kind === 'eof') return 'the end of the file';
    if (kind === 'eod') return 'the end of the line';
    if (kind === 'define') return "'#define'";
    const word = this.word();
    if (kind === 'unknown') {
      const code = word.codePointAt(0) ?? 0;
      return code > 32 && code !== 127
        ? `'${String.fromCodePoint(code)}'`
        : `the character U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
    }
    const shown = word.length > 24 ? `${word.slice(0, 20)}…` : word;
    return kind === 'string' || kind === 'character' ? shown : `'${shown}'`;
  }

  private report(code: Code, message: string, start: number, end: number): void {
    this.lastErrorIndex = this.index;
    if (this.errors.length >= errorLimit) return;
    this.errors.push({ code, message, start, end });
  }

  /** Preprocessor lines before the current token. */
  private reportDirectives(): void {
    const index = this.index;
    const from = index === 0 ? 0 : (this.tokens.ends[index - 1] ?? 0);
    for (const directive of directivesIn(this.text, from, this.tokens.starts[index] ?? 0))
      this.errors.push({
        code: 'syntax-error',
        message: directiveMessage(directive.word),
        start: directive.start - this.base,
        end: directive.end - this.base,
      });
  }

  // ---- limits

  /** Goes one level deeper; false, with an error, when that is too deep. Every call needs a `leave`. */
  enter(): boolean {
    this.depth++;
    if (this.depth <= depthLimit) return true;
    if (!this.tooDeepReported) {
      this.tooDeepReported = true;
      this.lastErrorIndex = -1;
      this.errorHere(
        `this is nested more than ${depthLimit} levels deep; split it into functions or smaller expressions`,
        'nesting-too-deep',
      );
    } else this.lastErrorIndex = this.index;
    return false;
  }

  leave(levels = 1): void {
    this.depth -= levels;
  }

  /** Skips to a token that ends the brackets we are in, without recursion: `;`, `}`, or a closing bracket. */
  skipGroup(): void {
    let depth = 0;
    while (!this.atEnd()) {
      const kind = this.kind();
      if (kind === '(' || kind === '[' || kind === '{') depth++;
      else if (kind === ')' || kind === ']' || kind === '}') {
        if (depth === 0) break;
        depth--;
      } else if (depth === 0 && (kind === ';' || kind === ',')) break;
      this.advance();
    }
    this.lastErrorIndex = this.index;
  }

  // ---- type names

  /** Whether the file declares the name as a type before this item; written down as a dependency. */
  isDeclaredType(name: string): boolean {
    const answer = this.typeNames.has(name);
    this.asked ??= new Map();
    this.asked.set(name, answer);
    return answer;
  }

  /** Some brace of the file is not closed, so that indentation has a say; written down as a dependency. */
  braceIsOpen(): boolean {
    this.askedBrace = true;
    return this.tokens.unclosedBrace;
  }
}

export function directiveMessage(word: string): string {
  switch (word) {
    case 'include':
      return 'expected an import, found \'#include\': write import "path"; to use another file';
    case 'if':
    case 'ifdef':
    case 'ifndef':
    case 'elif':
    case 'else':
    case 'endif':
      return `expected a declaration, found '#${word}': write when (condition) { … } to choose declarations, or if (option == value) in code`;
    case 'undef':
      return "expected a declaration, found '#undef': a macro holds for the whole file";
    default:
      return `expected a declaration, found '#${word}': only #define is understood`;
  }
}
