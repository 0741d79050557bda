/**
 * A variant as a Promela model, for SPIN: the same states and the same steps as the plain graph (`--no-reduction`), and
 * every check.
 *
 * A step of a thread is one d_step (one atomic, where it makes choices) of its process, and runs as embedded C: Promela's
 * own numbers have 32 bits, those of a scenario 64. What SPIN stores of a state is what is one: the memory, where each
 * thread rests, and its live registers. A process `judge`, which never changes anything, looks once at every state.
 */

import { firstSite } from '../machine/interpreter.ts';
import { labelOf } from '../machine/values.ts';
import type { Program, ThreadCode } from '../program/ir.ts';
import type { Loc } from '../semantics/hir.ts';
import { behindCode } from './promelaJudge.ts';
import { beforeCode } from './promelaRuntime.ts';
import { tablesOf, typesOf } from './promelaTables.ts';
import { comment, fragment, plain } from './promelaText.ts';
import { mayChoose, unitOf } from './promelaUnits.ts';

export interface ModelOrigin {
  /** What is shown of the scenario's file and of the variant's options: `a.lockstep`, `fix=none memory_model=sc`. */
  readonly file: string;
  readonly options: string;
  /** A place for a person: `a.lockstep:12`. */
  readonly placeOf: (loc: Loc) => string;
}

export type Model =
  | {
      readonly kind: 'model';
      readonly text: string;
      /** What `-DVECTORSZ=` must be given. */
      readonly vectorBytes: number;
    }
  | { readonly kind: 'refused'; readonly reason: string };

/** Parks are numbered in 16 bits, the last number being the end. */
const MOST_PARKS = 65_535;

export function promelaOf(program: Program, origin: ModelOrigin): Model {
  const units = unitsOf(program);
  if (units.some(({ code }) => code.parks.length >= MOST_PARKS)) {
    return refused(`a thread has ${MOST_PARKS.toLocaleString('en-US')} steps or more`);
  }
  if (program.goals.some(({ circle }) => circle !== undefined)) {
    return refused('it was built with questions of lock rules, which only the search answers');
  }
  const vectorBytes = vectorOf(program);
  const say = (site: number): string => {
    const found = program.sites[site];
    return found === undefined ? 'an unknown place' : `${labelOf(found)} (${origin.placeOf(found.loc)})`;
  };
  const codes = units.map(({ code, title }, unit) => unitOf(program, code, unit, title, say));
  const parts = [
    headerOf(program, origin, vectorBytes),
    typesOf(program, units),
    'c_state "World world" "Global"',
    'c_state "int starts_found" "Hidden" "begin()"',
    tablesOf(program, units, { say, begins: units.map(({ code }) => firstSite(code)) }),
    beforeCode(),
    comment('---- The code of the threads, of init, and of conditions'),
    ...codes,
    dispatchOf(units.length),
    behindCode(),
    processesOf(program),
  ];
  return { kind: 'model', text: `${parts.join('\n\n')}\n`, vectorBytes };
}

/** Code that the model holds as a function: of threads by their number, then init, then the predicates. */
export interface Unit {
  readonly title: string;
  readonly code: ThreadCode;
}

function unitsOf(program: Program): readonly Unit[] {
  const threads = program.codes.map((code, index): Unit => {
    const names = program.threads.filter((thread) => thread.code === index).map(({ name }) => name);
    return { title: `unit ${index}: ${names.join(', ')}`, code };
  });
  const nameOf = (check: number): string => program.checks[check]?.name ?? '';
  const properties = [...program.invariants, ...program.finals].flatMap(({ check, unless, condition }) => [
    ...(unless === null ? [] : [{ title: `the exception of ${nameOf(check)}`, code: unless.code }]),
    { title: `the condition of ${nameOf(check)}`, code: condition.code },
  ]);
  const goals = program.goals.map(({ name, predicate }) => ({ title: `goal ${name}`, code: predicate.code }));
  return [...threads, { title: 'init', code: program.init }, ...properties, ...goals];
}

function refused(reason: string): Model {
  return { kind: 'refused', reason };
}

/** The world, the processes, and what SPIN adds, up to the next 1,024. */
function vectorOf({ memory, threads, codes }: Program): number {
  const registers = threads.reduce((sum, { code }) => sum + (codes[code]?.regs ?? 0), 0);
  const world = memory.imageBytes + 8 * registers + 2 * threads.length;
  return 1024 * Math.ceil((world + 16 * threads.length + 512) / 1024);
}

