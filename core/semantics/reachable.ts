/** Calls of functions that are only declared. */

import { eachExpression } from './effects.ts';
import type { Environment } from './environment.ts';
import type { Finding } from './findings.ts';
import type { Code } from './ghost.ts';
import type { Expr, Loc, Stmt } from './hir.ts';

/** Whatever can run has a body: one finding for each function without, at the first call that is reached. */
export function checkCallsHaveBodies(env: Environment, code: Code): readonly Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  const work: (Stmt | Expr)[] = [
    ...code.inits,
    ...code.actors.map((actor) => actor.body),
    ...code.hooks.map((hook) => hook.body),
  ];
  for (const property of code.properties)
    work.push(property.condition, ...(property.unless === null ? [] : [property.unless]));
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
  for (let root = work.pop(); root !== undefined; root = work.pop()) {
    eachExpression(root, (e) => {
      if (e.kind === 'call' && e.callee.kind === 'direct') reach(e.callee.name, e.loc);
      else if (e.kind === 'function') reach(e.name, e.loc);
    });
  }
  return findings;
}
