/** What the server last said of each file: live verdicts of those that are open, and what checks have found out. */

import * as vscode from 'vscode';
import {
  type CheckResult,
  type ShownViolation,
  type VariantVerdict,
  type VerdictsParams,
  verdictsNotification,
} from './protocol.ts';
import type { Server } from './server.ts';

export class Verdicts implements vscode.Disposable {
  private readonly live = new Map<string, VerdictsParams>();
  /** By file and variant; of files for which there is no live verdict. */
  private readonly checked = new Map<string, ReadonlyMap<string, VariantVerdict>>();
  private readonly changed = new vscode.EventEmitter<string>();
  /** The URI of the file of which something new is known. */
  readonly onDidChange = this.changed.event;
  private readonly subscriptions: readonly vscode.Disposable[];
  private readonly server: Server;

  constructor(server: Server) {
    this.server = server;
    this.subscriptions = [
      this.changed,
      server.onNotification<VerdictsParams>(verdictsNotification, (params) => this.receive(params)),
      server.onDidChangeState((state) => {
        if (state === 'stopped') this.forget();
      }),
      this.onDidChange(() => this.setContext()),
      vscode.window.onDidChangeActiveTextEditor(() => this.setContext()),
    ];
  }

  of(uri: vscode.Uri): VerdictsParams | null {
    return this.live.get(this.server.uriText(uri)) ?? null;
  }

  /** Violations that an interleaving shows, the worst first, each with its variant; all variants for `variant` null. */
  counterexamples(uri: vscode.Uri, variant: string | null): readonly Counterexample[] {
    const text = this.server.uriText(uri);
    const known = this.live.get(text)?.verdicts ?? [...(this.checked.get(text)?.values() ?? [])];
    return known
      .filter((verdict) => variant === null || verdict.variant === variant)
      .flatMap((verdict) => verdict.violations.flatMap((violation) => withTable(verdict, violation)))
      .sort((a, b) => rank(a) - rank(b));
  }

  /** Takes over what a check has found out of a file that may not be open. */
  add(uri: vscode.Uri, results: CheckResult): void {
    const text = this.server.uriText(uri);
    const fresh = results.map((verdict) => [verdict.variant, verdict] as const);
    this.checked.set(text, new Map([...(this.checked.get(text) ?? []), ...fresh]));
  }

  /** Files whose text is another one now. */
  changedOnDisk(uris: readonly string[]): void {
    for (const uri of uris) this.checked.delete(uri);
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private receive(params: VerdictsParams): void {
    if (params.state === 'none' && params.version === null) this.live.delete(params.uri);
    else this.live.set(params.uri, params);
    this.changed.fire(params.uri);
  }

  private forget(): void {
    const uris = [...this.live.keys()];
    this.live.clear();
    this.checked.clear();
    for (const uri of uris) this.changed.fire(uri);
  }

  private setContext(): void {
    const editor = vscode.window.activeTextEditor;
    const known = editor !== undefined && this.counterexamples(editor.document.uri, null).length > 0;
    void vscode.commands.executeCommand('setContext', 'lockstep.hasCounterexample', known);
  }
}

export interface Counterexample {
  readonly verdict: VariantVerdict;
  readonly violation: ShownViolation;
  readonly table: string;
}

/** What nobody expects before what an `expect` asks for, and warnings last. */
function rank({ violation: { severity, expected } }: Counterexample): number {
  if (severity === 'warning') return 2;
  return expected ? 1 : 0;
}

function withTable(verdict: VariantVerdict, violation: ShownViolation): readonly Counterexample[] {
  return violation.table === null ? [] : [{ verdict, violation, table: violation.table }];
}
