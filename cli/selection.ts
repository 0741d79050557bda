/** Which variants of which scenarios a command line asks for. */

import { type Variant, variants } from '../core/semantics/options.ts';
import type { OpenedScenario } from '../host/scenario.ts';
import { UsageError } from './arguments.ts';

export interface Selected {
  readonly scenario: OpenedScenario;
  readonly variant: Variant;
}

/**
 * The variants that have the asked-for values. With several scenarios an option chooses among those that declare it;
 * a value that none of them has is an error, which names what there is.
 */
export function selectVariants(
  scenarios: readonly OpenedScenario[],
  wanted: ReadonlyMap<string, readonly string[]>,
): readonly Selected[] {
  const filters = combinations(wanted);
  const found = scenarios.flatMap((scenario) =>
    filters.flatMap((filter) =>
      variants(scenario.project, filter).variants.map((variant) => ({ scenario, variant })),
    ),
  );
  if (found.length === 0 && scenarios.length > 0) {
    const errors = filters.flatMap((filter) =>
      scenarios.map(({ project }) => variants(project, filter).error),
    );
    throw new UsageError(errors.find((error) => error !== null) ?? 'no variant has these option values');
  }
  for (const [name, values] of wanted) {
    for (const value of values) checkExists(scenarios, name, value);
  }
  return found;
}

/** Every way to choose one value of each option. */
function combinations(wanted: ReadonlyMap<string, readonly string[]>): readonly Record<string, string>[] {
  let all: Record<string, string>[] = [{}];
  for (const [name, values] of wanted) {
    const distinct = [...new Set(values)];
    all = all.flatMap((filter) => distinct.map((value) => ({ ...filter, [name]: value })));
  }
  return all;
}

function checkExists(scenarios: readonly OpenedScenario[], name: string, value: string): void {
  const errors = scenarios.map(({ project }) => variants(project, { [name]: value }).error);
  const first = errors[0];
  if (first != null && !errors.includes(null)) throw new UsageError(first);
}
