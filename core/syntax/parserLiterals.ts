import type { Expression } from './ast.ts';
import { flag } from './tokens.ts';
import type { Parser } from './parserState.ts';

/** A number or a character constant. */
export function parseLiteral(p: Parser): Expression {
  const first = p.index;
  const text = p.word();
  const isChar = p.at('character');
  const broken = isChar ? charError(text, (p.flags(0) & flag.unterminated) !== 0) : null;
  p.advance();
  const span = p.span(first);
  p.node('literal', first);
  if (isChar) {
    if (broken !== null) p.errorAt(span, broken);
    return { ...span, kind: 'number', value: BigInt(charValue(text)), suffix: '' };
  }
  const number = parseNumber(text);
  if (number === null) {
    p.errorAt(
      span,
      text.includes('.')
        ? `there are no floating-point numbers: '${text}'`
        : `expected a number, found '${text.slice(0, 40)}'`,
    );
    return { ...span, kind: 'number', value: 0n, suffix: '' };
  }
  if (number.value > largest) p.errorAt(span, `the number '${text}' does not fit in 64 bits`);
  return { ...span, kind: 'number', value: BigInt.asUintN(64, number.value), suffix: number.suffix };
}

/** Adjacent string literals are one. */
export function parseString(p: Parser): Expression {
  const first = p.index;
  const value = stringTokens(p);
  p.node('literal', first);
  return { ...p.span(first), kind: 'string', value };
}

/** Takes the string literals at the cursor and returns what they say. */
export function stringTokens(p: Parser): string {
  let value = '';
  while (p.at('string')) {
    if (p.flags(0) & flag.unterminated)
      p.errorHere("expected '\"' to close the string, found the end of the line");
    value += unescaped(p.word());
    p.advance();
  }
  return value;
}

const numberShape = /^(0[xX][0-9a-fA-F]+|0[bB][01]+|0[0-7]*|[1-9][0-9]*)([uU]?[lL]{0,2}|[lL]{1,2}[uU])$/;

const largest = 0xffff_ffff_ffff_ffffn;
const shortDecimal = /^(?:0|[1-9][0-9]{0,8})$/;

/** Longer than any 64-bit number: refused before it is computed, because that takes quadratic time. */
const longestNumber = 100;

function parseNumber(text: string): { readonly value: bigint; readonly suffix: string } | null {
  if (text.length > longestNumber) return null;
  if (shortDecimal.test(text)) return { value: BigInt(Number(text)), suffix: '' };
  const match = numberShape.exec(text);
  if (match === null) return null;
  const digits = match[1] ?? '0';
  const octal = /^0[0-7]+$/.test(digits);
  return { value: BigInt(octal ? `0o${digits.slice(1)}` : digits), suffix: match[2] ?? '' };
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  e: '\x1b',
};
const escapeShape = /\\(?:x([0-9a-fA-F]{1,8})|([0-7]{1,3})|(\r\n|[\s\S]))/g;

/** The text of a literal without its quotes, escapes replaced. */
function unescaped(literal: string): string {
  const mark = literal[0] ?? '"';
  const body = literal.length > 1 && literal.endsWith(mark) ? literal.slice(1, -1) : literal.slice(1);
  if (!body.includes('\\')) return body;
  return body.replace(
    escapeShape,
    (_, hex: string | undefined, octal: string | undefined, other: string | undefined) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16) & 0xff);
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
      if (other === undefined || other === '\n' || other === '\r' || other === '\r\n') return '';
      return escapes[other] ?? other;
    },
  );
}

function charError(text: string, unterminated: boolean): string | null {
  if (unterminated) return "expected ''' to close the character, found the end of the line";
  return [...unescaped(text)].length === 1
    ? null
    : `expected one character between quotes, found ${text.slice(0, 40)}`;
}

/** As on x86, where char is signed. */
function charValue(text: string): number {
  const code = unescaped(text).codePointAt(0) ?? 0;
  return code > 127 && code < 256 ? code - 256 : code;
}
