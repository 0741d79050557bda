/** What a model knows of its scenario as data: memory, places, checks, threads, conditions. */

import { CHOICE_LIMIT } from '../explore/layout.ts';
import type { Invariant, Memory, Park, Program, Region, ThreadCode } from '../program/ir.ts';
import type { Unit } from './promela.ts';
import { constantText, valueText } from './promelaExpressions.ts';
import { comment, fragment, pieces, plain, table } from './promelaText.ts';
import { mayChoose, type SayPlace } from './promelaUnits.ts';
import { standing } from './verdict.ts';

/** The world, which is the state, and the sizes of everything. */
export function typesOf(program: Program, units: readonly Unit[]): string {
  const { memory, threads } = program;
  const registers = threads.reduce((sum, thread) => sum + registersOf(program, thread.code), 0);
  const conditions = units.slice(program.codes.length + 1);
  const sizes = {
    END: 65_535,
    THREADS: threads.length,
    REGISTERS: registers,
    LIVE: liveWords(program),
    INIT: program.codes.length,
    INIT_REGISTERS: Math.max(1, program.init.regs),
    PREDICATE_REGISTERS: Math.max(1, ...conditions.map(({ code }) => code.regs)),
    INIT_PARKS: firstParks(program)[program.codes.length] ?? 0,
    CPU_SITE: program.cpuSite ?? -2,
    CHOICES: CHOICE_LIMIT,
    POINTS: program.points.length,
    CHECKS: program.checks.length,
    SITES: Math.max(1, program.sites.length),
    INVARIANTS: program.invariants.length,
    FINALS: program.finals.length,
    GOALS: program.goals.length,
    MOST_FINDINGS: 2 * threads.length + 8 + Math.max(0, ...units.map(({ code }) => checksIn(code.instrs))),
    NULL_POINTER: program.builtin['null-pointer'],
    USE_AFTER_FREE: program.builtin['use-after-free'],
    OUT_OF_BOUNDS: program.builtin['out-of-bounds'],
    UNINITIALISED_READ: program.builtin['uninitialised-read'],
    DEADLOCK: program.builtin.deadlock,
    DATA_RACE: program.builtin['data-race'],
    RUNAWAY_LOOP: program.builtin['runaway-loop'],
  };
  return [
    'c_decl {',
    'typedef unsigned char u8; typedef unsigned short u16; typedef unsigned int u32; typedef unsigned long long u64;',
    'typedef signed char i8; typedef short i16; typedef int i32; typedef long long i64;',
    'enum {',
    ...Object.entries(sizes).map(([name, size]) => `\t${name} = ${size},`),
    '\tNORMAL = 0, DAEMON = 1, OPTIONAL = 2',
    '};',
    '/* A state. registers: those of each thread, one thread behind the other; a register that is not needed is 0.',
    '   at: the park at which each thread rests, or END. */',
    'typedef struct World {',
    `\tu64 registers[${Math.max(1, registers)}];`,
    `\tu8 memory[${Math.max(8, memory.imageBytes)}];`,
    `\tu16 at[${Math.max(1, threads.length)}];`,
    '} World;',
    '/* Addresses base up to base + 8 granules stand at image and behind; of the last granule only `last` bytes exist. */',
    'typedef struct Run { u64 base; int granules, last, image, alive, marks; } Run;',
    'typedef struct Word { int offset; u8 bytes[8]; } Word;',
    'typedef struct Place { const char *text; } Place;',
    'typedef struct Check { int severity; const char *name; } Check;',
    '/* Where a thread rests. bytes, write, plain: the access that its next step begins with; 0 bytes: none, or a marked one',
    '   that races with nothing. chooses: its next step may make choices. live: the registers that are needed later. */',
    'typedef struct Park { int pc, site, head, bytes, write, plain, chooses; u64 live[LIVE]; } Park;',
    '/* unit: its code. first: of its registers. parks: its first park in the table. begin: place of what goes wrong before. */',
    'typedef struct Thread { const char *name; u64 param; int unit, registers, first, parks, ending, begin; } Thread;',
    'typedef struct Property { int check, site, unless, condition; } Property;',
    '}',
  ].join('\n');
}

