/** What the user may set, as `lockstep.*` in the editor; whatever a client sends becomes something valid. */

export interface Settings {
  readonly live: {
    readonly enabled: boolean;
    /** Budget of one file's live verdicts. */
    readonly seconds: number;
    readonly states: number;
  };
  readonly codeLens: { readonly mode: 'lens' | 'link' | 'off' };
  readonly inlayHints: { readonly locksets: boolean };
  /** Threads that explore; 0: as many as the machine has processors, less one. */
  readonly workers: number;
}

export const defaultSettings: Settings = {
  live: { enabled: true, seconds: 1, states: 500_000 },
  codeLens: { mode: 'lens' },
  inlayHints: { locksets: true },
  workers: 0,
};

/** `sent`: the value of the section `lockstep`; what is missing or of a wrong kind is as by default. */
export function settingsFrom(sent: unknown): Settings {
  const { live, codeLens, inlayHints, workers } = defaultSettings;
  const mode = field(field(sent, 'codeLens'), 'mode');
  const sentLive = field(sent, 'live');
  return {
    live: {
      enabled: flag(field(sentLive, 'enabled'), live.enabled),
      seconds: number(field(sentLive, 'seconds'), 0.05, 3600, live.seconds),
      states: number(field(sentLive, 'states'), 1, 1e9, live.states),
    },
    codeLens: { mode: mode === 'lens' || mode === 'link' || mode === 'off' ? mode : codeLens.mode },
    inlayHints: { locksets: flag(field(field(sent, 'inlayHints'), 'locksets'), inlayHints.locksets) },
    workers: Math.floor(number(field(sent, 'workers'), 0, 64, workers)),
  };
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function flag(value: unknown, otherwise: boolean): boolean {
  return typeof value === 'boolean' ? value : otherwise;
}

function number(value: unknown, low: number, high: number, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value)
    ? Math.min(high, Math.max(low, value))
    : otherwise;
}
