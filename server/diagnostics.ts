/**
 * Diagnostics of open documents, behind every edit: first syntax and types of all variants, then the lock rules, then
 * what the exploration says, each shown as soon as it is known. A pass goes one variant at a time and lets requests
 * and edits in between; an edit ends it. What is not known yet of a new text is shown as it was, where the text is
 * still the same, so that nothing blinks while somebody types.
 */

import {
  type Connection,
  type Diagnostic as ProtocolDiagnostic,
  DiagnosticSeverity,
} from 'vscode-languageserver';
import type { Variant } from '../core/semantics/options.ts';
import type { Project } from '../core/semantics/snapshot.ts';
import { afterAnswers, describe, pause } from './answers.ts';
import { type ExploredVariant, liveFindings } from './liveFindings.ts';
import { type LockFindingShown, lockFindings, withAnswer } from './lockFindings.ts';
import { rebased } from './rebase.ts';
import type { Scene } from './scene.ts';
import { type Shown, toDiagnostic } from './shown.ts';
import { textFindings } from './textFindings.ts';
import { variantId } from './variantId.ts';
import type { Verdicts } from './verdicts.ts';
import { clientUri, LARGEST_TEXT, type Workspace } from './workspace.ts';

/** Milliseconds after an edit before it is looked at: the next key may follow at once. */
const debounce = 10;
/** Milliseconds that answers to requests, which came with the edit, may take before. */
const politeness = 20;
/** Milliseconds after which syntax and types are shown without the lock rules. */
const patience = 100;
/** Contexts that a file which is no scenario is looked at in. */
const mostContexts = 2;

interface Looked<T> {
  readonly scene: Scene;
  readonly findings: readonly T[];
}

/** The variants of a scene that have programs. */
interface Checked {
  readonly context: Scene;
  readonly variants: readonly Variant[];
}

/** What is known of one open document. */
interface State {
  /** Grows with every edit. */
  generation: number;
  /** The generation whose texts were looked at last. */
  looked: number;
  /** In each context that it was looked at in. */
  text: readonly Looked<Shown>[];
  locks: readonly Looked<LockFindingShown>[];
  /** The latest answer to each variant of the document. */
  explored: ReadonlyMap<string, ExploredVariant>;
  published: string;
}

export interface DiagnosticsOptions {
  readonly connection: Connection;
  readonly workspace: Workspace;
  readonly verdicts: Verdicts;
  /** A document was looked at to the end. */
  readonly onLooked: (uri: string) => void;
}

export class Diagnostics {
  private readonly options: DiagnosticsOptions;
  private readonly states = new Map<string, State>();
  /** What is to be looked at, the first one first. */
  private waiting: readonly string[] = [];
  private timer: NodeJS.Timeout | null = null;
  private running = false;
  private closed = false;

  constructor(options: DiagnosticsOptions) {
    this.options = options;
  }

  /** These open documents are not what they were. */
  stale(uris: readonly string[]): void {
    for (const uri of uris) {
      const state = this.states.get(uri);
      if (state === undefined) {
        this.states.set(uri, {
          ...{ generation: 0, looked: -1 },
          text: [],
          locks: [],
          explored: new Map(),
          published: '',
        });
      } else state.generation++;
    }
    this.waiting = [...new Set([...uris, ...this.waiting])];
    if (this.running || this.closed) return;
    this.timer ??= setTimeout(() => {
      this.timer = null;
      void this.work();
    }, debounce);
  }

  /** The document was closed: nothing is shown of it any more. */
  forget(uri: string, shownUri: string): void {
    this.states.delete(uri);
    this.waiting = this.waiting.filter((each) => each !== uri);
    void this.options.connection.sendDiagnostics({ uri: shownUri, diagnostics: [] });
  }

  /** The exploration knows more of an open document. */
  refresh(uri: string): void {
    const state = this.states.get(uri);
    // A new text is on its way: it takes what is known with it.
    if (state === undefined || state.looked !== state.generation) return;
    const scene = this.options.workspace.scene(uri);
    if (scene !== null) this.publish(uri, state, scene);
  }

