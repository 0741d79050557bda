/** How requests are answered: once each, never for a text that is not there any more, and whatever happens. */

import {
  type CancellationToken,
  ErrorCodes,
  LSPErrorCodes,
  type RemoteConsole,
  ResponseError,
} from 'vscode-languageserver';
import type { Scene } from './scene.ts';
import { coreUri, type Workspace } from './workspace.ts';

/** `FeatureServer.answer`. */
export async function answer<T>(
  { workspace, console }: { readonly workspace: Workspace; readonly console: RemoteConsole },
  document: { readonly uri: string },
  token: CancellationToken,
  none: T,
  compute: (scene: Scene) => T | Promise<T>,
): Promise<T> {
  if (typeof document?.uri !== 'string') {
    throw new ResponseError(ErrorCodes.InvalidParams, 'the request names no document');
  }
  const uri = coreUri(document.uri);
  const version = workspace.document(uri)?.version;
  // Cancellations and edits that have come in behind this request are looked at first.
  await pause();
  const objection = (): ResponseError<void> | null => {
    if (token.isCancellationRequested) return new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
    if (workspace.document(uri)?.version === version) return null;
    return new ResponseError(LSPErrorCodes.ContentModified, 'the document has changed');
  };
  const early = objection();
  if (early !== null) throw early;
  let result: T;
  underWay++;
  try {
    const scene = workspace.scene(uri);
    result = scene === null ? none : await compute(scene);
  } catch (error) {
    if (error instanceof ResponseError) throw error;
    throw internalError(error, console);
  } finally {
    void sent();
  }
  const late = objection();
  if (late !== null) throw late;
  return result;
}

/** Answers that are being made or sent. */
let underWay = 0;

/** The connection writes an answer a moment after it has it. */
async function sent(): Promise<void> {
  await pause();
  await pause();
  underWay--;
}

/** Before long work that nobody waits for: lets the answers go out first that somebody does, if that is soon. */
export async function afterAnswers(milliseconds: number): Promise<void> {
  const end = performance.now() + milliseconds;
  while (underWay > 0 && performance.now() < end) await pause();
}

/** Logs what must not have happened, and makes an answer of it. */
export function internalError(error: unknown, console: RemoteConsole): ResponseError<void> {
  console.error(`internal error, which should be reported: ${describe(error)}`);
  return new ResponseError(ErrorCodes.InternalError, error instanceof Error ? error.message : String(error));
}

export function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Lets everything that has come in meanwhile be handled first. */
export function pause(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
