/** The interleaving, in the panel: a page of its own, which is told of every move and asks for the steps it shows. */

import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { FromView, ToView } from '../webview/messages.ts';
import { forkRequest, gotoRequest, type Timeline, timelineRequest } from './protocol.ts';
import type { StepRun } from './run.ts';

const viewId = 'lockstep.interleaving';
const patience = 20_000;

export class InterleavingView implements vscode.WebviewViewProvider, vscode.Disposable {
  private readonly run: StepRun;
  private readonly extension: vscode.Uri;
  private readonly subscriptions: vscode.Disposable[];
  private view: vscode.WebviewView | null = null;
  /** The run that the page was told of, and steps of it that were changed since. */
  private told: string | null = null;
  private kept = 0;
  private round = 0;
  /** Where the page wants to be; the newest wish counts. */
  private wanted: number | null = null;
  private travelling = false;
  private readonly asked = new Map<'svg' | 'text', (text: string) => void>();
  private introduced = false;

  constructor(run: StepRun, extension: vscode.Uri) {
    this.run = run;
    this.extension = extension;
    this.subscriptions = [
      run.onDidChange((kept) => void this.tell(kept)),
      vscode.window.registerWebviewViewProvider(viewId, this),
    ];
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    this.view = view;
    view.webview.options = {
      enableScripts: true,
      localResourceRoots: ['dist', 'client'].map((each) => vscode.Uri.joinPath(this.extension, each)),
    };
    view.webview.html = this.html(view.webview);
    view.webview.onDidReceiveMessage((message: FromView) => void this.receive(message));
    view.onDidDispose(() => {
      this.view = null;
      this.told = null;
    });
  }

  /** What is shown, as a text or a picture; null when nothing is being stepped. */
  async give(as: 'svg' | 'text'): Promise<string | null> {
    if (this.run.session === null) return null;
    await vscode.commands.executeCommand(`${viewId}.focus`);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the interleaving view does not answer')), patience);
      this.asked.set(as, (text) => {
        clearTimeout(timer);
        this.asked.delete(as);
        resolve(text);
      });
      this.post({ kind: 'give', as });
    });
  }

  private async receive(message: FromView): Promise<void> {
    switch (message.kind) {
      case 'ready':
        this.told = null;
        await this.tell(0);
        for (const as of this.asked.keys()) this.post({ kind: 'give', as });
        return;
      case 'page': {
        const { from, to, round } = message;
        const id = this.run.session?.id;
        const timeline = await this.run.ask<Timeline>(timelineRequest, { from, to });
        if (id !== undefined && timeline !== null)
          this.post({ kind: 'page', id, round, steps: timeline.steps });
        return;
      }
      case 'goto':
        this.wanted = message.step;
        await this.travel();
        return;
      case 'fork':
        await this.run.ask(forkRequest, { index: message.index });
        return;
      case 'given':
        this.asked.get(message.as)?.(message.text);
    }
  }

  /** One journey at a time: keys that are held down come faster than a debugger stops. */
  private async travel(): Promise<void> {
    if (this.travelling) return;
    this.travelling = true;
    try {
      while (this.wanted !== null) {
        const step = this.wanted;
        this.wanted = null;
        const arrived = this.focusTaken();
        await this.run.ask(gotoRequest, { step });
        await arrived;
      }
    } finally {
      this.travelling = false;
    }
    // The editor takes the keys when it shows a line; whoever travels here wants to go on here.
    this.view?.show(false);
    this.post({ kind: 'focus' });
  }

  /** Resolves when the editor shows where the run stands now, or does not within a moment. */
  private focusTaken(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        listener.dispose();
        clearTimeout(timer);
        resolve();
      };
      const listener = vscode.debug.onDidChangeActiveStackItem((item) => {
        if (item instanceof vscode.DebugStackFrame) done();
      });
      const timer = setTimeout(done, 600);
    });
  }

  private async tell(kept: number): Promise<void> {
    const { session, position } = this.run;
    this.introduce();
    if (this.view === null) return;
    this.kept = Math.min(this.kept, kept);
    const round = ++this.round;
    const timeline = await this.run.ask<Timeline>(timelineRequest, { from: 1, to: 1 });
    // A later move has been told meanwhile, with what this one changed.
    if (round !== this.round) return;
    const id = session === null || position === null || timeline === null ? null : session.id;
    const steps = id === this.told ? this.kept : 0;
    this.told = id;
    this.kept = Number.MAX_SAFE_INTEGER;
    this.post({
      kind: 'run',
      id,
      title: session?.name ?? '',
      threads: timeline?.threads ?? [],
      cursor: timeline?.cursor ?? 0,
      length: timeline?.length ?? 0,
      kept: steps,
      forks: timeline?.forks ?? [],
    });
  }

  /** The first run of a window brings the view into sight, without taking the keys. */
  private introduce(): void {
    if (this.introduced || this.run.session === null) return;
    this.introduced = true;
    void vscode.commands.executeCommand(`${viewId}.focus`, { preserveFocus: true });
  }

  private post(message: ToView): void {
    void this.view?.webview.postMessage(message);
  }

  private html(webview: vscode.Webview): string {
    const nonce = randomBytes(16).toString('hex');
    const uri = (...path: string[]): string =>
      webview.asWebviewUri(vscode.Uri.joinPath(this.extension, ...path)).toString();
    return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'">
<meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="${uri('client', 'media', 'interleaving.css')}">
<title>Interleaving</title>
</head>
<body><script nonce="${nonce}" src="${uri('dist', 'interleaving.js')}"></script></body>
</html>`;
  }
}
