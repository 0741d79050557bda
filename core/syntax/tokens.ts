/** What a token is, and the tables in which the lexer hands over the tokens of a text. */

export const punctuators = [
  '{',
  '}',
  '(',
  ')',
  '[',
  ']',
  ';',
  ',',
  ':',
  '?',
  '.',
  '..',
  '...',
  '->',
  '+',
  '-',
  '*',
  '/',
  '%',
  '&',
  '|',
  '^',
  '~',
  '!',
  '<',
  '>',
  '=',
  '++',
  '--',
  '<<',
  '>>',
  '<=',
  '>=',
  '==',
  '!=',
  '&&',
  '||',
  '+=',
  '-=',
  '*=',
  '/=',
  '%=',
  '&=',
  '|=',
  '^=',
  '<<=',
  '>>=',
  '#',
  '##',
] as const;

const keywords = [
  'if',
  'else',
  'while',
  'do',
  'for',
  'switch',
  'case',
  'default',
  'break',
  'continue',
  'return',
  'goto',
  'sizeof',
  'typeof',
  'struct',
  'union',
  'enum',
  'typedef',
  'static',
  'extern',
  'const',
  'volatile',
  'inline',
  'register',
  'restrict',
  'void',
  'bool',
  'char',
  'short',
  'int',
  'long',
  'signed',
  'unsigned',
  'float',
  'double',
] as const;

/** `eod` has no text: it stands at the end of the line of a `#define`. */
const classes = ['eof', 'eod', 'define', 'identifier', 'number', 'string', 'character', 'unknown'] as const;

export type Punctuator = (typeof punctuators)[number];
export type Keyword = (typeof keywords)[number];
export type TokenKind = (typeof classes)[number] | Punctuator | Keyword;

export const kindNames: readonly TokenKind[] = [...classes, ...punctuators, ...keywords];
const kindIds = new Map<string, number>(kindNames.map((name, id) => [name, id]));
/** Identifiers that are keywords, with other spellings that the kernel uses for them. */
export const keywordIds = new Map<string, number>(keywords.map((name) => [name, kindId(name)]));
for (const [spelling, keyword] of [
  ['_Bool', 'bool'],
  ['__typeof__', 'typeof'],
  ['__inline', 'inline'],
  ['__inline__', 'inline'],
  ['__const', 'const'],
  ['__volatile__', 'volatile'],
  ['__restrict', 'restrict'],
  ['__signed__', 'signed'],
] as const)
  keywordIds.set(spelling, kindId(keyword));

const keywordSet: ReadonlySet<string> = new Set(keywords);

export function isKeyword(kind: TokenKind): boolean {
  return keywordSet.has(kind);
}

export const flag = {
  /** A line ends between the token before and this one. */
  newLine: 1,
  /** The token stands at the very beginning of a line. */
  columnZero: 2,
  /** The leading trivia contains a preprocessor line. */
  directive: 4,
  /** A string or character constant whose closing quote is missing. */
  unterminated: 8,
} as const;

/** The tokens of a text, as parallel tables. */
export interface Tokens {
  readonly text: string;
  readonly count: number;
  readonly kinds: Uint8Array;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly flags: Uint8Array;
  /** Some `{` has no `}`: then indentation tells the parser where an item begins. */
  readonly unclosedBrace: boolean;
  /** Where a comment begins that is never closed, or -1. */
  readonly unclosedComment: number;
}

export function kindAt(tokens: Tokens, index: number): TokenKind {
  return kindNames[tokens.kinds[index] ?? 0] ?? 'eof';
}

export function kindId(name: TokenKind): number {
  return kindIds.get(name) ?? 0;
}

/** Collects tokens while the lexer goes through the text. */
export class TokenTable {
  private count = 0;
  private kinds: Uint8Array;
  private starts: Uint32Array;
  private ends: Uint32Array;
  private flags: Uint8Array;

  constructor(length: number) {
    const room = 64 + (length >> 2);
    this.kinds = new Uint8Array(room);
    this.starts = new Uint32Array(room);
    this.ends = new Uint32Array(room);
    this.flags = new Uint8Array(room);
  }

  add(kind: number, start: number, end: number, flags: number): void {
    const index = this.count++;
    if (index >= this.kinds.length) this.grow();
    this.kinds[index] = kind;
    this.starts[index] = start;
    this.ends[index] = end;
    this.flags[index] = flags;
  }

  finish(text: string, unclosedBrace: boolean, unclosedComment: number): Tokens {
    return {
      text,
      count: this.count,
      kinds: this.kinds,
      starts: this.starts,
      ends: this.ends,
      flags: this.flags,
      unclosedBrace,
      unclosedComment,
    };
  }

  private grow(): void {
    const room = this.kinds.length * 2;
    const kinds = new Uint8Array(room);
    kinds.set(this.kinds);
    this.kinds = kinds;
    const starts = new Uint32Array(room);
    starts.set(this.starts);
    this.starts = starts;
    const ends = new Uint32Array(room);
    ends.set(this.ends);
    this.ends = ends;
    const flags = new Uint8Array(room);
    flags.set(this.flags);
    this.flags = flags;
  }
}
