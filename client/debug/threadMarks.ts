/** In the editor: the line that each thread stands on, with its name, and whether it waits. */

import * as vscode from 'vscode';
import { rangeOf, uriOf } from './places.ts';
import { type Threads, threadsRequest } from './protocol.ts';
import type { StepRun } from './run.ts';

export class ThreadMarks implements vscode.Disposable {
  private readonly run: StepRun;
  private readonly ready = decoration('lockstep.readyForeground');
  private readonly waiting = decoration('lockstep.waitingForeground');
  private readonly subscriptions: vscode.Disposable[];
  private threads: Threads = [];
  private round = 0;

  constructor(run: StepRun) {
    this.run = run;
    this.subscriptions = [
      this.ready,
      this.waiting,
      run.onDidChange(() => void this.refresh()),
      vscode.window.onDidChangeVisibleTextEditors(() => this.draw()),
    ];
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private async refresh(): Promise<void> {
    const round = ++this.round;
    const threads = (await this.run.ask<Threads>(threadsRequest)) ?? [];
    // A later stop has been asked for meanwhile.
    if (round !== this.round) return;
    this.threads = threads;
    this.draw();
  }

  private draw(): void {
    for (const editor of vscode.window.visibleTextEditors) {
      const here = this.threads.filter(
        ({ kind, place }) =>
          kind !== 'over' && place !== null && uriOf(place).toString() === editor.document.uri.toString(),
      );
      editor.setDecorations(
        this.ready,
        marks(
          editor.document,
          here.filter(({ kind }) => kind === 'ready'),
        ),
      );
      editor.setDecorations(
        this.waiting,
        marks(
          editor.document,
          here.filter(({ kind }) => kind === 'waits'),
        ),
      );
    }
  }
}

/** One mark behind each line, with all that stand there. */
function marks(document: vscode.TextDocument, threads: Threads): vscode.DecorationOptions[] {
  const byLine = new Map<number, Threads[number][]>();
  for (const thread of threads) {
    const line = thread.place === null ? 0 : rangeOf(thread.place).start.line;
    byLine.set(line, [...(byLine.get(line) ?? []), thread]);
  }
  return [...byLine]
    .filter(([line]) => line < document.lineCount)
    .map(([line, here]) => ({
      range: document.lineAt(line).range,
      hoverMessage: here.map(({ name, why, next }) =>
        new vscode.MarkdownString().appendText(why === '' ? `${name}: next ${next}` : why),
      ),
      renderOptions: {
        after: {
          contentText: `  ◀ ${here.map(({ name, kind }) => (kind === 'waits' ? `${name} waits` : name)).join(', ')}`,
        },
      },
    }));
}

function decoration(color: string): vscode.TextEditorDecorationType {
  return vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    after: { color: new vscode.ThemeColor(color), fontStyle: 'italic', margin: '0 0 0 1em' },
    overviewRulerColor: new vscode.ThemeColor(color),
    overviewRulerLane: vscode.OverviewRulerLane.Right,
  });
}
