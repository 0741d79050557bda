/** Words of a scenario, and pieces of C, as a Promela file may hold them. */

/** Most characters of one piece of embedded C: SPIN reads none beyond 65,536. */
const MOST = 40_000;

/**
 * A text of the scenario as comments and strings of the model show it. What could end either, or mean something to
 * SPIN, to the C preprocessor or to printf, is replaced: nothing that a scenario says is ever code.
 */
export function plain(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replaceAll('{', '(')
    .replaceAll('}', ')')
    .replace(/["`]/g, "'")
    .replace(/[^ -~]|[\\#%?$@]/g, '.')
    .replace(/\/(?=[/*])/g, '/ ')
    .replace(/\*(?=\/)/g, '* ')
    .trim()
    .slice(0, 160);
}

export function comment(text: string): string {
  return `/* ${plain(text)} */`;
}

export function fragment(lines: readonly string[]): string {
  return ['c_code {', ...lines, '}'].join('\n');
}

/** Lines in groups that are each short enough for one piece of embedded C; a line is never divided. */
export function pieces(lines: readonly string[]): readonly (readonly string[])[] {
  const found: string[][] = [];
  let room = 0;
  for (const line of lines) {
    const last = found.at(-1);
    if (last === undefined || room < line.length) {
      found.push([line]);
      room = MOST - line.length;
    } else {
      last.push(line);
      room -= line.length + 1;
    }
  }
  return found;
}

/** A constant table in as many pieces as it needs. Element i is `name[i / NAME][i % NAME]`, as `at` writes it. */
export function table(type: string, name: string, rows: readonly string[]): string {
  const parts: string[] = [];
  for (let from = 0; from < Math.max(1, rows.length); from += ROWS) {
    const part = rows.slice(from, from + ROWS);
    const shown = part.length > 0 ? part.map((row) => `\t${row}`) : ['\t{ 0 },'];
    parts.push(fragment([`static const ${type} ${name}_${parts.length}[] = {`, ...shown, '};']));
  }
  const names = parts.map((_, index) => `${name}_${index}`).join(', ');
  return [...parts, fragment([`static const ${type} *const ${name}[] = { ${names} };`])].join('\n');
}

/** The element of a table. */
export function at(name: string, index: string): string {
  return `${name}[(${index}) / ${ROWS}][(${index}) % ${ROWS}]`;
}

/** With comments rows are long, and SPIN sees the text without them; 200 characters each stay far below its limit. */
const ROWS = 200;
