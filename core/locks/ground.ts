/** What all walks over one variant have in common. */

import type { CheckedProgram, GlobalVariable } from '../semantics/hir.ts';
import { typeName } from '../semantics/typeName.ts';
import { ownVariables } from './own.ts';
import { type Relevance, relevanceOf, Statements } from './relevance.ts';
import { DeclaredRules } from './rules.ts';

export class Ground {
  readonly program: CheckedProgram;
  readonly rules: DeclaredRules;
  /** Per-thread variables that only their own thread writes. */
  readonly own: ReadonlySet<string>;
  readonly relevance: ReadonlyMap<string, Relevance>;
  readonly statements: Statements;
  readonly globals: ReadonlyMap<string, GlobalVariable>;
  /** Functions whose address is taken, by type. */
  readonly addressTaken: ReadonlyMap<string, readonly string[]>;

  constructor(program: CheckedProgram, addressTaken: readonly string[]) {
    this.program = program;
    this.rules = new DeclaredRules(program);
    this.own = ownVariables(program);
    this.relevance = relevanceOf(program, this.own);
    this.statements = new Statements(this.relevance, this.own);
    this.globals = new Map(program.globals.map((each) => [each.name, each]));
    const byType = new Map<string, string[]>();
    for (const name of addressTaken) {
      const fn = program.functions.get(name);
      if (fn === undefined) continue;
      const type = typeName(fn.type);
      byType.set(type, [...(byType.get(type) ?? []), name]);
    }
    this.addressTaken = byType;
  }
}
