import {
  type Break,
  type Printer,
  type SpliceStyle,
  splitTrivia,
  type TokenOptions,
  tabWidth,
  widthOf,
} from './formatPrinter.ts';
import {
  type GreenElement,
  type GreenNode,
  greenText,
  greenTokens,
  isToken,
  type NodeKind,
} from './green.ts';

/** Writes the tree of one item: which token begins a line, and how far right. */
export function layOut(printer: Printer, node: GreenNode, mode: Break, indent: number): void {
  printer.pushStatement(indent);
  new Layout(printer).node(node, mode, indent);
  printer.pop();
}

const keepGap: TokenOptions = { gap: 'keep' };

class Layout {
  private readonly printer: Printer;
  /** For the next token. */
  private nextOptions: TokenOptions = {};

  constructor(printer: Printer) {
    this.printer = printer;
  }

  /** `mode`: of the node's first token; `indent`: of the line the node's statement begins on. */
  node(node: GreenNode, mode: Break, indent: number): void {
    switch (node.kind) {
      case 'block':
        this.block(node, mode, indent, 'plain');
        break;
      case 'if':
      case 'while':
      case 'for':
      case 'switch':
      case 'do':
      case 'macro-loop':
        this.control(node, mode, indent);
        break;
      case 'function':
        this.function(node, mode, indent);
        break;
      case 'initializer-list':
      case 'names':
        this.list(node, mode, indent);
        break;
      case 'entries':
        this.lines(node, mode, indent, 'line');
        break;
      case 'schedule':
        this.lines(node, mode, indent, 'soft');
        break;
      case 'tag-type':
        this.tagType(node, mode, indent);
        break;
      case 'when':
      case 'field-when':
        this.lines(node, mode, indent, 'line');
        break;
      case 'macro':
        this.macro(node, mode, indent);
        break;
      case 'binary':
        this.printer.pushOperands();
        this.plain(node, mode, indent);
        this.printer.pop();
        break;
      case 'conditional':
        this.conditional(node, mode, indent);
        break;
      default:
        this.plain(node, mode, indent);
    }
  }

  /** Tokens that follow each other, line ends where the author has them. */
  private plain(node: GreenNode, mode: Break, indent: number): void {
    let next = mode;
    for (const child of node.children) {
      // Authors align the names of fields in columns.
      if (node.kind === 'field' && !isToken(child) && child.kind === 'declarator') this.nextOptions = keepGap;
      if (isToken(child)) this.token(child, node, next, indent);
      else if (child.kind === 'block') {
        const isArgument = node.kind === 'args' || node.kind === 'statement-expression';
        if (isArgument) this.blockInExpression(child);
        else this.block(child, next === mode ? mode : 'join', indent, isBody(node.kind) ? 'body' : 'plain');
      } else this.node(child, next, indent);
      next = isWordBeforeBlock(node.kind) ? 'join' : 'free';
    }
  }

  private token(
    token: GreenElement,
    parent: GreenNode,
    mode: Break,
    indent: number,
    options: TokenOptions = {},
  ): void {
    if (!isToken(token)) return;
    const gap = { ...options, ...this.nextOptions, ...(keepsAlignment(token, parent) ? keepGap : {}) };
    this.nextOptions = {};
    if (token.kind === ')' || token.kind === ']') {
      this.emit(token, parent, mode, indent, gap);
      this.printer.pop();
      return;
    }
    this.emit(token, parent, mode, indent, gap);
    if (token.kind === '(' || token.kind === '[') this.printer.pushBracket();
  }

  private emit(
    token: GreenElement,
    parent: GreenNode,
    mode: Break,
    indent: number,
    options: TokenOptions,
  ): void {
    if (!isToken(token)) return;
    if (token.kind === 'eod') {
      this.printer.endLine(token.trivia);
      return;
    }
    const placed = {
      kind: token.kind,
      text: token.text,
      trivia: token.trivia,
      parent: parent.kind,
      isFirst: parent.children[0] === token,
    };
    const joined = mode === 'free' && (token.kind === ';' || token.kind === ',') ? 'join' : mode;
    this.printer.token(placed, this.printer.inMacro && joined === 'line' ? 'soft' : joined, indent, options);
  }

  // ---- statements

  /** A block in an expression is indented from the line on which it begins. */
  private blockInExpression(node: GreenNode): void {
    const [open] = node.children;
    if (open !== undefined) this.token(open, node, 'free', 0);
    const indent = this.printer.lineIndent;
    this.printer.pushStatement(indent);
    this.statements(node, node.children.slice(1), indent, isInlineBlock(node, 'plain'));
    this.printer.pop();
  }

  private block(node: GreenNode, mode: Break, indent: number, use: 'plain' | 'body' | 'governed'): void {
    const [open] = node.children;
    if (open !== undefined) this.token(open, node, mode, indent);
    this.statements(node, node.children.slice(1), indent, isInlineBlock(node, use));
  }

