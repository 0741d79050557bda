/** The interleaving as a picture of its own, in the colours that the view has now. */

import { type Bar, type Row, rowAt, slotsOf } from './layout.ts';

export interface Colours {
  readonly background: string;
  readonly foreground: string;
  readonly faint: string;
  readonly violation: string;
  readonly bars: readonly string[];
}

export interface Drawing {
  readonly title: string;
  readonly threads: readonly string[];
  readonly rows: readonly Row[];
  readonly bars: readonly Bar[];
  /** In the order that gives them their colours. */
  readonly locks: readonly string[];
  readonly colours: Colours;
}

const rowHeight = 20;
const glyph = 7;
const barWidth = 5;
const barStep = 8;
/** Characters of a cell; the rest is in its tooltip. */
const widest = 60;

export function svgOf({ title, threads, rows, bars, locks, colours }: Drawing): string {
  const slots = slotsOf(bars, threads.length);
  const widths = threads.map((name, thread) => {
    const texts = rows.filter(({ step }) => step?.thread === thread).map(({ step }) => cellText(step));
    const longest = [name, ...texts].reduce((most, text) => Math.max(most, text.length), 0);
    return longest * glyph + (slots[thread] ?? 0) * barStep + 24;
  });
  const numbers = String(rows.at(-1)?.number ?? 0).length * glyph + 16;
  const lefts = widths.map(
    (_, thread) => numbers + widths.slice(0, thread).reduce((sum, one) => sum + one, 0),
  );
  const width = numbers + widths.reduce((sum, one) => sum + one, 0);
  const top = 2 * rowHeight;
  const height = top + rows.length * rowHeight + 8;
  const y = (row: number): number => top + row * rowHeight;
  const parts: string[] = [];
  threads.forEach((name, thread) => {
    const x = (lefts[thread] ?? 0) + (slots[thread] ?? 0) * barStep + 8;
    parts.push(text(x, rowHeight, name, colours.foreground, 'bold'));
    parts.push(line(lefts[thread] ?? 0, rowHeight, lefts[thread] ?? 0, height, colours.faint, ''));
  });
  for (const { thread, lock, shared, slot, first, last } of bars) {
    const from = rowAt(rows, first);
    const to = rowAt(rows, last);
    const x = (lefts[thread] ?? 0) + 4 + slot * barStep;
    const colour = colours.bars[locks.indexOf(lock) % colours.bars.length] ?? colours.foreground;
    parts.push(
      `<rect x="${x}" y="${y(from) + 3}" width="${barWidth}" height="${(to - from) * rowHeight + rowHeight - 6}" rx="2" fill="${escaped(colour)}"${shared ? ' fill-opacity="0.45"' : ''}><title>${escaped(lock)}${shared ? ' (read)' : ''}</title></rect>`,
    );
  }
  rows.forEach(({ number, step, from }, row) => {
    const base = y(row) + 14;
    parts.push(text(6, base, number === 0 ? '' : String(number), colours.faint, ''));
    if (number === 0) {
      parts.push(text(numbers + 8, base, 'start', colours.faint, ''));
      return;
    }
    if (step === undefined) return;
    const column = step.thread ?? 0;
    if (from !== null && step.thread !== null) {
      const x1 = (lefts[Math.min(from, column)] ?? 0) + 2;
      const x2 = (lefts[Math.max(from, column)] ?? 0) + (widths[Math.max(from, column)] ?? 0) / 2;
      parts.push(line(x1, y(row), x2, y(row), colours.faint, '3 3'));
    }
    const isBroken = step.broken.length > 0;
    const x = (lefts[column] ?? 0) + (slots[column] ?? 0) * barStep + 8;
    parts.push(
      text(
        x,
        base,
        cellText(step),
        isBroken ? colours.violation : colours.foreground,
        isBroken ? 'bold' : '',
      ),
    );
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}" font-family="monospace" font-size="12">
<title>${escaped(title)}</title>
<rect width="100%" height="100%" fill="${escaped(colours.background)}"/>
${parts.join('\n')}
</svg>
`;
}

function cellText(step: Row['step']): string {
  if (step === undefined) return '';
  const value = step.value === null ? '' : ` [${step.value}]`;
  const broken = step.broken.map((name) => ` ✖ ${name}`).join('');
  const all = `${step.text}${value}`;
  return `${all.length > widest ? `${all.slice(0, widest - 1)}…` : all}${broken}`;
}

function text(x: number, y: number, content: string, colour: string, weight: string): string {
  const bold = weight === '' ? '' : ` font-weight="${weight}"`;
  return `<text x="${x}" y="${y}" fill="${escaped(colour)}"${bold} xml:space="preserve">${escaped(content)}</text>`;
}

function line(x1: number, y1: number, x2: number, y2: number, colour: string, dashes: string): string {
  const dashed = dashes === '' ? '' : ` stroke-dasharray="${dashes}"`;
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${escaped(colour)}"${dashed}/>`;
}

function escaped(content: string): string {
  return content.replace(
    /[&<>"]/g,
    (one) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[one] ?? one,
  );
}
