/** The expression under the mouse while a scenario is stepped: a name with what it is a member of. */

export interface ExpressionSpan {
  readonly start: number;
  readonly end: number;
}

/**
 * In one line of text: of `a->b.c[i]` it is `a->b` over the `b`, and `i` over the `i`. Null where no name is, and for a
 * member of what a call returns, because asking must not call anything.
 */
export function expressionAt(line: string, character: number): ExpressionSpan | null {
  const word = wordAt(line, character);
  if (word === null) return null;
  let { start } = word;
  for (;;) {
    const before = beforeMember(line, start);
    if (before === null) return { start, end: word.end };
    const object = objectBefore(line, before);
    if (object === null) return null;
    start = object;
  }
}

function wordAt(line: string, character: number): ExpressionSpan | null {
  for (const { index, 0: text } of line.matchAll(/[A-Za-z_]\w*/g))
    if (index <= character && character <= index + text.length)
      return { start: index, end: index + text.length };
  return null;
}

/** Where the object ends whose member begins at `start`; null when it is no member. */
function beforeMember(line: string, start: number): number | null {
  const found = /\s*(?:->|\.)\s*$/.exec(line.slice(0, start));
  return found === null ? null : found.index;
}

/** Where a name with its indexes begins that ends at `end`. */
function objectBefore(line: string, end: number): number | null {
  let at = end;
  while (line[at - 1] === ']') {
    let depth = 0;
    for (at--; at >= 0; at--) {
      if (line[at] === ']') depth++;
      else if (line[at] === '[' && --depth === 0) break;
    }
    if (at < 0) return null;
    if (/[()=]/.test(line.slice(at, end))) return null;
  }
  const name = /[A-Za-z_]\w*$/.exec(line.slice(0, at));
  return name === null ? null : name.index;
}