  /** What stands behind the `{` of a block. */
  private statements(
    node: GreenNode,
    children: readonly GreenElement[],
    outer: number,
    inline: boolean,
  ): void {
    const inner = outer + tabWidth;
    for (const [index, child] of children.entries()) {
      if (isToken(child)) {
        this.token(child, node, inline ? 'join' : 'line', outer, { comments: inner });
        continue;
      }
      const before = children[index - 1];
      const label =
        before !== undefined && !isToken(before) && (before.kind === 'label' || before.kind === 'case')
          ? before
          : null;
      const [first] = greenTokens(child);
      const behind = label !== null && first !== undefined && !/[\r\n]/.test(first.trivia);
      if (inline) this.node(child, 'join', inner);
      else if (behind && label.kind === 'case' && child.kind === 'block')
        this.block(child, 'join', outer, 'governed');
      else {
        const isLabel = child.kind === 'label' && !this.printer.inMacro;
        const at = child.kind === 'case' ? outer : isLabel ? 0 : inner;
        const joins = behind && staysBehind(label, child, children[index + 1]);
        if (joins) this.nextOptions = keepGap;
        else if (isLabel) this.nextOptions = { comments: inner };
        this.printer.pushStatement(at);
        this.node(child, joins ? 'soft' : 'line', at);
        this.printer.pop();
      }
    }
  }

  /** `if`, loops and `switch`: a head, and statements one level further right. */
  private control(node: GreenNode, mode: Break, indent: number): void {
    let next: Break = mode;
    let depth = 0;
    let wasBlock = false;
    for (const [index, child] of node.children.entries()) {
      if (isToken(child)) {
        const closesBody = child.kind === 'else' || (child.kind === 'while' && index > 0);
        this.token(child, node, closesBody ? (wasBlock ? 'join' : 'line') : next, indent);
        if (child.kind === '(') depth++;
        else if (child.kind === ')') depth--;
        next = 'free';
        continue;
      }
      const isStatement = depth === 0 && index > 0 && statementKinds.has(child.kind);
      if (!isStatement) this.node(child, next, indent);
      else if (child.kind === 'block') this.block(child, 'join', indent, 'governed');
      else if (child.kind === 'if' && isElse(node.children[index - 1])) this.node(child, 'join', indent);
      else {
        const at = indent + tabWidth;
        this.printer.pushStatement(at);
        this.node(child, child.kind === 'empty' ? 'soft' : 'line', at);
        this.printer.pop();
      }
      wasBlock = child.kind === 'block';
      next = 'free';
    }
  }

  // ---- items

  private function(node: GreenNode, mode: Break, indent: number): void {
    let next: Break = mode;
    for (const child of node.children) {
      if (isToken(child)) this.token(child, node, next, indent);
      else if (child.kind === 'block')
        this.block(child, isInlineBlock(child, 'body') ? 'join' : 'line', indent, 'body');
      // A name on the line after its type stands at the margin.
      else this.node(child, child.kind === 'declarator' && next === 'free' ? 'soft' : next, indent);
      next = 'free';
    }
  }

  /** Entries between braces, line ends where the author has them. */
  private list(node: GreenNode, mode: Break, indent: number): void {
    let next = mode;
    for (const child of node.children) {
      if (!isToken(child)) this.node(child, next, indent);
      else {
        this.token(child, node, next, indent);
        if (child.kind === '{') this.printer.pushList();
        else if (child.kind === '}') this.printer.pop();
      }
      next = 'free';
    }
  }

  private tagType(node: GreenNode, mode: Break, indent: number): void {
    const isEnum = node.children.some((child) => isToken(child) && child.kind === 'enum');
    if (isEnum) this.list(node, mode, indent);
    else this.lines(node, mode, indent, 'line');
  }

  /** Declarations or settings between braces, each on its line unless all stand on one. */
  private lines(node: GreenNode, mode: Break, indent: number, each: 'line' | 'soft'): void {
    const inline = isInline(node);
    let next = mode;
    let inside = false;
    for (const child of node.children) {
      if (isToken(child)) {
        const closes = child.kind === '}' && inside;
        if (closes)
          this.token(child, node, inline ? 'join' : 'line', indent, { comments: indent + tabWidth });
        else this.token(child, node, child.kind === '{' || inside ? 'join' : next, indent);
        if (child.kind === '{') inside = true;
        else if (closes) inside = false;
        next = inside && child.kind !== ',' && !inline ? each : 'free';
      } else if (inside) {
        this.printer.pushStatement(indent + tabWidth);
        this.node(child, inline ? 'join' : next, indent + tabWidth);
        this.printer.pop();
        next = inline ? 'join' : each;
      } else {
        this.node(child, next, indent);
        next = 'free';
      }
    }
  }