  close(): void {
    this.closed = true;
    if (this.timer !== null) clearTimeout(this.timer);
  }

  private async work(): Promise<void> {
    this.running = true;
    while (this.waiting.length > 0 && !this.closed) {
      const [uri = '', ...others] = this.waiting;
      this.waiting = others;
      try {
        await afterAnswers(politeness);
        await this.look(uri);
      } catch (error) {
        this.options.connection.console.error(`internal error, which should be reported: ${describe(error)}`);
      }
      await pause();
    }
    this.running = false;
  }

  private async look(uri: string): Promise<void> {
    const { workspace, verdicts } = this.options;
    const state = this.states.get(uri);
    if (state === undefined) return;
    const { generation } = state;
    const goesOn = async (): Promise<boolean> => {
      await pause();
      return !this.closed && this.states.get(uri) === state && state.generation === generation;
    };
    const scene = workspace.scene(uri);
    if (scene === null) {
      this.publishTooLarge(uri, state);
      return;
    }
    const contexts = this.contextsOf(scene);
    const text: Looked<Shown>[] = [];
    const checked: Checked[] = [];
    for (const context of contexts) {
      const lists = [];
      const variants: Variant[] = [];
      for (const variant of context.variants) {
        const { diagnostics, program } = context.check(variant);
        lists.push(diagnostics);
        if (program !== null) variants.push(variant);
        if (!(await goesOn())) return;
      }
      checked.push({ context, variants });
      text.push({ scene: context, findings: textFindings(context, uri, lists) });
    }
    state.text = text;
    if (text.some(({ findings }) => findings.some(({ severity }) => severity === 'error'))) {
      state.looked = generation;
      verdicts.blocked(scene);
      this.publish(uri, state, scene);
      this.options.onLooked(uri);
      return;
    }
    verdicts.begin(scene);
    const early = setTimeout(() => {
      if (state.generation === generation) this.publish(uri, state, scene);
    }, patience);
    const locks = await this.locksOf(uri, checked, goesOn);
    clearTimeout(early);
    if (locks === null) return;
    state.locks = locks;
    state.looked = generation;
    this.publish(uri, state, scene);
    this.options.onLooked(uri);
  }

  /** Null when the text was edited meanwhile. */
  private async locksOf(
    uri: string,
    checked: readonly Checked[],
    goesOn: () => Promise<boolean>,
  ): Promise<readonly Looked<LockFindingShown>[] | null> {
    const locks: Looked<LockFindingShown>[] = [];
    for (const { context, variants } of checked) {
      for (const variant of variants) {
        context.locks(variant);
        if (!(await goesOn())) return null;
      }
      locks.push({ scene: context, findings: lockFindings(context, uri, variants) });
    }
    return locks;
  }

  /** A file that only others import may need what they declare: it is looked at as they see it, unless it is right by itself. */
  private contextsOf(scene: Scene): readonly Scene[] {
    const { workspace } = this.options;
    if (scene.isScenario || scene.uri.startsWith('library:')) return [scene];
    const isRight = scene.variants.every((variant) => scene.check(variant).program !== null);
    if (isRight) return [scene];
    const users = workspace
      .users(scene.uri)
      .filter(
        (uri) => workspace.file(uri)?.source.items.some(({ item }) => item.kind === 'scenario') === true,
      );
    const open = users.filter((uri) => workspace.document(uri) !== null);
    const chosen = [...new Set([...open, ...users])].slice(0, mostContexts);
    const contexts = chosen.flatMap((uri) => workspace.scene(uri) ?? []);
    return contexts.length > 0 ? contexts : [scene];
  }

