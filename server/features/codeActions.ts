/** Quick fixes of what is wrong under the cursor, all of the safe ones at once, and the page that explains a rule. */

import {
  type CodeAction,
  CodeActionKind,
  type CodeActionParams,
  CodeActionTriggerKind,
  type Diagnostic as ProtocolDiagnostic,
  type TextDocumentEdit,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver';
import { fixCaches } from '../../core/locks/fixes.ts';
import { mergeDiagnostics } from '../../core/semantics/findings.ts';
import { isLibrary } from '../../core/semantics/imports.ts';
import { type Code, isCode } from '../../core/syntax/codes.ts';
import type { Diagnostic, FileRange } from '../../core/syntax/diagnostic.ts';
import { pause } from '../answers.ts';
import type { Feature, FeatureServer } from '../feature.ts';
import { isStill } from '../patience.ts';
import { toOffset, toRange } from '../positions.ts';
import type { Scene } from '../scene.ts';
import type { DiagnosticData } from '../shown.ts';
import { clientUri } from '../workspace.ts';
import { LibraryNames } from './codeActions/library.ts';
import { knownLockFixes, lockFixes, type LockProblem, lockProblems, wordFixes } from './codeActions/locks.ts';
import { type Library, nameFixes } from './codeActions/names.ts';
import type { Offer, Problem } from './codeActions/offer.ts';

const fixAll = `${CodeActionKind.SourceFixAll}.lockstep`;

export const codeActions: Feature = {
  capabilities: { codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix, fixAll] } },
  register(connection, server) {
    const library = new LibraryNames(server.workspace);
    const caches = fixCaches();
    connection.onCodeAction((params, token) =>
      server.answer<CodeAction[]>(params.textDocument, token, [], async (scene) => {
        if (isLibrary(scene.uri)) return explanations(params.context.diagnostics, []);
        const steps = stepsTo(params);
        if (isAsked(params, fixAll) && params.context.only !== undefined)
          return fixAllOf(scene, server, library);
        if (!isAsked(params, CodeActionKind.QuickFix)) return [];
        // Trying fixes out takes time that only somebody who asks for them is willing to wait.
        const isWanted = params.context.triggerKind !== CodeActionTriggerKind.Automatic;
        if (!isWanted && !(await isStill(scene, server, token))) return steps;
        const { file } = scene;
        const span = { start: toOffset(file, params.range.start), end: toOffset(file, params.range.end) };
        const text = textProblems(scene).filter(({ at }) => touches(at, span));
        const root = server.workspace.rootOf(scene.uri);
        const offers = text.flatMap((problem) => [
          ...nameFixes(scene.project, problem, library),
          ...wordFixes(scene, problem, root, caches),
        ]);
        for (const variant of scene.variants) {
          scene.locks(variant);
          await pause();
          if (token.isCancellationRequested) return [];
        }
        const locks = lockProblems(scene).filter(({ at }) => touches(at, span));
        for (const problem of locks) {
          if (isWanted) await pause();
          if (token.isCancellationRequested) return [];
          offers.push(
            ...(isWanted ? lockFixes(scene, problem, root, caches) : (knownLockFixes(scene, problem) ?? [])),
          );
        }
        return [
          ...steps,
          ...quickFixes(scene, server, offers, params.context.diagnostics),
          ...explanations(params.context.diagnostics, [...text, ...locks]),
        ];
      }),
    );
  },
};

/** No kinds asked for: any quick fix. A kind stands for those below it. */
function isAsked({ context: { only } }: CodeActionParams, kind: string): boolean {
  return (
    only === undefined || only.some((each) => kind === each || kind.startsWith(`${each}.`) || each === '')
  );
}

function touches(at: FileRange, span: { readonly start: number; readonly end: number }): boolean {
  return at.start <= span.end && span.start <= at.end;
}

/** Syntax, names and types of all variants, in the scene's own file. */
export function textProblems(scene: Scene): readonly Diagnostic[] {
  const lists = scene.variants.map((variant) => scene.check(variant).diagnostics);
  const all = mergeDiagnostics(scene.project, lists.length > 0 ? lists : [scene.project.diagnostics]);
  return all.filter(({ at }) => at.uri === scene.uri);
}

