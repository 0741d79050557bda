/** The run that is being stepped, for views: what they show is asked anew after each stop. */

import * as vscode from 'vscode';
import { debugType } from './configurations.ts';
import { movedEvent, type Moved } from './protocol.ts';

export class StepRun implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<number>();
  /** The run has moved, another one has the focus, or there is none any more. With it, steps that are as they were. */
  readonly onDidChange = this.changed.event;
  private readonly subscriptions: vscode.Disposable[];
  private readonly moved = new Map<string, Moved>();

  constructor() {
    this.subscriptions = [
      this.changed,
      vscode.debug.onDidReceiveDebugSessionCustomEvent(({ session, event, body }) => {
        if (session.type !== debugType || event !== movedEvent) return;
        const moved = body as Moved;
        this.moved.set(session.id, moved);
        this.tell(moved.kept);
      }),
      vscode.debug.onDidChangeActiveDebugSession(() => this.tell()),
      vscode.debug.onDidTerminateDebugSession((session) => {
        this.moved.delete(session.id);
        this.tell();
      }),
    ];
  }

  /** Null: nothing is being stepped, or it has not stopped yet. */
  get session(): vscode.DebugSession | null {
    const active = vscode.debug.activeDebugSession;
    return active?.type === debugType && this.moved.has(active.id) ? active : null;
  }

  get position(): Moved | null {
    const { session } = this;
    return session === null ? null : (this.moved.get(session.id) ?? null);
  }

  /** Null when there is no run, or it moved on or ended meanwhile. */
  async ask<R>(request: string, args: object = {}): Promise<R | null> {
    const { session } = this;
    if (session === null) return null;
    try {
      return (await session.customRequest(request, args)) as R;
    } catch {
      return null;
    }
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private tell(kept = Number.MAX_SAFE_INTEGER): void {
    void vscode.commands.executeCommand('setContext', 'lockstep.stepping', this.session !== null);
    this.changed.fire(kept);
  }
}
