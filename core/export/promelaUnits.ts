/** Register code as C functions: straight code with labels, one function for each thread's program, `init`, or predicate. */

import { describeAddress } from '../machine/memory.ts';
import type { Instr, Program, ThreadCode } from '../program/ir.ts';
import { conditionText, valueText } from './promelaExpressions.ts';
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
  const parts = partsOf(pieces(linesOf(program, code, say)));
  const partOf = (pc: number): Part | undefined => parts.find(({ from, to }) => pc >= from && pc < to);
  const entered = new Set([0, ...code.parks.map(({ at }) => at + 1), ...parts.map(({ from }) => from)]);
  const labelled = new Set(entered);
  instrs.forEach((instr, pc) => {
    if (instr.op !== 'jump' && instr.op !== 'branch') return;
    labelled.add(instr.to);
    if (partOf(instr.to) !== partOf(pc)) entered.add(instr.to);
  });
  const names = parts.map((_, index) => (parts.length === 1 ? `unit${unit}` : `unit${unit}_${index}`));
  const functions = parts.map(({ from, to, lines }, index) => {
    const entries = [...entered].filter((pc) => pc >= from && pc < to).sort((x, y) => x - y);
    const body = lines.flatMap((line, offset) => {
      const pc = from + offset;
      return [...(labelled.has(pc) ? [`i${pc}:`] : []), ...(line === '' ? [] : [local(line, from, to)])];
    });
    return fragment([
      comment(parts.length === 1 ? title : `${title}, part ${index + 1} of ${parts.length}`),
      `static int ${names[index]}(int pc)`,
      '{',
      '\tswitch (pc) {',
      ...entries.map((pc) => `\tcase ${pc}: goto i${pc};`),
      '\t}',
      '\treturn FATAL;',
      ...body,
      `\t${to < instrs.length ? goTo(to, from, to) : 'return rests(END);'}`,
      '}',
    ]);
  });
  if (parts.length === 1) return functions.join('\n');
  const tests = parts.map(
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
  return [...functions, fragment(dispatch)].join('\n');
}

/** Instructions `from` up to `to`, as one function. */
interface Part {
  readonly from: number;
  readonly to: number;
  readonly lines: readonly string[];
}

function partsOf(groups: readonly (readonly string[])[]): readonly Part[] {
  let from = 0;
  return groups.map((lines) => {
    const part = { from, to: from + lines.length, lines };
    from = part.to;
    return part;
  });
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

/**
 * The lines of all instructions, one each; blank where there is nothing to do. Jumps are marked as `<to>`: whether they
 * leave the function is known only when it has been divided. A place is named where it differs from that of the line before.
 */
function linesOf(program: Program, code: ThreadCode, say: SayPlace): readonly string[] {
  let before = '';
  return code.instrs.map((instr, pc) => {
    const text = instrOf(program, instr, pc);
    const about = aboutOf(program, code, instr, say);
    const same = about === null || about === before;
    before = about ?? before;
    return same ? text : `${text}\t${comment(about)}`;
  });
}

function aboutOf(program: Program, code: ThreadCode, instr: Instr, say: SayPlace): string | null {
  if (instr.op === 'park') return `rests before ${say(code.parks[instr.park]?.site ?? 0)}`;
  if (!('site' in instr)) return null;
  if (!('address' in instr) || instr.address.kind !== 'const') return say(instr.site);
  const address = BigInt.asUintN(64, instr.address.value);
  return `${describeAddress(program.memory, address)} in ${say(instr.site)}`;
}

function instrOf(program: Program, instr: Instr, pc: number): string {
  switch (instr.op) {
    case 'set':
      if (instr.value.kind === 'reg' && instr.value.reg === instr.reg) return '';
      return `\tr[${instr.reg}] = ${valueText(instr.value)};`;
    case 'load': {
      const { reg, bytes, signed, checked, site, address } = instr;
      const how = !checked ? 'peek' : instr.unwritten === true ? 'load_unwritten' : 'load';
      const call = `${how}(${reg}, ${valueText(address)}, ${bytes}, ${signed ? 1 : 0}, ${site})`;
      return `\tif (!${call}) return FATAL;`;
    }
    case 'store': {
      const { bytes, checked, site, address, value } = instr;
      const call = `${checked ? 'store' : 'poke'}(${valueText(address)}, ${bytes}, ${valueText(value)}, ${site})`;
      return `\tif (!${call}) return FATAL;`;
    }
    case 'fill':
      return `\tfill(${valueText(instr.address)}, ${instr.bytes}, ${instr.initialised ? 1 : 0});`;
    case 'choose':
      return `\tif (!choose(${instr.reg}, ${valueText(instr.low)}, ${valueText(instr.high)})) return blocked(0, origin);`;
    case 'assume':
      return `\tif (!${conditionText(instr.condition)}) return blocked(${valueText(instr.holders)}, ${instr.site});`;
    case 'check': {
      const broken = `found(${instr.check}, ${instr.site});`;
      const fatal = program.checks[instr.check]?.fatal ?? true;
      return `\tif (!${conditionText(instr.condition)}) ${fatal ? `{ ${broken} return FATAL; }` : broken}`;
    }
    case 'cover':
      return `\tcovers(${instr.point});`;
    case 'jump':
      return `\t${again(pc, instr.to)}<${instr.to}>`;
    case 'branch':
      return `\tif ${inParentheses(conditionText(instr.condition))} { ${again(pc, instr.to)}<${instr.to}> }`;
    case 'park':
      return `\treturn rests(${instr.park});`;
    case 'end':
      return '\treturn rests(END);';
  }
}

/** Once, and not twice where the whole text stands in them already. */
function inParentheses(text: string): string {
  let depth = 0;
  for (const [index, char] of [...text].entries()) {
    if (char === '(') depth += 1;
    if (char === ')') depth -= 1;
    if (depth === 0 && index < text.length - 1) return `(${text})`;
  }
  return text;
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
