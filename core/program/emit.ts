/** Writing the code of one thread: registers, labels, parks. Jumps name labels until `optimise` resolves them. */

import type { Frame, FrameVariable, Instr, IrExpr, Park, Reg } from './ir.ts';
import { register } from './expr.ts';

/** Identity is the object; `at` is the index of the instruction it stands before. */
export interface Label {
  readonly id: number;
  at: number;
}

export interface DraftPark {
  at: number;
  readonly site: number;
  readonly frame: number;
  readonly access: Park['access'];
}

/** Instructions as written: jumps go to label ids. */
export interface Draft {
  readonly instrs: Instr[];
  readonly parks: DraftPark[];
  readonly labels: Label[];
  /** `name:` in the source at this instruction; the parks that it leads to carry the name. */
  readonly names: { readonly at: number; readonly name: string }[];
  /** Loop heads of a daemon or optional interrupt. */
  readonly heads: number[];
  regs: number;
  /** Registers that only say whether a local was written: 0 or 1. */
  readonly flags: Set<Reg>;
  /** Registers that are not temporaries: they change. */
  readonly variables: Set<Reg>;
}

export class Emitter {
  readonly draft: Draft = {
    instrs: [],
    parks: [],
    labels: [],
    names: [],
    heads: [],
    regs: 1,
    flags: new Set(),
    variables: new Set(),
  };

  /** A register that is written once per execution of its `set` or `load`. Register 0 is the answer of a predicate. */
  temporary(): Reg {
    return this.draft.regs++;
  }

  variable(): Reg {
    const reg = this.draft.regs++;
    this.draft.variables.add(reg);
    return reg;
  }

  flag(): Reg {
    const reg = this.variable();
    this.draft.flags.add(reg);
    return reg;
  }

  emit(instr: Instr): void {
    this.draft.instrs.push(instr);
  }

  set(reg: Reg, value: IrExpr): void {
    this.emit({ op: 'set', reg, value });
  }

  label(): Label {
    const label = { id: this.draft.labels.length, at: -1 };
    this.draft.labels.push(label);
    return label;
  }

  place(label: Label): void {
    label.at = this.draft.instrs.length;
  }

  jump(label: Label): void {
    this.emit({ op: 'jump', to: label.id });
  }

  /** Goes to the label when the condition is not zero. */
  branch(condition: IrExpr, label: Label): void {
    if (condition.kind === 'const') {
      if (condition.value !== 0n) this.jump(label);
    } else {
      this.emit({ op: 'branch', condition, to: label.id });
    }
  }

  park(site: number, frame: number, access: Park['access']): void {
    this.draft.parks.push({ at: this.draft.instrs.length, site, frame, access });
    this.emit({ op: 'park', park: this.draft.parks.length - 1 });
  }

  /** The value in a form that no later instruction changes and that is cheap to use twice. */
  stable(value: IrExpr): IrExpr {
    if (value.kind === 'const' || value.kind === 'self' || value.kind === 'param') return value;
    if (value.kind === 'reg' && !this.draft.variables.has(value.reg)) return value;
    if (
      value.kind === 'binary' &&
      value.b.kind === 'const' &&
      (value.a.kind === 'param' ||
        value.a.kind === 'self' ||
        (value.a.kind === 'reg' && !this.draft.variables.has(value.a.reg)))
    ) {
      return value;
    }
    const reg = this.temporary();
    this.set(reg, value);
    return register(reg);
  }
}

/** Frames of all code of a program, for call stacks. */
export interface DraftFrame extends Frame {
  readonly variables: FrameVariable[];
}
