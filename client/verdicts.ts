/** What the server last said of each file: live verdicts, and those of checks that were asked for. */

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

  /** Violations that an interleaving shows, each with its variant; all variants for `variant` null. */
  counterexamples(uri: vscode.Uri, variant: string | null): readonly Counterexample[] {
    return (this.of(uri)?.verdicts ?? [])
      .filter((verdict) => variant === null || verdict.variant === variant)
      .flatMap((verdict) => verdict.violations.flatMap((violation) => withTable(verdict, violation)));
  }

  /** Takes over what a check has found out: it knows more than the live verdict, which has a small budget. */
  add(uri: vscode.Uri, results: CheckResult): void {
    const text = this.server.uriText(uri);
    const before = this.live.get(text);
    if (before === undefined || results.length === 0) return;
    const fresh = new Map(results.map((verdict) => [verdict.variant, verdict]));
    const kept = before.verdicts.filter(({ variant }) => !fresh.has(variant));
    this.receive({ ...before, verdicts: [...kept, ...fresh.values()] });
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

function withTable(verdict: VariantVerdict, violation: ShownViolation): readonly Counterexample[] {
  return violation.table === null ? [] : [{ verdict, violation, table: violation.table }];
}
