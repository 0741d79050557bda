import { flag, keywordIds, kindId, kindNames, punctuators, type Tokens, TokenTable } from './tokens.ts';

/**
 * Text to tokens. Nothing is lost: token `n` owns the text from the end of token `n - 1` to its
 * own end, the part before its start being its leading trivia (blanks, comments, line splices and
 * preprocessor lines other than `#define`). Any text is accepted; the last token is always `eof`.
 */

export function lex(text: string): Tokens {
  const table = new TokenTable(text.length);
  const length = text.length;
  let position = 0;
  let inDefine = false;
  let depth = 0;
  let unclosedComment = -1;
  let state = 0;
  let lineStart = true;

  if (text.charCodeAt(0) === 0xfeff) position = 1;

  for (;;) {
    // Trivia.
    const code = text.charCodeAt(position);
    if (position >= length) break;
    if (code === space || code === tab || code === 11 || code === 12) {
      position++;
      continue;
    }
    if (code === newLine || code === carriageReturn) {
      if (inDefine) {
        table.add(eodId, position, position, state);
        inDefine = false;
        state = 0;
      }
      state |= flag.newLine;
      lineStart = true;
      // A lone carriage return ends a line too, as editors show it.
      position = lineEnd(text, position);
      continue;
    }
    if (code === backslash) {
      const next = lineEnd(text, position + 1);
      if (next > 0) {
        position = next;
        continue;
      }
    }
    if (code === slash) {
      const next = text.charCodeAt(position + 1);
      if (next === slash) {
        position = endOfLineComment(text, position);
        continue;
      }
      if (next === star) {
        const end = text.indexOf('*/', position + 2);
        if (end < 0) {
          unclosedComment = position;
          position = length;
        } else {
          if (!inDefine && hasLineEnd(text, position, end)) state |= flag.newLine;
          position = end + 2;
        }
        continue;
      }
    }
    if (code === hash && lineStart && !inDefine) {
      const wordStart = skipBlanks(text, position + 1);
      const wordEnd = endOfWord(text, wordStart);
      if (text.slice(wordStart, wordEnd) === 'define') {
        table.add(defineId, position, wordEnd, state | zeroColumn(text, position));
        position = wordEnd;
        inDefine = true;
        lineStart = false;
        state = 0;
      } else {
        position = endOfDirective(text, position);
        state |= flag.directive;
      }
      continue;
    }

    // A token.
    const start = position;
    const flags = state | zeroColumn(text, start);
    lineStart = false;
    state = 0;
    const shape = code < 128 ? (shapes[code] ?? other) : other;
    if (shape === letter) {
      position = endOfWord(text, position + 1);
      table.add(keywordIds.get(text.slice(start, position)) ?? identifierId, start, position, flags);
    } else if (shape === digit) {
      position = endOfNumber(text, position);
      table.add(numberId, start, position, flags);
    } else if (shape === quote) {
      position = endOfQuoted(text, position);
      const closed =
        position > start + 1 && text.charCodeAt(position - 1) === code && !endsEscaped(text, start, position);
      table.add(
        code === doubleQuote ? stringId : charId,
        start,
        position,
        closed ? flags : flags | flag.unterminated,
      );
    } else if (shape === punctuation) {
      const id = punctuatorAt(text, position);
      if (id === openBraceId) depth++;
      else if (id === closeBraceId && depth > 0) depth--;
      position += (kindNames[id] ?? ' ').length;
      table.add(id, start, position, flags);
    } else {
      // A run of characters that mean nothing is one token, so that noise stays cheap.
      do position++;
      while (position < length && isMeaningless(text.charCodeAt(position)));
      table.add(unknownId, start, position, flags);
    }
  }
  if (inDefine) {
    table.add(eodId, length, length, state);
    state = 0;
  }
  table.add(eofId, length, length, state);
  return table.finish(text, depth > 0, unclosedComment);
}

/** The preprocessor lines in the trivia between two offsets, as absolute offsets. */
export function directivesIn(
  text: string,
  start: number,
  end: number,
): readonly { start: number; end: number; word: string }[] {
  const found: { start: number; end: number; word: string }[] = [];
  let position = start;
  while (position < end) {
    const code = text.charCodeAt(position);
    if (code === slash && text.charCodeAt(position + 1) === slash)
      position = endOfLineComment(text, position);
    else if (code === slash && text.charCodeAt(position + 1) === star) {
      const close = text.indexOf('*/', position + 2);
      position = close < 0 ? end : close + 2;
    } else if (code === hash) {
      const lineEndAt = Math.min(end, endOfDirective(text, position));
      const wordStart = skipBlanks(text, position + 1);
      found.push({
        start: position,
        end: lineEndAt,
        word: text.slice(wordStart, endOfWord(text, wordStart)),
      });
      position = lineEndAt;
    } else position++;
  }
  return found;
}

const space = 32;
const tab = 9;
const newLine = 10;
const carriageReturn = 13;
const backslash = 92;
const slash = 47;
const star = 42;
const hash = 35;
const dot = 46;
const doubleQuote = 34;

