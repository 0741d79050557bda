/** Above the `scenario` line: Check, and each variant with what is known of it. Or the same as links, which move no text. */

import { CodeLensRefreshRequest } from 'vscode-languageserver';
import type { CodeLens, Command, DocumentLink, Range } from 'vscode-languageserver-types';
import type { Variant } from '../../core/semantics/options.ts';
import type { FileRange } from '../../core/syntax/diagnostic.ts';
import type { Known } from '../explorer.ts';
import type { Feature, FeatureServer } from '../feature.ts';
import { toRange } from '../positions.ts';
import type { Scene } from '../scene.ts';
import { titleOf } from '../textFindings.ts';
import { variantId } from '../variantId.ts';
import { clientUri } from '../workspace.ts';

/** The command of the editor; its arguments are the URI and the id of a variant, or null for all. */
const command = 'lockstep.check';
const stepCommand = 'lockstep.step';
/** Scenarios of more variants than these get a lens for all of them only. */
const mostVariants = 16;
/** Milliseconds in which several changes are shown as one. */
const pulse = 150;

export const codeLens: Feature = {
  capabilities: { codeLensProvider: { resolveProvider: false } },
  register(connection, server) {
    connection.onCodeLens(({ textDocument }, token) =>
      server.answer<CodeLens[]>(textDocument, token, [], (scene) =>
        server.settings.codeLens.mode === 'lens' ? lensesOf(server, scene) : [],
      ),
    );
    let timer: NodeJS.Timeout | null = null;
    const refresh = (): void => {
      if (server.client.workspace?.codeLens?.refreshSupport !== true) return;
      timer ??= setTimeout(() => {
        timer = null;
        // A client that has ended does not answer.
        connection.sendRequest(CodeLensRefreshRequest.type).catch(() => {});
      }, pulse);
      timer.unref();
    };
    server.verdicts.onChange(refresh);
    server.onSettings(refresh);
  },
};

export function lensesOf(server: FeatureServer, scene: Scene): CodeLens[] {
  if (!scene.isScenario || scene.error !== null) return [];
  const range = rangeOf(scene, titleOf(scene));
  const [all, ...each] = offersOf(server, scene).map(({ title, variant }) => ({
    range,
    command: commandOf(server, scene, title, variant),
  }));
  if (all === undefined) return [];
  const step = { ...commandOf(server, scene, 'Step', null), command: stepCommand };
  return [all, { range, command: step }, ...each];
}

/** On the word `scenario`, and on the values of a scenario's only option. */
export function checkLinks(server: FeatureServer, scene: Scene): DocumentLink[] {
  if (server.settings.codeLens.mode !== 'link' || !scene.isScenario || scene.error !== null) return [];
  const title = titleOf(scene);
  const word = { ...title, end: title.start + 'scenario'.length };
  return offersOf(server, scene).flatMap(({ title: tooltip, variant }) => {
    const at = variant === null ? word : optionValue(scene, variant);
    if (at === null) return [];
    const { arguments: args } = commandOf(server, scene, tooltip, variant);
    const target = `command:${command}?${encodeURIComponent(JSON.stringify(args))}`;
    return [{ range: rangeOf(scene, at), target, tooltip }];
  });
}

interface Offer {
  readonly title: string;
  /** null: all. */
  readonly variant: Variant | null;
}

function offersOf(server: FeatureServer, scene: Scene): readonly Offer[] {
  const { variants } = scene;
  const known = variants.map((variant) => server.verdicts.known(scene, variant));
  const isBusy = server.verdicts.stateOf(scene.uri) === 'checking';
  const all: Offer = { title: `Check${summary(known)}`, variant: null };
  if (variants.length > mostVariants) return [all];
  const each = variants.flatMap((variant, index): Offer[] => {
    const title = titleOfVariant(variantId(variant), known[index] ?? null, isBusy);
    return title === '' ? [] : [{ title, variant }];
  });
  return [all, ...each];
}

/** `✓ fix=none: fails as expected · 12,345 states`; empty when there is nothing to say. */
function titleOfVariant(id: string, known: Known | null, isBusy: boolean): string {
  if (known === null) return isBusy && id !== '' ? `… ${id}` : id;
  const name = id === '' ? '' : `${id}: `;
  if (known.located === null) return `✗ ${name}cannot be explored`;
  const { met, verdict, undecided, states } = known.located;
  const count = `${states.toLocaleString('en-US')} states`;
  if (met) return `✓ ${name}${verdict === 'fails' ? 'fails as expected' : verdict} · ${count}`;
  if (undecided) return `? ${name}not explored to the end · ${count}`;
  return `✗ ${name}${verdict}, not as expected · ${count}`;
}

function summary(known: readonly (Known | null)[]): string {
  if (known.length < 2 || known.includes(null)) return '';
  const met = known.filter((each) => each?.located?.met === true).length;
  return met === known.length ? ` (all ${met} as expected)` : ` (${met} of ${known.length} as expected)`;
}

function commandOf(server: FeatureServer, scene: Scene, title: string, variant: Variant | null): Command {
  const uri = server.workspace.document(scene.uri)?.clientUri ?? clientUri(scene.uri);
  return { title, command, arguments: [uri, variant === null ? null : variantId(variant)] };
}

/** Where the value of a variant is declared, if the scenario has one option only, and in its own file. */
function optionValue({ file }: Scene, { options }: Variant): FileRange | null {
  const [chosen, ...others] = options;
  if (chosen === undefined || others.length > 0) return null;
  for (const { item, offset } of file.source.items) {
    if (item.kind !== 'option' || item.name.text !== chosen[0]) continue;
    const value = item.values.find(({ text }) => text === chosen[1]);
    if (value !== undefined) {
      return { uri: file.uri, start: offset + value.start, end: offset + value.end };
    }
  }
  return null;
}

function rangeOf({ file }: Scene, { start, end }: FileRange): Range {
  return toRange(file, start, end);
}