export interface Naming {
  readonly say: SayPlace;
  /** For each unit: place of what goes wrong before its first park. */
  readonly begins: readonly number[];
}

export function tablesOf(program: Program, units: readonly Unit[], { say, begins }: Naming): string {
  const runs = runsOf(program.memory);
  const words = wordsOf(program.memory.image);
  const parks = units
    .slice(0, program.codes.length + 1)
    .flatMap(({ code }) => code.parks.map((park) => parkRow(code, park, liveWords(program), say)));
  return [
    fragment([
      `enum { RUNS = ${runs.length}, WORDS = ${words.length}, INIT_ORIGIN = ${begins[program.codes.length] ?? 0} };`,
    ]),
    comment('---- Where everything stands in memory, by address'),
    table('Run', 'runs', runs),
    comment('---- Memory before init, where it is not zero'),
    table('Word', 'words', words),
    comment('---- Places and checks, by the numbers that are told of them'),
    table(
      'Place',
      'sites',
      program.sites.map((_, site) => `{ "${plain(say(site))}" },`),
    ),
    fragment(['static const char *const severities[] = { "error", "warning", "off" };']),
    table(
      'Check',
      'checks',
      program.checks.map((check) => {
        const severity = ['error', 'warning', 'off'].indexOf(standing(program.checked, check).severity);
        return `{ ${severity}, "${plain(check.name)}" },`;
      }),
    ),
    comment('---- Where threads rest, unit by unit'),
    table('Park', 'parks', parks),
    threadsOf(program, begins),
    accessesOf(program),
    propertiesOf(program),
  ].join('\n');
}

function registersOf(program: Program, code: number): number {
  return program.codes[code]?.regs ?? 0;
}

function liveWords(program: Program): number {
  return Math.max(1, ...program.codes.map(({ regs }) => Math.ceil(regs / 64)));
}

/** For each code, and then for init: the number of its first park in the table. */
function firstParks({ codes, init }: Program): readonly number[] {
  let next = 0;
  return [...codes, init].map(({ parks }) => {
    const first = next;
    next += parks.length;
    return first;
  });
}

function checksIn(instrs: readonly { readonly op: string }[]): number {
  return instrs.filter(({ op }) => op === 'check').length;
}

function parkRow(
  code: ThreadCode,
  { at, site, head, access, live }: Park,
  words: number,
  say: SayPlace,
): string {
  const masks = Array.from({ length: words }, (_, word) => {
    const bits = live.filter((reg) => Math.floor(reg / 64) === word);
    return constantText(bits.reduce((mask, reg) => mask | (1n << BigInt(reg % 64)), 0n));
  });
  const races =
    access === null ? '0, 0, 0' : `${access.bytes}, ${access.write ? 1 : 0}, ${access.plain ? 1 : 0}`;
  return `{ ${at}, ${site}, ${head ? 1 : 0}, ${races}, ${mayChoose(code, at + 1) ? 1 : 0}, { ${masks.join(', ')} } },\t${comment(say(site))}`;
}

function threadsOf(program: Program, begins: readonly number[]): string {
  const parks = firstParks(program);
  let first = 0;
  const rows = program.threads.map(({ name, kind, code, param, ending }) => {
    const registers = registersOf(program, code);
    const row = [
      `"${plain(`${kind} ${name}`)}"`,
      constantText(param),
      code,
      registers,
      first,
      parks[code] ?? 0,
      ending.toUpperCase(),
      begins[code] ?? 0,
    ];
    first += registers;
    return `\t{ ${row.join(', ')} },`;
  });
  return fragment(['static const Thread threads[THREADS + 1] = {', ...rows, '\t{ 0 }', '};']);
}