const other = 0;
const letter = 1;
const digit = 2;
const quote = 3;
const punctuation = 4;
const blank = 5;

const punctuatorSet: ReadonlySet<string> = new Set(punctuators);
const shapes = new Uint8Array(128);
for (let code = 0; code < 128; code++) {
  const character = String.fromCharCode(code);
  if (/[A-Za-z_$]/.test(character)) shapes[code] = letter;
  else if (/[0-9]/.test(character)) shapes[code] = digit;
  else if (character === '"' || character === "'") shapes[code] = quote;
  else if (/\s/.test(character)) shapes[code] = blank;
  else if (punctuatorSet.has(character)) shapes[code] = punctuation;
}

const eofId = kindId('eof');
const eodId = kindId('eod');
const defineId = kindId('define');
const identifierId = kindId('identifier');
const numberId = kindId('number');
const stringId = kindId('string');
const charId = kindId('character');
const unknownId = kindId('unknown');
const openBraceId = kindId('{');
const closeBraceId = kindId('}');

/** For each first character: its punctuators, longest first. */
const punctuatorsByCode: (readonly { readonly text: string; readonly id: number }[])[] = [];
for (const text of [...punctuators].sort((a, b) => b.length - a.length)) {
  const code = text.charCodeAt(0);
  punctuatorsByCode[code] = [...(punctuatorsByCode[code] ?? []), { text, id: kindId(text) }];
}

function punctuatorAt(text: string, position: number): number {
  const candidates = punctuatorsByCode[text.charCodeAt(position)] ?? [];
  for (const candidate of candidates)
    if (candidate.text.length === 1 || text.startsWith(candidate.text, position)) return candidate.id;
  return unknownId;
}

function zeroColumn(text: string, position: number): number {
  if (position === 0) return flag.columnZero;
  const before = text.charCodeAt(position - 1);
  return before === newLine || before === carriageReturn || before === 0xfeff ? flag.columnZero : 0;
}

/** The offset after the line end at `position`, or 0 if there is none. */
function lineEnd(text: string, position: number): number {
  const code = text.charCodeAt(position);
  if (code === newLine) return position + 1;
  if (code === carriageReturn) return text.charCodeAt(position + 1) === newLine ? position + 2 : position + 1;
  return 0;
}

function hasLineEnd(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++)
    if (text.charCodeAt(at) === newLine || text.charCodeAt(at) === carriageReturn) return true;
  return false;
}

function endOfLineComment(text: string, position: number): number {
  let at = position + 2;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === newLine || code === carriageReturn) return at;
    if (code === backslash) at = lineEnd(text, at + 1) || at + 1;
    else at++;
  }
  return text.length;
}

/** Like a line comment, but comments inside may hold line ends. */
function endOfDirective(text: string, position: number): number {
  let at = position + 1;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === newLine || code === carriageReturn) return at;
    if (code === backslash) at = lineEnd(text, at + 1) || at + 1;
    else if (code === slash && text.charCodeAt(at + 1) === slash) return endOfLineComment(text, at);
    else if (code === slash && text.charCodeAt(at + 1) === star) {
      const close = text.indexOf('*/', at + 2);
      // An unclosed comment is left for the trivia after the line, where it is reported.
      if (close < 0) return at;
      at = close + 2;
    } else at++;
  }
  return text.length;
}

function skipBlanks(text: string, position: number): number {
  let at = position;
  while (text.charCodeAt(at) === space || text.charCodeAt(at) === tab) at++;
  return at;
}

function endOfWord(text: string, position: number): number {
  let at = position;
  for (;;) {
    const code = text.charCodeAt(at);
    const shape = code < 128 ? shapes[code] : other;
    if (shape !== letter && shape !== digit) return at;
    at++;
  }
}

/** Stops before `..`, so that `0..3` is a range; swallows a fraction so that it can be refused as a whole. */
function endOfNumber(text: string, position: number): number {
  let at = endOfWord(text, position);
  if (text.charCodeAt(at) === dot && shapes[text.charCodeAt(at + 1)] === digit) at = endOfWord(text, at + 1);
  return at;
}

function endOfQuoted(text: string, position: number): number {
  const mark = text.charCodeAt(position);
  let at = position + 1;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === mark) return at + 1;
    if (code === newLine || code === carriageReturn) return at;
    if (code === backslash) at = lineEnd(text, at + 1) || Math.min(at + 2, text.length);
    else at++;
  }
  return text.length;
}

/** Whether the last character of the quoted text is escaped, so that it does not close it. */
function endsEscaped(text: string, start: number, end: number): boolean {
  let backslashes = 0;
  for (let at = end - 2; at > start && text.charCodeAt(at) === backslash; at--) backslashes++;
  return backslashes % 2 === 1;
}

function isMeaningless(code: number): boolean {
  return code >= 128 || shapes[code] === other;
}
