/** Options of a scenario, and the variants that they make. */

import type { OptionItem } from '../syntax/ast.ts';
import { didYouMean } from './nearest.ts';
import type { Project } from './snapshot.ts';

/** One choice of every option. */
export interface Variant {
  readonly options: ReadonlyMap<string, string>;
  readonly memoryModel: 'sc' | 'tso';
  /** As written: `v6.12`. */
  readonly profile: string;
}

export const memoryModels = ['sc', 'tso'] as const;
export const knownProfiles = ['v3.7', 'v5.12', 'v5.17', 'v6.12', 'v6.18'] as const;
export const defaultProfile = 'v6.12';

/** More variants than this are refused rather than checked for hours. */
const variantLimit = 10_000;

export interface DeclaredOption {
  readonly name: string;
  readonly values: readonly string[];
}

/** Options of the scenario and of the files it imports, in order of declaration. */
export function declaredOptions(project: Project): readonly DeclaredOption[] {
  const found = new Map<string, DeclaredOption>();
  for (const item of optionItems(project)) {
    const values = [...new Set(item.values.map((value) => value.text))].filter((value) => value !== '');
    if (item.name.text !== '' && values.length > 0 && !found.has(item.name.text)) {
      found.set(item.name.text, { name: item.name.text, values });
    }
  }
  return [...found.values()];
}

/**
 * Every combination of option values, or those that `filter` leaves; `memory_model` is sc and `profile` what the
 * scenario says unless the filter asks for another. The filter may name only what exists: else `error` says what.
 */
export function variants(
  project: Project,
  filter: Readonly<Record<string, string>> = {},
): { readonly variants: readonly Variant[]; readonly error: string | null } {
  const declared = declaredOptions(project);
  const wanted = new Map(Object.entries(filter));
  const profiles = profileValues(project);
  for (const [name, value] of wanted) {
    const values =
      name === 'memory_model'
        ? memoryModels
        : name === 'profile'
          ? profiles
          : declared.find((each) => each.name === name)?.values;
    if (values === undefined) {
      const names = [...declared.map((each) => each.name), 'memory_model', 'profile'];
      return {
        variants: [],
        error: `there is no option '${name}'${didYouMean(name, names)}; options are ${names.join(', ')}`,
      };
    }
    const known =
      name === 'profile'
        ? values.some((each) => profileKey(each) === profileKey(value))
        : values.some((each) => each === value);
    if (!known) {
      return {
        variants: [],
        error: `option '${name}' has no value '${value}'${didYouMean(value, values)}; values are ${values.join(', ')}`,
      };
    }
  }
  const memoryModel = wanted.get('memory_model') === 'tso' ? 'tso' : 'sc';
  const asked = wanted.get('profile') ?? scenarioProfile(project);
  const profile = profiles.find((each) => profileKey(each) === profileKey(asked)) ?? asked;
  const axes = declared.map((option) => {
    const only = wanted.get(option.name);
    return { name: option.name, values: only === undefined ? option.values : [only] };
  });
  const count = axes.reduce((product, axis) => product * axis.values.length, 1);
  if (count > variantLimit)
    return { variants: [], error: `${count} combinations of options are too many (at most ${variantLimit})` };
  let options: ReadonlyMap<string, string>[] = [new Map()];
  for (const axis of axes) {
    options = options.flatMap((chosen) =>
      axis.values.map((value) => new Map([...chosen, [axis.name, value]])),
    );
  }
  return { variants: options.map((each) => ({ options: each, memoryModel, profile })), error: null };
}

/** A text that is equal for equal variants: `fix=none,mode=read,memory_model=sc,profile=v6.12`. */
export function variantKey(variant: Variant): string {
  const own = [...variant.options].map(([name, value]) => `${name}=${value}`);
  return [...own, `memory_model=${variant.memoryModel}`, `profile=${variant.profile}`].join(',');
}

/** Profiles are compared with dots and dashes as underscores: `v6.12` is `v6_12`. */
export function profileKey(profile: string): string {
  return profile.replace(/[.-]/g, '_');
}

/** The known profiles and the one that the scenario names, oldest first. */
export function profileValues(project: Project): readonly string[] {
  const own = scenarioProfile(project);
  const known: readonly string[] = knownProfiles;
  return known.some((each) => profileKey(each) === profileKey(own)) ? known : [...known, own];
}

function scenarioProfile(project: Project): string {
  for (const file of [...project.order].reverse()) {
    for (const placed of file.source.items) {
      if (placed.item.kind === 'profile' && placed.item.name !== '') return placed.item.name;
    }
  }
  return defaultProfile;
}

function* optionItems(project: Project): Iterable<OptionItem> {
  for (const file of project.order) {
    for (const placed of file.source.items) if (placed.item.kind === 'option') yield placed.item;
  }
}
