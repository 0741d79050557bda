import { test } from 'node:test';
import { sourcesUnder } from './sources.ts';

const LONG = 500;

test('files past 500 lines are named, as places to look', (context) => {
  const sources = sourcesUnder(
    ['core', 'host', 'server', 'client', 'cli', 'test', 'scripts'],
    ['.ts', '.tsx', '.mjs'],
  );
  for (const { path, text } of sources) {
    const lines = text.split('\n').length;
    if (lines > LONG) context.diagnostic(`${path} has ${lines} lines`);
  }
});
