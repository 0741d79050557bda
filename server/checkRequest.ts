/** `lockstep/check`: explores variants to their end, with progress, until somebody cancels or the text changes. */

import {
  type CancellationToken,
  type Connection,
  LSPErrorCodes,
  ResponseError,
  type WorkDoneProgressReporter,
} from 'vscode-languageserver';
import type { Budget } from '../core/machine/result.ts';
import type { Variant } from '../core/semantics/options.ts';
import { type Asking, contentKey, type Explorer, priorities } from './explorer.ts';
import type { FeatureServer } from './feature.ts';
import type { CheckParams, CheckResult, VariantVerdict } from './protocol.ts';
import type { Scene } from './scene.ts';
import { variantId } from './variantId.ts';
import { verdictItem } from './verdictItem.ts';
import { coreUri } from './workspace.ts';

const budget: Budget = { maxStates: 50_000_000, maxMilliseconds: 300_000, maxBytes: 1024 ** 3 };
/** Milliseconds between two looks at whether the text is still the same. */
const pulse = 100;

interface Around {
  readonly connection: Connection;
  readonly server: FeatureServer;
  readonly explorer: Explorer;
}

export async function checkVariants(
  { connection, server, explorer }: Around,
  params: CheckParams,
  token: CancellationToken,
): Promise<CheckResult> {
  const uri = coreUri(String(params?.uri));
  const scene = server.workspace.scene(uri);
  if (scene === null) throw failed(`there is no scenario at ${params?.uri}`);
  const wanted = variantsOf(scene, params.variants ?? null);
  const content = contentKey(scene);
  const asked = new Set<Asking>();
  const progress = progressOf(connection, params.workDoneToken);
  let objection: ResponseError<void> | null = null;
  const stop = (reason: ResponseError<void>): void => {
    objection ??= reason;
    for (const each of asked) each.cancel();
  };
  const look = setInterval(() => {
    const now = server.workspace.scene(uri);
    if (now === null || contentKey(now) !== content)
      stop(new ResponseError(LSPErrorCodes.ContentModified, 'the scenario has changed'));
  }, pulse);
  const onCancel = token.onCancellationRequested(() =>
    stop(new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled')),
  );
  let ended = 0;
  const checkOne = async (variant: Variant): Promise<VariantVerdict> => {
    const id = variantId(variant);
    const name = id === '' ? '' : `${id}: `;
    const asking = explorer.ask(scene, variant, {
      ...{ budget, priority: priorities.asked },
      onProgress: ({ states }) =>
        progress?.report(percent(), `${name}${states.toLocaleString('en-US')} states`),
    });
    asked.add(asking);
    const outcome = await asking.outcome;
    asked.delete(asking);
    ended++;
    progress?.report(percent(), `${name}done`);
    if (outcome.kind === 'done') {
      server.verdicts.changed(uri);
      return verdictItem(scene, variant, outcome.known);
    }
    if (outcome.kind === 'crashed') throw failed(`exploring ${name}ended a worker: ${outcome.message}`);
    throw objection ?? new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
  };
  const percent = (): number => Math.round((100 * ended) / Math.max(1, wanted.length));
  try {
    progress?.begin(`Checking ${scene.uri.split('/').at(-1) ?? ''}`, 0, undefined, true);
    if (token.isCancellationRequested) stop(new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled'));
    return await inOrder(wanted, explorer.shareForOne, () => objection, checkOne);
  } finally {
    clearInterval(look);
    onCancel.dispose();
    for (const each of asked) each.cancel();
    progress?.done();
  }
}

/** So many at once, answers in their order; the first failure ends it. */
async function inOrder<T, R>(
  all: readonly T[],
  width: number,
  objection: () => ResponseError<void> | null,
  run: (element: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < all.length; index = next++) {
      const refused = objection();
      if (refused !== null) throw refused;
      results[index] = await run(all[index] as T);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, all.length) }, lane));
  return results;
}

/** Those that were named, or all; all of them must have programs. */
function variantsOf(scene: Scene, ids: readonly string[] | null): readonly Variant[] {
  const missing = (ids ?? []).find((id) => !scene.variants.some((variant) => variantId(variant) === id));
  if (missing !== undefined) throw failed(`the scenario has no variant ${missing}`);
  if (scene.error !== null) throw failed(scene.error);
  if (!scene.isScenario) throw failed('the file is no scenario: it has no `scenario` line');
  const wanted = scene.variants.filter((variant) => ids === null || ids.includes(variantId(variant)));
  for (const variant of wanted) {
    const { program, diagnostics } = scene.check(variant);
    const error = diagnostics.find(({ severity }) => severity === 'error');
    if (program === null)
      throw failed(`the scenario has errors: ${error?.message ?? 'it cannot be checked'}`);
  }
  return wanted;
}

function failed(message: string): ResponseError<void> {
  return new ResponseError(LSPErrorCodes.RequestFailed, message);
}

function progressOf(
  connection: Connection,
  token: string | number | undefined,
): WorkDoneProgressReporter | null {
  return token === undefined ? null : connection.window.attachWorkDoneProgress(token);
}