function headerOf(program: Program, { file, options }: ModelOrigin, vectorBytes: number): string {
  const expectations = program.checked.expectations.map(({ text }) => ` *   ${plain(text)}`);
  return [
    '/*',
    ` * ${plain(`${file}${options === '' ? '' : ` with ${options}`}`)}`,
    ' * Written by lockstep export --to promela.',
    ' *',
    ' *   spin -a FILE',
    ` *   gcc -O2 -DSAFETY -DNOREDUCE -DNOCOMP -DVECTORSZ=${vectorBytes} -o pan pan.c`,
    ' *   ./pan -c0 -m1000000           all that is wrong, and the number of states',
    ' *   ./pan -m1000000; ./pan -r     up to the first error; its steps',
    ' *',
    ' * States: one for each state of the plain graph (lockstep check --no-reduction), and no other. A process has one',
    ' * control state; where its thread rests, and the registers that it still needs, stand in World beside the memory.',
    ' * Steps: one d_step, or one atomic where a step makes choices. A step in which an assume fails is not executable.',
    ' * init and the first local code of the threads run before the search. Each further way to begin is a step of the',
    ' * process begins, from the first one.',
    ' * Checks: the process judge tries all steps of every stored state, and evaluates invariants, finals, deadlock and',
    ' * data races in it. It says what is new in a line lockstep: SEVERITY CHECK SITE NAME: PLACE, and violates an',
    ' * assertion when something of severity error is wrong. A trail ends in the state in which that is so, or from which',
    ' * the step leads that is wrong. A step that ends by a fatal check leads to no state.',
    ' * Not an error, and told in a line of its own: goals (reachable), points covered, threads that end.',
    ...(expectations.length > 0 ? [' * The scenario expects of this variant:', ...expectations] : []),
    ' */',
  ].join('\n');
}

function dispatchOf(units: number): string {
  const cases = Array.from({ length: units }, (_, unit) => `\tcase ${unit}: return unit${unit}(pc);`);
  return fragment([
    'static int run_unit(int unit, int pc)',
    '{',
    '\tswitch (unit) {',
    ...cases,
    '\t}',
    '\treturn FATAL;',
    '}',
  ]);
}

function processesOf(program: Program): string {
  const threads = program.threads.map(({ name, kind, code: index }, thread) => {
    const code = program.codes[index];
    const chooses = code?.parks.some(({ at }) => mayChoose(code, at + 1)) ?? false;
    const take = `outcome(${thread}, now.pick); arrive(${thread});`;
    const body = [
      `\t:: d_step { c_expr { (can_step(${thread})) } -> c_code { arrive(${thread}); } }`,
      ...(chooses ? chooser(`(can_choose(${thread}))`, `outcomes(${thread})`, take) : []),
    ];
    return [comment(`${kind} ${name}`), ...processOf(`T${thread}`, body)].join('\n');
  });
  const begins = mayBegin(program)
    ? [
        processOf(
          'begins',
          chooser(
            '(start_count > 1 && is_first())',
            'start_count',
            'memcpy(&now.world, &starts[now.pick], sizeof(World));',
          ),
        ).join('\n'),
      ]
    : [];
  const judge = processOf('judge', ['\t:: d_step { c_expr { (is_wrong()) } -> assert(false) }']).join('\n');
  const counters = 'int ways, pick;\t/* of the step that is being taken; 0 in every stored state */';
  return [counters, ...threads, ...begins, judge].join('\n\n');
}

/** One of several outcomes, by its number. States inside an atomic are not stored. */
function chooser(guard: string, ways: string, take: string): readonly string[] {
  return [
    '\t:: atomic {',
    `\t\tc_expr { ${guard} } -> c_code { now.ways = ${ways}; };`,
    '\t\tdo',
    '\t\t:: pick + 1 < ways -> pick++',
    '\t\t:: break',
    '\t\tod;',
    `\t\tc_code { ${take} };`,
    '\t\tways = 0; pick = 0',
    '\t   }',
  ];
}

function processOf(name: string, options: readonly string[]): readonly string[] {
  return [`active proctype ${name}()`, '{', 'end:\tdo', ...options, '\tod', '}'];
}

/** Whether there may be more than one way to begin. */
function mayBegin(program: Program): boolean {
  const first = program.threads.some(({ code }) => {
    const found = program.codes[code];
    return found !== undefined && mayChoose(found, 0);
  });
  return first || program.init.instrs.some(({ op }) => op === 'choose');
}
