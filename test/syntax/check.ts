import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SourceFile } from '../../core/syntax/ast.ts';
import { parse } from '../../core/syntax/parser.ts';
import { dumpItem, dumpStatement } from './dump.ts';

/** Source and expected dump, one pair for each construct. */
export type Cases = Readonly<Record<string, readonly (readonly [source: string, dump: string])[]>>;

/** Items at top level; several items are separated by line ends in the dump. */
export function checkItems(cases: Cases): void {
  run(cases, (source) => dumpFile(clean(source)));
}

/** Statements of a function body, separated by blanks in the dump. */
export function checkStatements(cases: Cases): void {
  run(cases, (source) => {
    const [placed] = clean(`void f(void)\n{\n\t${source}\n}\n`).items;
    assert.ok(placed?.item.kind === 'function' && placed.item.body !== null);
    return placed.item.body.body.map(dumpStatement).join(' ');
  });
}

/** The value of an initialiser of a variable. */
export function checkExpressions(cases: Cases): void {
  run(cases, (source) => {
    const [placed] = clean(`after f() returns: ${source};`).items;
    assert.ok(placed?.item.kind === 'hook' && placed.item.check !== null);
    return dumpStatement({ start: 0, end: 0, kind: 'expression', value: placed.item.check.condition }).slice(
      0,
      -1,
    );
  });
}

export function dumpFile(file: SourceFile): string {
  return file.items.map((placed) => dumpItem(placed.item)).join('\n');
}

/** Messages with 1-based line and column, as an editor shows them. */
export function messages(source: string): string[] {
  return parse('test.lockstep', source).errors.map((error) => {
    const before = source.slice(0, error.start).split('\n');
    return `${before.length}:${(before[before.length - 1] ?? '').length + 1} ${error.message}`;
  });
}

function clean(source: string): SourceFile {
  const file = parse('test.lockstep', source);
  assert.deepEqual(
    file.errors.map((error) => error.message),
    [],
    source,
  );
  return file;
}

function run(cases: Cases, dump: (source: string) => string): void {
  for (const [name, pairs] of Object.entries(cases))
    test(name, () => {
      for (const [source, expected] of pairs) assert.equal(dump(source), expected, source);
    });
}
