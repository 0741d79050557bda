/** What the server answers and tells beyond the Language Server Protocol (server/protocol.ts). */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type CancellationToken, type Connection, LSPErrorCodes, ResponseError } from 'vscode-languageserver';
import { lockReference, referenceTable } from '../core/locks/reference.ts';
import { isCode } from '../core/syntax/codes.ts';
import { parse } from '../core/syntax/parser.ts';
import { EXTENSION, libraryDirectory, readText } from '../host/files.ts';
import { internalError, pause } from './answers.ts';
import { checkVariants } from './checkRequest.ts';
import type { Explorer } from './explorer.ts';
import type { FeatureServer } from './feature.ts';
import {
  checkRequest,
  type ExamplesResult,
  type ExplainParams,
  type ExplainResult,
  examplesRequest,
  explainRequest,
  type LockReferenceParams,
  type LockReferenceResult,
  lockReferenceRequest,
  type ScenarioItem,
  type ScenariosParams,
  scenariosRequest,
} from './protocol.ts';
import { scenarioItem } from './scenarioItem.ts';
import { coreUri } from './workspace.ts';

export function serveRequests(connection: Connection, server: FeatureServer, explorer: Explorer): void {
  const { workspace } = server;
  /** Whatever a handler throws becomes one answer. */
  const on = <P, R>(
    method: string,
    handle: (params: P, isCancelled: () => boolean) => R | Promise<R>,
  ): void => {
    connection.onRequest<unknown, void>(method, async (params: P, token: CancellationToken) => {
      await pause();
      try {
        const result = await handle(params, () => token.isCancellationRequested);
        if (token.isCancellationRequested) throw cancelled();
        return result;
      } catch (error) {
        throw error instanceof ResponseError ? error : internalError(error, connection.console);
      }
    });
  };

  on<ScenariosParams, readonly ScenarioItem[]>(scenariosRequest, async (params, isCancelled) => {
    const uris = typeof params?.uri === 'string' ? [coreUri(params.uri)] : workspace.files();
    const items: ScenarioItem[] = [];
    for (const uri of uris) {
      const item = scenarioItem(workspace, uri);
      if (item !== null) items.push(item);
      await pause();
      if (isCancelled()) throw cancelled();
    }
    return items;
  });
  on<ExplainParams, ExplainResult>(explainRequest, ({ code }) => pageOf(code));
  on<unknown, ExamplesResult>(examplesRequest, examples);
  on<LockReferenceParams, LockReferenceResult>(lockReferenceRequest, ({ uri }) => {
    const scene = workspace.scene(coreUri(uri));
    for (const variant of scene?.variants ?? []) {
      const program = scene?.check(variant).program ?? null;
      if (scene !== null && program !== null) return referenceTable(lockReference(scene.project, program));
    }
    return null;
  });
  connection.onRequest(checkRequest, async (params, token) => {
    await pause();
    try {
      return await checkVariants({ connection, server, explorer }, params, token);
    } catch (error) {
      throw error instanceof ResponseError ? error : internalError(error, connection.console);
    }
  });
}

function cancelled(): ResponseError<void> {
  return new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
}

function pageOf(written: unknown): string | null {
  const code = String(written).toLowerCase().replaceAll('_', '-');
  return isCode(code) ? packaged('docs', 'diagnostics', `${code}.md`) : null;
}

function examples(): ExamplesResult {
  const directory = join(libraryDirectory, '..', 'examples');
  const names = readdirSync(directory).filter((name) => name.endsWith(EXTENSION));
  return names.sort().flatMap((name) => {
    const text = packaged('examples', name);
    return text === null ? [] : [{ name, text, ...aboutExample(text) }];
  });
}

/** The title, and the first paragraph of the comment behind it. */
function aboutExample(text: string): { readonly title: string; readonly description: string } {
  const { items } = parse('', text);
  const placed = items.find(({ item }) => item.kind === 'scenario');
  if (placed?.item.kind !== 'scenario') return { title: '', description: '' };
  const behind = text
    .slice(placed.offset + placed.item.end)
    .split('\n')
    .slice(1);
  const comment: string[] = [];
  for (const line of behind) {
    const match = /^\/\/ ?(.*)$/.exec(line.trim());
    const words = match?.[1]?.trim() ?? '';
    if (match === null || (words === '' && comment.length > 0)) break;
    if (words !== '') comment.push(words);
  }
  return { title: placed.item.title, description: comment.join(' ') };
}

/** A text file that comes with Lockstep. */
function packaged(...path: readonly string[]): string | null {
  const reading = readText(join(libraryDirectory, '..', ...path));
  return reading.kind === 'text' ? reading.text : null;
}
