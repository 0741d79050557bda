import assert from 'node:assert/strict';
import type { SourceFile } from '../../core/syntax/ast.ts';
import { isCode } from '../../core/syntax/codes.ts';
import { type GreenNode, greenText, greenTokens, isToken } from '../../core/syntax/green.ts';
import { greenOf } from '../../core/syntax/parser.ts';

/** What holds of every parsed text, whatever it is. */
export function checkSound(file: SourceFile): void {
  const { text } = file;
  const green = greenOf(file);
  assert.equal(greenText(green), text, 'the tokens, joined, are the text');
  checkWidths(green);

  const keys = new Set(file.items.map((placed) => placed.key));
  assert.equal(keys.size, file.items.length, 'keys are unique');
  let end = 0;
  for (const placed of file.items) {
    assert.ok(placed.offset >= end, 'items stand in order');
    end = placed.offset + placed.text.length;
    assert.equal(text.slice(placed.offset, end), placed.text);
    assert.equal(placed.item.start, 0);
    assert.equal(placed.item.end, placed.text.length);
    checkSpans(placed.item, placed.text, 0);
  }

  assert.ok(file.errors.length <= 100);
  let last = 0;
  for (const error of file.errors) {
    assert.ok(isCode(error.code), error.code);
    assert.ok(last <= error.start && error.start <= error.end && error.end <= text.length, error.message);
    last = error.start;
  }
}

function checkWidths(node: GreenNode): void {
  let width = 0;
  for (const child of node.children) {
    width += child.width;
    if (!isToken(child)) {
      assert.ok(child.children.length > 0, `an empty ${child.kind}`);
      checkWidths(child);
    }
  }
  assert.equal(node.width, width);
  assert.ok(greenTokens(node).length > 0);
}

/** Every span lies in the item, a name is what the text says there, and nothing is too deep to walk. */
function checkSpans(value: unknown, text: string, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  assert.ok(depth < 2500, 'trees stay shallow');
  if (isSpan(value)) {
    assert.ok(
      value.start >= 0 && value.start <= value.end && value.end <= text.length,
      `${value.start} to ${value.end}`,
    );
    const name: unknown = Reflect.get(value, 'text');
    // A name without a place is one that a macro of the kernel brings along.
    if (typeof name === 'string' && value.start < value.end)
      assert.equal(text.slice(value.start, value.end), name);
  }
  for (const inner of Object.values(value)) checkSpans(inner, text, depth + 1);
}

function isSpan(value: object): value is { start: number; end: number } {
  return (
    'start' in value && typeof value.start === 'number' && 'end' in value && typeof value.end === 'number'
  );
}