  private publish(uri: string, state: State, scene: Scene): void {
    const explored = this.exploredOf(state, scene);
    state.explored = new Map(explored.map((variant) => [variant.id, variant]));
    const text = state.text.flatMap(({ scene: context, findings }) =>
      findings.map((shown) => toDiagnostic(shown, context.project)),
    );
    const locks = state.locks.flatMap(({ scene: context, findings }) => {
      const isOwn = context.uri === uri;
      const answers = isOwn ? explored : this.answersOf(context);
      // The findings may be of an earlier text.
      const now = isOwn ? scene.project : { files: new Map([...context.project.files, [uri, scene.file]]) };
      return findings.flatMap((finding) => {
        const shown = moved(withAnswer(finding, context.project, answers), context.project, now);
        return shown === null ? [] : [toDiagnostic(shown, now)];
      });
    });
    const live = liveFindings(scene, explored).map((shown) => toDiagnostic(shown, scene.project));
    this.send(uri, state, scene.version, [...text, ...locks, ...live]);
  }

  /** The answers to the variants of an open scenario; those of the text before until there are new ones. */
  private exploredOf(state: State, scene: Scene): readonly ExploredVariant[] {
    const { verdicts } = this.options;
    const isOpen = ['checking', 'errors'].includes(verdicts.stateOf(scene.uri));
    return scene.variants.flatMap((variant) => {
      const id = variantId(variant);
      const known = verdicts.known(scene, variant);
      if (known !== null) return [{ id, project: scene.project, ...known }];
      const before = isOpen ? state.explored.get(id) : undefined;
      return before === undefined ? [] : [before];
    });
  }

  private answersOf(scene: Scene): readonly ExploredVariant[] {
    return scene.variants.flatMap((variant) => {
      const known = this.options.verdicts.known(scene, variant);
      return known === null ? [] : [{ id: variantId(variant), project: scene.project, ...known }];
    });
  }

  private publishTooLarge(uri: string, state: State): void {
    const document = this.options.workspace.document(uri);
    if (document === null) return;
    const size = (document.text.length / 1024 / 1024).toFixed(1);
    const message = `This file has ${size} million characters, and no more than ${LARGEST_TEXT / 1024 / 1024} are looked at: it is not checked.`;
    const start = { line: 0, character: 0 };
    const range = { start, end: start };
    state.text = [];
    state.locks = [];
    const diagnostic = { range, message, severity: DiagnosticSeverity.Warning, source: 'lockstep' };
    this.send(uri, state, document.version, document.text.length > LARGEST_TEXT ? [diagnostic] : []);
  }

  private send(
    uri: string,
    state: State,
    version: number | null,
    diagnostics: readonly ProtocolDiagnostic[],
  ): void {
    const unlike = new Map(
      diagnostics.map((each) => [JSON.stringify([each.range, each.code, each.severity, each.message]), each]),
    );
    const shown = [...unlike.values()];
    const content = JSON.stringify([version, shown]);
    if (content === state.published) return;
    state.published = content;
    const { connection, workspace } = this.options;
    const name = workspace.document(uri)?.clientUri ?? clientUri(uri);
    void connection.sendDiagnostics({
      uri: name,
      diagnostics: shown,
      ...(version === null ? {} : { version }),
    });
  }
}

/** The finding where it stands in a later text; null when what it is about was edited. */
function moved(shown: Shown, from: Pick<Project, 'files'>, to: Pick<Project, 'files'>): Shown | null {
  if (from === to) return shown;
  const at = rebased(shown.at, from, to);
  if (at === null) return null;
  const related = shown.related.flatMap((each) => {
    const place = rebased(each.at, from, to);
    return place === null ? [] : [{ ...each, at: place }];
  });
  const fixes = shown.fixes.flatMap((fix) => {
    const edits = fix.edits.flatMap((edit) => {
      const place = rebased(edit.at, from, to);
      return place === null ? [] : [{ ...edit, at: place }];
    });
    return edits.length === fix.edits.length ? [{ ...fix, edits }] : [];
  });
  return { ...shown, at, related, fixes };
}
