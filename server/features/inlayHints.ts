/** The locks that are held, behind each statement that changes them, in all variants of a scenario at once. */

import type { InlayHint, InlayHintLabelPart, Range } from 'vscode-languageserver-types';
import type { Feature } from '../feature.ts';
import { isStill } from '../patience.ts';
import { toOffset, toPosition } from '../positions.ts';
import type { Scene } from '../scene.ts';
import { pause } from '../answers.ts';
import { coreUri } from '../workspace.ts';
import { explained, type HeldHint, heldHints } from './inlayHints/held.ts';

export const inlayHints: Feature = {
  capabilities: { inlayHintProvider: { resolveProvider: true } },
  register(connection, server) {
    const memory = new Memory();
    const { inlayHint } = connection.languages;
    inlayHint.on(({ textDocument, range }, token) =>
      server.answer<InlayHint[]>(textDocument, token, [], async (scene) => {
        if (!server.settings.inlayHints.locksets || !(await isStill(scene, server, token))) return [];
        for (const variant of scene.variants) {
          scene.held(variant);
          await pause();
          if (token.isCancellationRequested) return [];
        }
        return toHints(scene, memory.hintsOf(scene), range);
      }),
    );
    inlayHint.resolve((hint, token) => {
      const { uri, key } = dataOf(hint);
      if (uri === null) return hint;
      return server.answer<InlayHint>({ uri }, token, hint, (scene) => {
        const held = memory.hintsOf(scene).find((each) => each.key === key);
        return held === undefined ? hint : resolved(hint, scene, held);
      });
    });
    server.onSettings(() => {
      if (server.client.workspace?.inlayHint?.refreshSupport === true) void inlayHint.refresh();
    });
  },
};

/** Files whose last hints are kept. */
const limit = 50;

/** While a text has errors, what was known of it before is shown where the text is still the same. */
class Memory {
  private readonly last = new Map<string, readonly HeldHint[]>();

  hintsOf(scene: Scene): readonly HeldHint[] {
    const fresh = heldHints(scene);
    if (fresh === null) return this.last.get(scene.uri)?.filter((hint) => isSame(scene, hint)) ?? [];
    this.last.delete(scene.uri);
    this.last.set(scene.uri, fresh);
    const oldest = this.last.keys().next();
    if (this.last.size > limit && oldest.done === false) this.last.delete(oldest.value);
    return fresh;
  }
}

function isSame({ file }: Scene, { item, text }: HeldHint): boolean {
  return file.items.get(item)?.text === text;
}

function toHints(scene: Scene, hints: readonly HeldHint[], range: Range): InlayHint[] {
  const from = toOffset(scene.file, range.start);
  const to = toOffset(scene.file, range.end);
  return hints.flatMap((hint) => {
    const offset = (scene.file.items.get(hint.item)?.offset ?? 0) + hint.at;
    if (offset < from || offset > to) return [];
    return [
      {
        position: toPosition(scene.file, offset),
        label: hint.parts.map(({ value }) => ({ value })),
        paddingLeft: true,
        data: { uri: scene.uri, key: hint.key },
      },
    ];
  });
}

/** With the places where the locks were taken, and what differs between variants. */
function resolved(hint: InlayHint, scene: Scene, held: HeldHint): InlayHint {
  const label: InlayHintLabelPart[] = held.parts.map(({ value, lock }) => {
    const location = lock === null ? undefined : explained(scene, lock).locations[0];
    return location === undefined ? { value } : { value, location };
  });
  return { ...hint, label, tooltip: { kind: 'markdown', value: tooltipOf(scene, held) } };
}

function tooltipOf(scene: Scene, { parts, variants, kind }: HeldHint): string {
  const locks = parts.flatMap(({ lock }) => (lock === null ? [] : [`- ${explained(scene, lock).text}`]));
  const where = kind === 'entry' ? 'when the function is entered' : 'behind this';
  const head =
    locks.length === 0 ? `No locks are held ${where}.` : `Locks held ${where}:\n\n${locks.join('\n')}`;
  if (variants.length === 0) return head;
  return `${head}\n\n${variants.map(({ id, label }) => `- \`${id}\`: \`${label}\``).join('\n')}`;
}

/** A client may send back anything. */
function dataOf({ data }: InlayHint): { readonly uri: string | null; readonly key: string } {
  const { uri, key } = (typeof data === 'object' && data !== null ? data : {}) as Readonly<
    Record<string, unknown>
  >;
  return { uri: typeof uri === 'string' ? coreUri(uri) : null, key: typeof key === 'string' ? key : '' };
}
