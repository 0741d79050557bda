/** What the debug adapter needs of the server: texts as they are typed, and counterexamples from the queue. */

import type { Budget } from '../../core/machine/result.ts';
import type { Variant } from '../../core/semantics/options.ts';
import { type Explorer, priorities } from '../explorer.ts';
import type { Scene } from '../scene.ts';
import { coreUri, type Workspace } from '../workspace.ts';
import type { DebugHost } from './adapter.ts';
import type { Found } from './launch.ts';
import { uriOfSource } from './sources.ts';

const budget: Budget = { maxStates: 50_000_000, maxMilliseconds: 60_000, maxBytes: 1024 ** 3 };

export function debugHost(
  workspace: Workspace,
  explorer: Explorer,
  fault: (error: unknown) => void,
): DebugHost {
  return {
    scene: (pathOrUri) => workspace.scene(coreUri(uriOfSource({ path: pathOrUri }))),
    counterexample: (scene, variant, check, signal) =>
      counterexample(explorer, scene, variant, check, signal),
    textNow: (uri) => workspace.read(uri),
    fault,
  };
}

/** The interleaving that breaks a check, or confirms a finding of the lock rules; `check` null: the first there is. */
async function counterexample(
  explorer: Explorer,
  scene: Scene,
  variant: Variant,
  check: string | null,
  signal: AbortSignal,
): Promise<Found | string> {
  const asked = explorer.ask(scene, variant, { budget, priority: priorities.asked });
  signal.addEventListener('abort', () => asked.cancel(), { once: true });
  const outcome = await asked.outcome;
  if (outcome.kind === 'crashed') return `exploring the scenario has failed: ${outcome.message}`;
  if (outcome.kind === 'cancelled') return 'the exploration was cancelled';
  const { located, problems } = outcome.known;
  if (located === null) return problems[0]?.message ?? 'the scenario cannot be explored';
  const found = [
    ...located.violations.map(({ check: name, path, severity }) => ({ name, path, severity })),
    ...located.findings.map(({ code, path, severity }) => ({
      name: code.replaceAll('-', '_'),
      path,
      severity,
    })),
  ].filter(({ name, path }) => path !== null && (check === null || name === check));
  const best = found.find(({ severity }) => severity === 'error') ?? found[0];
  if (best === undefined || best.path === null) {
    const what = check === null ? 'a check' : `'${check}'`;
    return located.complete
      ? `no interleaving of this variant breaks ${what}`
      : `no interleaving that breaks ${what} was found: ${located.reason ?? 'the search was cut short'}`;
  }
  return { trace: best.path, check: best.name };
}
