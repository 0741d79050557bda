/** One item of the status bar: the verdict of the scenario in the active editor. */

import * as vscode from 'vscode';
import type { Server } from './server.ts';
import type { Verdicts } from './verdicts.ts';
import { statusText } from './verdictText.ts';

export class StatusBar implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem(
    'lockstep.verdict',
    vscode.StatusBarAlignment.Right,
    100,
  );
  private readonly subscriptions: readonly vscode.Disposable[];
  private readonly server: Server;
  private readonly verdicts: Verdicts;

  constructor(server: Server, verdicts: Verdicts) {
    this.server = server;
    this.verdicts = verdicts;
    this.item.name = 'Lockstep Verdict';
    this.subscriptions = [
      this.item,
      server.onDidChangeState(() => this.show()),
      verdicts.onDidChange(() => this.show()),
      vscode.window.onDidChangeActiveTextEditor(() => this.show()),
    ];
    this.show();
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private show(): void {
    const document = vscode.window.activeTextEditor?.document;
    if (document?.languageId !== 'lockstep') {
      this.item.hide();
      return;
    }
    const { text, tooltip } = statusText(this.verdicts.of(document.uri), this.server.now);
    this.item.text = text;
    this.item.tooltip = new vscode.MarkdownString(tooltip, true);
    // Without icons, for those who listen.
    const spoken = text.replace(/\$\([^)]*\)/g, '').trim();
    this.item.accessibilityInformation = { label: `Lockstep: ${spoken}`, role: 'button' };
    this.item.command = this.server.now === 'stopped' ? 'lockstep.restartServer' : 'lockstep.showMenu';
    this.item.show();
  }
}
