/** What all walks over one variant have in common. */

import type { CheckedProgram, GlobalVariable } from '../semantics/hir.ts';
import { typeName } from '../semantics/typeName.ts';
import { lockTypeOf } from './classes.ts';
import type { Context } from './contexts.ts';
import { ownVariables } from './own.ts';
import { isPlain } from './promises.ts';
import { Functions } from './relevance.ts';
import { DeclaredRules } from './rules.ts';
import { identityOf, type Store } from './store.ts';

export class Ground {
  readonly program: CheckedProgram;
  readonly store: Store;
  readonly rules: DeclaredRules;
  /** Per-thread variables that only their own thread writes. */
  readonly own: ReadonlySet<string>;
  readonly functions: Functions;
  readonly globals: ReadonlyMap<string, GlobalVariable>;
  /** Functions whose address is taken, by type. */
  readonly addressTaken: ReadonlyMap<string, readonly string[]>;
  /** By kind of thread and what it has switched off. */
  readonly contexts = new Map<string, Context>();
  /** Equal where the same code in the same state does the same, whatever else differs. */
  readonly identity: number;

  constructor(program: CheckedProgram, addressTaken: readonly string[], store: Store) {
    this.program = program;
    this.store = store;
    this.rules = new DeclaredRules(program);
    this.own = ownVariables(program);
    this.globals = new Map(program.globals.map((each) => [each.name, each]));
    const byType = new Map<string, string[]>();
    for (const name of addressTaken) {
      const fn = program.functions.get(name);
      if (fn === undefined) continue;
      const type = typeName(fn.type);
      byType.set(type, [...(byType.get(type) ?? []), name]);
    }
    this.addressTaken = byType;
    this.functions = new Functions(program, this.own, byType, store);
    this.identity = store.intern(this.signature());
  }

  /** What the walk looks up by name, apart from the functions that a body names. */
  private signature(): string {
    const { program, functions } = this;
    const globals = program.globals.filter(
      ({ constant, init, annotations, type }) =>
        (constant && init !== null) || (annotations.length > 0 && lockTypeOf(type) !== null),
    );
    const structs = program.structs.filter(({ fields }) =>
      fields.some(({ type, annotations }) => annotations.length > 0 && lockTypeOf(type) !== null),
    );
    const primitives: string[] = [];
    for (const fn of program.functions.values()) if (isPlain(fn)) primitives.push(fn.name);
    const asked = ['in_hardirq', 'in_serving_softirq', 'irqs_disabled', 'in_softirq', 'in_interrupt'];
    return [
      [...globals, ...structs].map(identityOf).join(),
      [...this.own].join(),
      [...primitives, ...asked].map((name) => functions.of(name)?.identity ?? 0).join(),
    ].join('\n');
  }
}