/** The address of a park's access, over the live registers. */
function accessesOf(program: Program): string {
  const cases = program.codes.flatMap(({ parks }, code) =>
    parks.flatMap(({ access }, park) =>
      access === null
        ? []
        : [`\tif (unit == ${code} && park == ${park}) return ${valueText(access.address)};`],
    ),
  );
  const groups = pieces(cases);
  const parts = groups.map((group, index) => {
    const before = index === 0 ? '0' : `access_of_${index - 1}(unit, park)`;
    return fragment([
      `static u64 access_of_${index}(int unit, int park)`,
      '{',
      ...group,
      `\treturn ${before};`,
      '}',
    ]);
  });
  const all = groups.length === 0 ? '0' : `access_of_${groups.length - 1}(unit, park)`;
  return [
    fragment([
      'static u64 *r;\t/* registers of what runs */',
      'static u64 self, param;\t/* its number, and its index in its family */',
    ]),
    ...parts,
    fragment([`static u64 access_of(int unit, int park) { return ${all}; }`]),
  ].join('\n');
}

/** Units of conditions stand behind init, in this order. */
function propertiesOf(program: Program): string {
  let unit = program.codes.length + 1;
  const row = ({ check, site, unless }: Invariant): string => {
    const exception = unless === null ? -1 : unit++;
    return `{ ${check}, ${site}, ${exception}, ${unit++} },\t${comment(program.checks[check]?.name ?? '')}`;
  };
  const invariants = program.invariants.map(row);
  const finals = program.finals.map(row);
  const goals = program.goals.map(() => unit++);
  return [
    table('Property', 'invariants', invariants),
    table('Property', 'finals', finals),
    fragment([`static const int goals[GOALS + 1] = { ${[...goals, 0].join(', ')} };`]),
  ].join('\n');
}

/** Granules that follow each other in addresses and in the image, as one row each. */
function runsOf(memory: Memory): readonly string[] {
  const rows = memory.regions.flatMap((region) => runsIn(region));
  rows.sort((a, b) => (a.base < b.base ? -1 : a.base > b.base ? 1 : 0));
  return rows.map((row) => {
    const { base, granules, last, image, alive, marks, object } = row;
    const name = memory.objects[object]?.name ?? 'nothing';
    return `{ ${constantText(base)}, ${granules}, ${last}, ${image}, ${alive}, ${marks} },\t${comment(name)}`;
  });
}

interface Run {
  readonly base: bigint;
  granules: number;
  /** Bytes of the last granule that exist. */
  last: number;
  readonly image: number;
  readonly alive: number;
  readonly marks: number;
  readonly object: number;
}

function runsIn(region: Region): readonly Run[] {
  const runs: Run[] = [];
  let before: Run | null = null;
  for (let i = 0; i < region.granules; i += 1) {
    const image = region.image[i] ?? -1;
    if (image < 0) {
      before = null;
      continue;
    }
    const alive = region.alive[i] ?? -1;
    const marks = region.marks[i] ?? -1;
    const object = region.object[i] ?? -1;
    const last = region.limit[i] ?? 8;
    const goesOn: boolean =
      before !== null &&
      before.last === 8 &&
      before.object === object &&
      before.alive === alive &&
      before.image + 8 * before.granules === image &&
      (before.marks < 0 ? marks < 0 : before.marks + before.granules === marks);
    if (before !== null && goesOn) {
      before.granules += 1;
      before.last = last;
    } else {
      before = { base: region.base + 8n * BigInt(i), granules: 1, last, image, alive, marks, object };
      runs.push(before);
    }
  }
  return runs;
}

function wordsOf(image: Uint8Array): readonly string[] {
  const rows: string[] = [];
  for (let offset = 0; offset < image.length; offset += 8) {
    const bytes = [...image.subarray(offset, offset + 8)];
    if (bytes.some((byte) => byte !== 0)) rows.push(`{ ${offset}, { ${bytes.join(', ')} } },`);
  }
  return rows;
}