function quickFixes(
  scene: Scene,
  server: FeatureServer,
  offers: readonly Offer[],
  diagnostics: readonly ProtocolDiagnostic[],
): CodeAction[] {
  return offers.filter(isAllowed).map((offer) => ({
    title: offer.title,
    kind: CodeActionKind.QuickFix,
    diagnostics: diagnostics.filter((each) => isAbout(scene, each, offer.problem)),
    ...(offer.safe ? { isPreferred: true } : {}),
    edit: workspaceEdit(scene, server, [offer]),
  }));
}

/** Nobody's copy of the library is changed. */
function isAllowed({ edits }: Offer): boolean {
  return edits.length > 0 && edits.every(({ at }) => !isLibrary(at.uri));
}

function isAbout(scene: Scene, { code, range }: ProtocolDiagnostic, { code: own, at }: Problem): boolean {
  return code === own && toOffset(scene.file, range.start) === at.start;
}

/** Every safe fix of the file at once, as far as they leave each other alone. */
function fixAllOf(scene: Scene, server: FeatureServer, library: Library): CodeAction[] {
  const taken: Offer[] = [];
  const texts = new Set<string>();
  for (const problem of textProblems(scene)) {
    const offer = nameFixes(scene.project, problem, library).find((each) => each.safe && isAllowed(each));
    if (offer === undefined) continue;
    // Several problems may be mended by one edit, such as an import.
    const key = JSON.stringify(offer.edits);
    const isFree = offer.edits.every(({ at }) =>
      taken.every((other) => other.edits.every((edit) => isApart(edit.at, at))),
    );
    if (texts.has(key) || !isFree) continue;
    texts.add(key);
    taken.push(offer);
  }
  if (taken.length === 0) return [];
  return [{ title: 'Fix all names', kind: fixAll, edit: workspaceEdit(scene, server, taken) }];
}

/** Insertions at one place do not disturb each other. */
function isApart(one: FileRange, other: FileRange): boolean {
  return one.uri !== other.uri || one.end <= other.start || other.end <= one.start;
}

function workspaceEdit(
  scene: Scene,
  { client, workspace }: FeatureServer,
  offers: readonly Offer[],
): WorkspaceEdit {
  const byFile = new Map<string, TextEdit[]>();
  for (const { at, text } of offers.flatMap(({ edits }) => edits)) {
    const file = scene.project.files.get(at.uri);
    if (file === undefined) continue;
    const edits = byFile.get(at.uri) ?? [];
    byFile.set(at.uri, edits);
    edits.push({ range: toRange(file, at.start, at.end), newText: text });
  }
  const shown = (uri: string): string => workspace.document(uri)?.clientUri ?? clientUri(uri);
  if (client.workspace?.workspaceEdit?.documentChanges !== true)
    return { changes: Object.fromEntries([...byFile].map(([uri, edits]) => [shown(uri), edits])) };
  const documentChanges: TextDocumentEdit[] = [...byFile].map(([uri, edits]) => ({
    textDocument: { uri: shown(uri), version: workspace.document(uri)?.version ?? null },
    edits,
  }));
  return { documentChanges };
}

/** Of what is shown with an interleaving that leads there: into the debugger, along it. */
function stepsTo({ context, textDocument }: CodeActionParams): CodeAction[] {
  return context.diagnostics.flatMap((diagnostic): CodeAction[] => {
    const { step } = (diagnostic.data ?? {}) as Partial<DiagnosticData>;
    if (diagnostic.source !== 'lockstep' || step === undefined) return [];
    const title = 'Step through the interleaving that leads here';
    const command = 'lockstep.stepCounterexample';
    const given = [textDocument.uri, step.variant, step.check];
    return [
      {
        ...{ title, kind: CodeActionKind.QuickFix, diagnostics: [diagnostic] },
        command: { title, command, arguments: given },
      },
    ];
  });
}

/** For each code of what is shown or found here, its page. */
function explanations(
  diagnostics: readonly ProtocolDiagnostic[],
  problems: readonly (Problem | LockProblem)[],
): CodeAction[] {
  const codes = new Set<Code>(problems.map(({ code }) => code));
  for (const { code, source } of diagnostics)
    if (source === 'lockstep' && typeof code === 'string' && isCode(code)) codes.add(code);
  return [...codes].map((code) => ({
    title: `Explain ${code}`,
    kind: CodeActionKind.QuickFix,
    diagnostics: diagnostics.filter((each) => each.code === code),
    command: { title: `Explain ${code}`, command: 'lockstep.explain', arguments: [code] },
  }));
}
