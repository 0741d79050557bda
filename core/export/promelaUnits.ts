/** Register code as C functions: straight code with labels, one function for each thread's program, `init`, or predicate. */

import type { Instr, IrExpr, Program, ThreadCode } from '../program/ir.ts';
import { conditionText, constantText, valueText } from './promelaExpressions.ts';
import { comment, fragment, pieces } from './promelaText.ts';

/** A site in words, for comments. */
export type SayPlace = (site: number) => string;

/**
 * `static int unitN(int pc)`, which runs from instruction `pc` to the next park or end. Long code stands in several
 * functions `unitN_M`, which tell the number of the instruction to go on with.
 */
export function unitOf(
  program: Program,
  code: ThreadCode,
  unit: number,
  title: string,
  say: SayPlace,
): string {
  const { instrs } = code;
  const targets = new Set([0, ...code.parks.map(({ at }) => at + 1)]);
  for (const instr of instrs) if (instr.op === 'jump' || instr.op === 'branch') targets.add(instr.to);
  const texts = instrs.map((instr, pc) => instrOf(program, code, instr, pc, say));
  const groups = pieces(texts);
  const names = groups.map((_, index) => (groups.length === 1 ? `unit${unit}` : `unit${unit}_${index}`));
  let from = 0;
  const functions = groups.map((group, index) => {
    const to = from + group.length;
    const entries = [...new Set([from, ...targets])].filter((pc) => pc >= from && pc < to);
    const lines = group.flatMap((text, offset) => {
      const pc = from + offset;
      return [...(entries.includes(pc) ? [`i${pc}:`] : []), local(text, from, to)];
    });
    const text = fragment([
      comment(groups.length === 1 ? title : `${title}, part ${index + 1} of ${groups.length}`),
      `static int ${names[index]}(int pc)`,
      '{',
      '\tswitch (pc) {',
      ...entries.sort((a, b) => a - b).map((pc) => `\tcase ${pc}: goto i${pc};`),
      '\t}',
      '\treturn FATAL;',
      ...lines,
      `\t${to < instrs.length ? goTo(to, from, to) : 'return rests(END);'}`,
      '}',
    ]);
    from = to;
    return { text, to };
  });
  const parts = functions.map(({ text }) => text);
  if (groups.length === 1) return parts.join('\n');
  const tests = functions.map(
    ({ to }, index) => `\t\t${index > 0 ? 'else ' : ''}if (pc < ${to}) done = ${names[index]}(pc);`,
  );
  const dispatch = [
    `static int unit${unit}(int pc)`,
    '{',
    '\tint done = FATAL;',
    '\tdo {',
    ...tests,
    '\t\tpc = further;',
    '\t} while (done == GOES_ON);',
    '\treturn done;',
    '}',
  ];
  return [...parts, fragment(dispatch)].join('\n');
}

/** Whether a run from instruction `from` to the next park may come to a `choose`. */
export function mayChoose(code: ThreadCode, from: number): boolean {
  const seen = new Set<number>();
  const ahead = [from];
  for (let pc = ahead.pop(); pc !== undefined; pc = ahead.pop()) {
    const instr = code.instrs[pc];
    if (instr === undefined || seen.has(pc)) continue;
    seen.add(pc);
    if (instr.op === 'choose') return true;
    if (instr.op === 'park' || instr.op === 'end') continue;
    if (instr.op === 'jump' || instr.op === 'branch') ahead.push(instr.to);
    if (instr.op !== 'jump') ahead.push(pc + 1);
  }
  return false;
}

/** Jumps are marked as `<to>`: whether they leave the function is known only when it has been divided. */
function instrOf(program: Program, code: ThreadCode, instr: Instr, pc: number, say: SayPlace): string {
  switch (instr.op) {
    case 'set':
      return `\tr[${instr.reg}] = ${valueText(instr.value)};`;
    case 'load': {
      const { reg, bytes, signed, checked, site } = instr;
      const call = `${checked ? 'load' : 'peek'}(${reg}, ${address(instr.address)}, ${bytes}, ${signed ? 1 : 0}, ${site})`;
      return `\tif (!${call}) return FATAL;\t${comment(say(site))}`;
    }
    case 'store': {
      const { bytes, checked, site } = instr;
      const call = `${checked ? 'store' : 'poke'}(${address(instr.address)}, ${bytes}, ${valueText(instr.value)}, ${site})`;
      return `\tif (!${call}) return FATAL;\t${comment(say(site))}`;
    }
    case 'fill':
      return `\tfill(${address(instr.address)}, ${instr.bytes}, ${instr.initialised ? 1 : 0});`;
    case 'choose':
      return `\tif (!choose(${instr.reg}, ${valueText(instr.low)}, ${valueText(instr.high)})) return blocked(0, origin);`;
    case 'assume':
      return `\tif (!${conditionText(instr.condition)}) return blocked(${valueText(instr.holders)}, ${instr.site});\t${comment(say(instr.site))}`;
    case 'check': {
      const broken = `found(${instr.check}, ${instr.site});`;
      const fatal = program.checks[instr.check]?.fatal ?? true;
      return `\tif (!${conditionText(instr.condition)}) ${fatal ? `{ ${broken} return FATAL; }` : broken}\t${comment(say(instr.site))}`;
    }
    case 'cover':
      return `\tcovers(${instr.point});`;
    case 'jump':
      return `\t${again(pc, instr.to)}<${instr.to}>`;
    case 'branch':
      return `\tif (${conditionText(instr.condition)}) { ${again(pc, instr.to)}<${instr.to}> }`;
    case 'park':
      return `\treturn rests(${instr.park});\t${comment(`rests before: ${say(code.parks[instr.park]?.site ?? 0)}`)}`;
    case 'end':
      return '\treturn rests(END);';
  }
}

/** Going back is counted, so that code which never comes to a step is found out. */
function again(pc: number, to: number): string {
  return to <= pc ? 'if (!again()) return FATAL; ' : '';
}

function local(text: string, from: number, to: number): string {
  return text.replace(
    /<(\d+)>( \})?$/,
    (_, target: string, close = '') => `${goTo(Number(target), from, to)}${close}`,
  );
}

function goTo(target: number, from: number, to: number): string {
  return target >= from && target < to ? `goto i${target};` : `{ further = ${target}; return GOES_ON; }`;
}

function address(expr: IrExpr): string {
  return expr.kind === 'const' ? constantText(expr.value) : valueText(expr);
}
