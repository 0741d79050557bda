/** Calls of functions that are only declared. */

import type { Environment } from './environment.ts';
import type { Finding } from './findings.ts';
import { bodiesOf, type Code, conditionsOf } from './ghost.ts';
import type { Loc, Stmt } from './hir.ts';
import { functionsIn } from './references.ts';

/** Whatever can run has a body: one finding for each function without, at the first call that is reached. */
export function checkCallsHaveBodies(env: Environment, code: Code): readonly Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  const work: Stmt[] = [...code.inits, ...code.actors.map((actor) => actor.body)];
  work.push(...code.hooks.flatMap(bodiesOf), ...code.properties.flatMap(conditionsOf));
  work.push(...code.views.map(({ body }) => body));
  const reach = (name: string, loc: Loc): void => {
    if (seen.has(name)) return;
    seen.add(name);
    const function_ = code.functions.get(name);
    if (function_ !== undefined) {
      work.push(function_.body);
      return;
    }
    const declaration = env.names.get(name);
    // A function whose body is wrong has findings of its own.
    if (declaration?.kind !== 'function' || declaration.item.body !== null) return;
    findings.push({
      code: 'unknown-name',
      severity: 'error',
      message: `'${name}' is called, but nothing says what it does: define it`,
      loc,
      related: [{ message: 'declared here', loc: declaration.loc }],
    });
  };
  for (let body = work.pop(); body !== undefined; body = work.pop()) {
    for (const [name, loc] of functionsIn(body)) reach(name, loc);
  }
  return findings;
}
