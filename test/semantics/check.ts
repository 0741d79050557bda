import assert from 'node:assert/strict';
import { test } from 'node:test';
import { position, type Project } from '../../core/semantics/snapshot.ts';
import type { Diagnostic } from '../../core/syntax/diagnostic.ts';
import { checkAll, filesIn, load } from './project.ts';

/**
 * Sources by name. A comment `// ^^^ error code: part of the message` speaks of the text above its carets, in the
 * nearest line above that is no such comment. Whatever is reported in any variant must be expected, and the
 * other way round.
 */
export type Cases = Readonly<Record<string, string>>;

export function check(cases: Cases): void {
  for (const [name, source] of Object.entries(cases)) {
    test(name, () => checkSource(source));
  }
}

interface Expected {
  readonly uri: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
  readonly code: string;
  readonly message: string;
}

export function checkSource(source: string): void {
  const project = load(source);
  const { diagnostics } = checkAll(project);
  const left = [...diagnostics];
  const missing: string[] = [];
  for (const expected of expectations(source)) {
    const index = left.findIndex((each) => meets(project, each, expected));
    if (index >= 0) left.splice(index, 1);
    else
      missing.push(
        `expected ${expected.line}:${expected.column}+${expected.length} ${expected.code}: ${expected.message}`,
      );
  }
  const found = left.map((each) => `found    ${placeOf(project, each)} ${each.code}: ${each.message}`);
  assert.deepEqual([...missing, ...found], []);
}

function expectations(source: string): Expected[] {
  const expected: Expected[] = [];
  for (const [uri, text] of filesIn(source)) {
    let code = 0;
    text.split('\n').forEach((line, index) => {
      const match = /^(\s*\/\/\s*)(\^+) error ([\w-]+): (.*)$/.exec(line);
      if (match === null) {
        code = index + 1;
        return;
      }
      const [, before = '', carets = '', name = '', message = ''] = match;
      expected.push({
        uri,
        line: code,
        column: before.length + 1,
        length: carets.length,
        code: name,
        message,
      });
    });
  }
  return expected;
}

function meets(project: Project, diagnostic: Diagnostic, expected: Expected): boolean {
  const { line, column, length } = where(project, diagnostic);
  return (
    diagnostic.at.uri === expected.uri &&
    diagnostic.code === expected.code &&
    line === expected.line &&
    column === expected.column &&
    length === expected.length &&
    diagnostic.message.includes(expected.message)
  );
}

function where(project: Project, { at }: Diagnostic): { line: number; column: number; length: number } {
  const file = project.files.get(at.uri);
  if (file === undefined) return { line: 1, column: 1, length: 0 };
  return { ...position(file.source, at.start), length: at.end - at.start };
}

function placeOf(project: Project, diagnostic: Diagnostic): string {
  const { line, column, length } = where(project, diagnostic);
  return `${diagnostic.at.uri.split('/').at(-1)}:${line}:${column}+${length}`;
}
