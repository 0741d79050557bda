/** What comes with the command line: its version, and the page of each code. Bundled into dist/, beside both. */

import { readFileSync } from 'node:fs';
import type { Code } from '../core/syntax/codes.ts';

/** `1.2.3`, of package.json. */
export function version(): string {
  const description: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return typeof description === 'object' && description !== null && 'version' in description
    ? String(description.version)
    : 'unknown';
}

/** The page of docs/diagnostics, in Markdown; null when it is not there. */
export function pageOf(code: Code): string | null {
  try {
    return readFileSync(new URL(`../docs/diagnostics/${code}.md`, import.meta.url), 'utf8');
  } catch {
    return null;
  }
}