  /** Line ends stay where the author has them, joined by backslashes. */
  private macro(node: GreenNode, mode: Break, indent: number): void {
    const [head, ...rest] = node.children;
    if (head === undefined || !isToken(head)) return;
    this.emit(head, node, mode, indent, {});
    const tokens = rest.flatMap(greenTokens);
    const text = rest.map(greenText).join('');
    // A comment over several lines needs no backslashes, so such a macro stays as it is.
    if (tokens.some((token) => splitTrivia(token.trivia).comments.some((each) => /[\r\n]/.test(each.text)))) {
      this.printer.raw(text);
      return;
    }
    this.printer.beginMacro();
    let isBody = false;
    let at = indent + tabWidth;
    for (const [index, child] of rest.entries()) {
      const begins: boolean = !isBody && index > 0 && (isToken(child) || child.kind !== 'params');
      if (begins) {
        isBody = true;
        const [first] = greenTokens(child);
        if (first !== undefined && !/[\r\n]/.test(first.trivia)) at = indent;
      }
      if (begins) this.nextOptions = keepGap;
      if (isToken(child)) this.token(child, node, isBody ? 'soft' : 'join', at);
      else {
        this.printer.pushStatement(at);
        this.node(child, isBody ? 'soft' : 'join', at);
        this.printer.pop();
      }
    }
    this.printer.endMacro(spliceStyle(text, head.text.length + columnsOf(head.trivia)));
  }

  /** `a ? b : c`: a colon on a new line stands under its question mark. */
  private conditional(node: GreenNode, mode: Break, indent: number): void {
    let next = mode;
    let column: number | undefined;
    for (const child of node.children) {
      if (isToken(child)) {
        this.token(child, node, next, indent, child.kind === ':' && column !== undefined ? { column } : {});
        if (child.kind === '?') column = this.printer.columnOfLast();
      } else this.node(child, next, indent);
      next = 'free';
    }
  }
}

/** The width of the last line of some blanks. */
function columnsOf(trivia: string): number {
  return widthOf(trivia.slice(trivia.search(/[^\r\n]*$/)), 0);
}

/** How the author ends the lines of a `#define`: with one blank, or with backslashes in one column. */
function spliceStyle(text: string, startColumn: number): SpliceStyle {
  const lines = text.split(/\\(?:\r\n|\r|\n)/).slice(0, -1);
  if (lines.every((line) => /[^ \t] $/.test(line))) return { kind: 'blank' };
  const widths = lines.map((line, index) => widthOf(line, index === 0 ? startColumn : 0));
  // A line that reaches beyond the column of the others ends in one blank.
  const column = Math.min(...widths);
  const aligned = lines.every((line, index) => widths[index] === column || /[^ \t] $/.test(line));
  if (!aligned) return { kind: 'tabs', column: 0 };
  return { kind: lines.some((line) => line.endsWith('\t')) ? 'tabs' : 'spaces', column };
}

const statementKinds: ReadonlySet<NodeKind> = new Set<NodeKind>([
  'block',
  'variable',
  'expression-statement',
  'empty',
  'if',
  'while',
  'do',
  'for',
  'switch',
  'case',
  'label',
  'jump',
  'macro-loop',
  'atomic',
  'ghost',
  'either',
  'guest',
  'step',
  'emit',
  'error',
]);

const simpleKinds: ReadonlySet<NodeKind> = new Set<NodeKind>([
  'variable',
  'expression-statement',
  'empty',
  'jump',
  'step',
  'emit',
]);

/** All on one line, as the author has it. */
function isInline(node: GreenNode): boolean {
  const tokens = greenTokens(node);
  const open = tokens.findIndex((token) => token.kind === '{');
  return open >= 0 && tokens.slice(open + 1).every((token) => !/[\r\n]/.test(token.trivia));
}

/** `body`: of a function or actor; `governed`: of `if` or a loop, which only stays on the line when it is empty. */
function isInlineBlock(node: GreenNode, use: 'plain' | 'body' | 'governed'): boolean {
  if (!isInline(node)) return false;
  const statements = node.children.filter((child) => !isToken(child));
  const most = use === 'governed' ? 0 : use === 'body' ? 1 : Number.POSITIVE_INFINITY;
  return (
    statements.length <= most && statements.every((child) => !isToken(child) && simpleKinds.has(child.kind))
  );
}

function isBody(kind: NodeKind): boolean {
  return kind === 'actor' || kind === 'init' || kind === 'view' || kind === 'hook';
}

function isWordBeforeBlock(kind: NodeKind): boolean {
  return kind === 'atomic' || kind === 'ghost' || kind === 'guest' || kind === 'either';
}

function isElse(element: GreenElement | undefined): boolean {
  return element !== undefined && isToken(element) && element.kind === 'else';
}

/** `case A: return x;`, `out: a = 1;`: what may stay on the line of its label. */
function staysBehind(label: GreenNode, statement: GreenNode, next: GreenElement | undefined): boolean {
  if (label.kind === 'label') return true;
  const last = next === undefined || isToken(next) || next.kind === 'case';
  return label.kind === 'case' && simpleKinds.has(statement.kind) && last;
}

/** Columns that authors make in structures: the names of fields, the values of enumerators. */
function keepsAlignment(token: GreenElement, parent: GreenNode): boolean {
  if (parent.kind === 'enumerator') return isToken(token) && token.kind === '=';
  return false;
}
