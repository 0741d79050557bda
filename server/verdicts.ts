/**
 * Live verdicts: what open scenarios do, explored behind the editor's back within a budget. An edit that changes what
 * a scenario says ends the exploration of the text before; one that changes blanks or comments does not.
 */

import type { Variant } from '../core/semantics/options.ts';
import { type Asking, contentKey, type Explorer, type Known, priorities } from './explorer.ts';
import type { Scene } from './scene.ts';
import type { Settings } from './settings.ts';

/** Milliseconds without an edit after which a text is explored. */
const pauseOfTyping = 200;
/** Memory of one live search. */
const liveBytes = 192 * 1024 * 1024;

/** `errors`: nothing is explored while the text has errors. */
export type LiveState = 'none' | 'errors' | 'checking' | 'done';

export interface VerdictsOptions {
  readonly explorer: Explorer;
  readonly settings: () => Settings;
  /** A worker died of this scenario; told once for each content. */
  readonly onCrash: (scene: Scene, variant: Variant, message: string) => void;
}

interface Live {
  scene: Scene;
  readonly content: string;
  state: LiveState;
  stopped: boolean;
  asking: Asking | null;
}

export class Verdicts {
  private readonly options: VerdictsOptions;
  private readonly live = new Map<string, Live>();
  private readonly listeners: ((uri: string) => void)[] = [];

  constructor(options: VerdictsOptions) {
    this.options = options;
  }

  /** `listener` is told when something about an open file has become known, or its state has changed. */
  onChange(listener: (uri: string) => void): void {
    this.listeners.push(listener);
  }

  stateOf(uri: string): LiveState {
    return this.live.get(uri)?.state ?? 'none';
  }

  /** Also of what is no longer explored, while the text says the same. */
  known(scene: Scene, variant: Variant): Known | null {
    return this.options.explorer.known(scene, variant);
  }

  /** The text of an open file is free of errors: explores what is not known of it yet. */
  begin(scene: Scene): void {
    const { settings } = this.options;
    const { enabled } = settings().live;
    if (!scene.isScenario || !enabled) {
      this.stop(scene.uri, 'none', scene);
      return;
    }
    const content = contentKey(scene);
    const before = this.live.get(scene.uri);
    if (before?.content === content && before.state !== 'errors' && before.state !== 'none') {
      before.scene = scene;
      this.tell(scene.uri);
      return;
    }
    const live: Live = { scene, content, state: 'checking', stopped: false, asking: null };
    this.replace(scene.uri, live);
    // Who types on would only have it begun and ended with every key.
    void this.run(live, before !== undefined);
  }

  /** The text has errors. */
  blocked(scene: Scene): void {
    this.stop(scene.uri, 'errors', scene);
  }

  /** The file was closed. */
  forget(uri: string): void {
    this.replace(uri, null);
    this.tell(uri);
  }

  /** Begins again, with other settings. */
  restart(): void {
    this.options.explorer.forgetIncomplete();
    for (const { scene, state } of [...this.live.values()]) {
      this.replace(scene.uri, null);
      if (state !== 'errors') this.begin(scene);
    }
  }

  /** Somebody else's request has made more known. */
  changed(uri: string): void {
    this.tell(uri);
  }

  close(): void {
    for (const uri of [...this.live.keys()]) this.replace(uri, null);
  }

  private stop(uri: string, state: LiveState, scene: Scene): void {
    this.replace(uri, { scene, content: '', state, stopped: true, asking: null });
    this.tell(uri);
  }

  private replace(uri: string, next: Live | null): void {
    const before = this.live.get(uri);
    if (before !== undefined) {
      before.stopped = true;
      before.asking?.cancel();
    }
    if (next === null) this.live.delete(uri);
    else this.live.set(uri, next);
  }

  /** One variant after the other, as they are declared, until the budget of the file is used up. */
  private async run(live: Live, waits: boolean): Promise<void> {
    const { explorer, settings, onCrash } = this.options;
    const { uri, variants } = live.scene;
    const { seconds, states } = settings().live;
    let milliseconds = seconds * 1000;
    let statesLeft = states;
    this.tell(uri);
    if (waits) {
      await new Promise((resolve) => {
        setTimeout(resolve, pauseOfTyping);
      });
      if (live.stopped) return;
    }
    for (const variant of variants) {
      if (milliseconds <= 0 || statesLeft <= 0) break;
      if (explorer.known(live.scene, variant) !== null || explorer.hasCrashed(live.scene, variant)) continue;
      const budget = { maxStates: statesLeft, maxMilliseconds: milliseconds, maxBytes: liveBytes };
      live.asking = explorer.ask(live.scene, variant, { budget, priority: priorities.live });
      const outcome = await live.asking.outcome;
      live.asking = null;
      if (live.stopped) return;
      if (outcome.kind === 'cancelled') break;
      if (outcome.kind === 'crashed') {
        onCrash(live.scene, variant, outcome.message);
        continue;
      }
      milliseconds -= (outcome.known.located?.seconds ?? 0) * 1000;
      statesLeft -= outcome.known.located?.states ?? 0;
      this.tell(uri);
    }
    live.state = 'done';
    this.tell(uri);
  }

  private tell(uri: string): void {
    for (const listener of this.listeners) listener(uri);
  }
}
