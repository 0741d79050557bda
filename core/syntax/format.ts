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
  for (const tree of trees.items) {
    if (tree.hasErrors) printer.verbatim(tree.elements.map(greenText).join(''));
    else for (const element of tree.elements) layOutElement(printer, element);
  }
  if (trees.endHasErrors) printer.verbatim(trees.end);
  else printer.end(trees.end);
  return mark + printer.text();
}

function layOutElement(printer: Printer, element: GreenElement): void {
  if (!isToken(element) && element.kind !== 'skipped') {
    layOut(printer, element, 'line', 0);
    return;
  }
  for (const [index, token] of greenTokens(element).entries()) {
    if (token.kind === 'eod') printer.endLine(token.trivia);
    else
      printer.token(
        { ...token, parent: 'args', isFirst: false },
        index === 0 && token.kind !== ';' ? 'line' : 'join',
        0,
      );
  }
}
