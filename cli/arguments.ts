/** Reading command lines: options by table, and errors that say what would have been right. */

import { parseArgs } from 'node:util';
import { didYouMean } from '../core/semantics/nearest.ts';

/** The command line is wrong; `message` says how. Exit code 2. */
export class UsageError extends Error {}

export interface OptionTable {
  /** `text` options take a value, `list` ones may be repeated, `flag` ones take none. */
  readonly [name: string]: 'text' | 'list' | 'flag';
}

export interface Arguments {
  readonly positionals: readonly string[];
  readonly text: (name: string) => string | null;
  readonly list: (name: string) => readonly string[];
  readonly flag: (name: string) => boolean;
}

/** Every command knows `--help`; where there is an `--output`, `-o` is the same. Throws UsageError. */
export function readArguments(args: readonly string[], table: OptionTable): Arguments {
  const known: OptionTable = { ...table, help: 'flag' };
  const options = Object.fromEntries(
    Object.entries(known).map(([name, kind]) => [
      name,
      {
        type: kind === 'flag' ? ('boolean' as const) : ('string' as const),
        multiple: kind === 'list',
        ...(name === 'output' ? { short: 'o' } : {}),
      },
    ]),
  );
  // Checked here and not by parseArgs, whose messages suggest things that do not help.
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    options: { ...options, h: { type: 'boolean' } },
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind === 'option') checkOption(token.name, token.rawName, token.value, known);
  }
  return {
    positionals,
    text: (name) => {
      const value = values[name];
      return typeof value === 'string' ? value : null;
    },
    list: (name) => {
      const value = values[name];
      return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
    },
    flag: (name) => values[name] === true || (name === 'help' && values['h'] === true),
  };
}

/** A whole number of at least `least`; null when the option is not given. */
export function wholeNumber(args: Arguments, name: string, least: number): number | null {
  const text = args.text(name);
  if (text === null) return null;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least) return value;
  throw new UsageError(`--${name} takes a whole number of at least ${least}, not '${text}'`);
}

/** A positive number of seconds, fractions allowed; null when the option is not given. */
export function seconds(args: Arguments, name: string): number | null {
  const text = args.text(name);
  if (text === null) return null;
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value > 0) return value;
  throw new UsageError(`--${name} takes a positive number of seconds, not '${text}'`);
}

export function oneOf<T extends string>(
  args: Arguments,
  name: string,
  values: readonly T[],
  otherwise: T,
): T {
  const text = args.text(name);
  if (text === null) return otherwise;
  const found = values.find((value) => value === text);
  if (found !== undefined) return found;
  throw new UsageError(`--${name} takes ${values.join(' or ')}, not '${text}'${didYouMean(text, values)}`);
}

/** `--option name=value`, repeated: the values asked for, by name. */
export function optionValues(args: Arguments): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const text of args.list('option')) {
    const match = /^([A-Za-z_]\w*)=([\w.-]+)$/.exec(text);
    if (match?.[1] === undefined || match[2] === undefined) {
      throw new UsageError(`--option takes name=value, not '${text}'`);
    }
    found.set(match[1], [...(found.get(match[1]) ?? []), match[2]]);
  }
  return found;
}

function checkOption(name: string, rawName: string, value: string | undefined, table: OptionTable): void {
  const kind = name === 'h' ? 'flag' : Object.hasOwn(table, name) ? table[name] : undefined;
  if (kind === undefined) {
    const known = Object.keys(table).map((option) => `--${option}`);
    throw new UsageError(`there is no option '${rawName}'${didYouMean(rawName, known)}`);
  }
  if (kind === 'flag' && value !== undefined) throw new UsageError(`${rawName} takes no value`);
  if (kind !== 'flag' && (value === undefined || value === ''))
    throw new UsageError(`${rawName} needs a value`);
}
