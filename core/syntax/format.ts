import { layOut } from './formatLayout.ts';
import { Printer } from './formatPrinter.ts';
import { type GreenElement, greenText, greenTokens, isToken } from './green.ts';
import { itemTrees } from './parser.ts';

/**
 * Lays out a file in the style of the kernel: tabs of eight, braces as in K&R, one statement a line,
 * labels at the margin, `case` under its `switch`. Comments stay, and up to one blank line between
 * lines; only blanks and line ends change. An item with a syntax error stays as it is.
 */
export function format(text: string): string {
  const mark = text.startsWith('\ufeff') ? '\ufeff' : '';
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const printer = new Printer(eol);
  const trees = itemTrees(text.slice(mark.length));
  // The text of the last item that stays as it is; null behind one that was laid out.
  let kept: string | null = null;
  for (const tree of trees.items) {
    // A backslash before a line end would join the lines.
    if (tree.hasErrors || kept?.endsWith('\\')) {
      kept = tree.elements.map(greenText).join('');
      printer.verbatim(kept);
    } else {
      for (const element of tree.elements) layOutElement(printer, element, kept === null ? 'join' : 'line');
      kept = null;
    }
  }
  if (trees.endHasErrors || kept !== null) printer.verbatim(trees.end);
  else printer.end(trees.end);
  return mark + printer.text();
}

/** `stray`: how a `;` on its own stands to what is before it. */
function layOutElement(printer: Printer, element: GreenElement, stray: 'join' | 'line'): void {
  if (!isToken(element) && element.kind !== 'skipped') {
    layOut(printer, element, 'line', 0);
    return;
  }
  for (const [index, token] of greenTokens(element).entries()) {
    const mode = index > 0 ? 'join' : token.kind === ';' ? stray : 'line';
    if (token.kind === 'eod') printer.endLine(token.trivia);
    else printer.token({ ...token, parent: 'args', isFirst: false }, mode, 0);
  }
}
