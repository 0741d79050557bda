/** While a scenario is stepped: values of locals, objects and their members, on the lines up to where a thread stands. */

import type { InlineValue } from 'vscode-languageserver-types';
import type { Recorded } from '../../core/semantics/record.ts';
import type { Type } from '../../core/semantics/types.ts';
import type { Feature } from '../feature.ts';
import { variantOf } from '../names.ts';
import { toOffset, toRange } from '../positions.ts';
import type { Scene } from '../scene.ts';

/** More than these nobody reads, and each is a question to the debugger. */
const mostValues = 80;
/** Names, members and elements only: asking for anything else could do something. */
const chain = /^[A-Za-z_]\w*(?:\s*(?:\.|->)\s*[A-Za-z_]\w*|\[\w+\])*$/;
const shownKinds: ReadonlySet<string> = new Set(['local', 'parameter', 'global', 'vcpu-state']);

export const inlineValues: Feature = {
  capabilities: { inlineValueProvider: true },
  register(connection, server) {
    connection.languages.inlineValue.on(({ textDocument, context }, token) =>
      server.answer<InlineValue[]>(textDocument, token, [], (scene) =>
        valuesAt(scene, toOffset(scene.file, context.stoppedLocation.start)),
      ),
    );
  },
};

/** Of the function or actor around an offset, each expression once a line; the nearest lines count. */
export function valuesAt(scene: Scene, stopped: number): InlineValue[] {
  const { file } = scene;
  const placed = file.source.items.find(
    ({ offset, text }) => offset <= stopped && stopped <= offset + text.length,
  );
  if (placed === undefined) return [];
  const recorded = scene.record(variantOf(scene), scene.uri, placed.key);
  const end = endOfLine(file.source.text, stopped);
  const found = new Map<string, InlineValue>();
  for (const span of spansOf(recorded, placed.text)) {
    const start = placed.offset + span.start;
    if (start > end) break;
    const range = toRange(file, start, placed.offset + span.end);
    const expression = placed.text.slice(span.start, span.end);
    found.set(`${range.start.line} ${expression}`, { range, expression });
  }
  return [...found.values()].slice(-mostValues);
}

/** Expressions with a value that fits on a line, none inside another, in order. */
function spansOf(
  { types, uses }: Recorded,
  text: string,
): readonly { readonly start: number; readonly end: number }[] {
  const declared = uses.flatMap(({ start, end, symbol }) =>
    shownKinds.has(symbol.kind) && symbol.type !== null ? [{ start, end, type: symbol.type }] : [],
  );
  const spans = [...types, ...declared]
    .filter(({ start, end, type }) => isShort(type) && chain.test(text.slice(start, end)))
    .filter(({ start, end }) => isNamed(uses, text, start, end))
    .sort((a, b) => a.start - b.start || b.end - a.end);
  let behind = -1;
  return spans.filter(({ start, end }) => {
    if (start < behind) return false;
    behind = end;
    return true;
  });
}

/** It begins with a variable, and not with a constant, an option or a function. */
function isNamed(uses: Recorded['uses'], text: string, start: number, end: number): boolean {
  const use = uses.find((one) => one.start === start && one.end <= end);
  return use !== undefined && shownKinds.has(use.symbol.kind) && text[end] !== '(';
}

function isShort({ kind }: Type): boolean {
  return kind === 'int' || kind === 'pointer';
}

function endOfLine(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end;
}
