/** Names that an expression, a type or a header may contain. */

import { CompletionItemKind } from 'vscode-languageserver';
import type { Context } from '../../../core/semantics/context.ts';
import { baseTypes } from '../../../core/semantics/conversions.ts';
import type { Declaration } from '../../../core/semantics/environment.ts';
import { isLibrary } from '../../../core/semantics/imports.ts';
import { intrinsicNames } from '../../../core/semantics/intrinsics.ts';
import { intrinsicText } from '../../../core/semantics/intrinsicTexts.ts';
import { typeName } from '../../../core/semantics/typeName.ts';
import type { Type } from '../../../core/semantics/types.ts';
import { inLine } from '../../describe.ts';
import { inSnippet, type Offer, ranks } from './offer.ts';
import type { Wanted } from './wanted.ts';

export interface NameSite {
  readonly cx: Context;
  /** The file that is being edited. */
  readonly uri: string;
  /** What is typed of the word. */
  readonly typed: string;
  /** Calls get placeholders; otherwise only the name is inserted. */
  readonly snippets: boolean;
  /** A parenthesis follows already. */
  readonly called: boolean;
  /** Where a statement begins. */
  readonly statement: boolean;
  /** Details are looked up when they are asked for. */
  readonly lazy: boolean;
}

export function expressionNames(site: NameSite, wanted: Wanted): Offer[] {
  return [...valuesWanted(wanted), ...locals(site, wanted), ...globals(site, wanted), ...intrinsics(site)];
}

/** Values of the option, setting or enum that is compared with. */
function valuesWanted(wanted: Wanted): Offer[] {
  if (wanted.kind !== 'values') return [];
  return wanted.values.map((label, index) => ({
    label,
    kind: CompletionItemKind.EnumMember,
    rank: ranks.wanted,
    order: String(index).padStart(4, '0'),
    detail: wanted.of,
  }));
}

function locals({ cx }: NameSite, wanted: Wanted): Offer[] {
  const found: Offer[] = [];
  for (const name of new Set(cx.scope.names(null))) {
    const entry = cx.scope.find(name, null);
    const variable = entry?.kind === 'local' || entry?.kind === 'static' ? entry.variable : null;
    const fits = variable !== null && isOf(wanted, variable.type);
    found.push({
      label: name,
      kind: entry?.kind === 'member' ? CompletionItemKind.Field : CompletionItemKind.Variable,
      rank: fits ? ranks.wanted : ranks.local,
      ...(variable === null ? {} : { detail: typeName(variable.type) }),
    });
  }
  return found;
}

function isOf(wanted: Wanted, type: Type): boolean {
  if (wanted.kind !== 'type') return false;
  // Nearly everything is an integer: that a number is wanted says nothing.
  return wanted.type.kind !== 'int' && typeName(wanted.type) === typeName(type);
}

function globals(site: NameSite, wanted: Wanted): Offer[] {
  const found: Offer[] = [];
  const taken = wanted.kind === 'values' ? new Set(wanted.values) : null;
  for (const declaration of site.cx.env.names.values()) {
    if (declaration.kind === 'typedef' && !site.statement) continue;
    if (isHidden(site, declaration) || taken?.has(declaration.name) === true) continue;
    if (site.cx.scope.find(declaration.name, null) !== null) continue;
    found.push(offerOf(site, declaration, wanted));
  }
  return found;
}

/** Names with two underscores are the library's own, until one is being typed. */
function isHidden({ typed }: NameSite, { name, home }: Declaration): boolean {
  return name.startsWith('__') && !typed.startsWith('_') && isLibrary(home.uri);
}

function offerOf(site: NameSite, declaration: Declaration, wanted: Wanted): Offer {
  const { name } = declaration;
  const about = { name };
  const rank = rankOf(site, declaration);
  switch (declaration.kind) {
    case 'function': {
      const { params, returns } = declaration.item;
      const names = params.flatMap((param) => (param.name === null ? [] : [param.name.text]));
      const fits = declaration.type !== null && isOf(wanted, declaration.type.returns);
      const { text } = declaration.home;
      const detail = (): string => {
        const listed = params.map(({ start, end }) => inLine(text.slice(start, end))).join(', ');
        return `${inLine(text.slice(returns.start, returns.end))} (${listed === '' ? 'void' : listed})`;
      };
      return {
        label: name,
        kind: CompletionItemKind.Function,
        rank: fits ? ranks.wanted : rank,
        about,
        ...(site.lazy && isLibrary(declaration.home.uri) ? {} : { detail: detail() }),
        ...call(site, name, names),
      };
    }
    case 'macro': {
      const { params, body } = declaration.item;
      if (params === null) return { label: name, kind: CompletionItemKind.Constant, rank, about };
      const tail = site.statement && body.kind === 'loop-head' ? ' {\n\t$0\n}' : '';
      return {
        label: name,
        kind: CompletionItemKind.Function,
        rank,
        about,
        ...(site.lazy ? {} : { detail: `macro (${params.map(({ text }) => text).join(', ')})` }),
        ...call(
          site,
          name,
          params.map(({ text }) => text),
          tail,
        ),
      };
    }
    case 'variable':
    case 'vcpu-state': {
      const type = declaration.variable?.type;
      const fits = type !== undefined && isOf(wanted, type);
      return {
        label: name,
        kind: CompletionItemKind.Variable,
        rank: fits ? ranks.wanted : rank,
        about,
        ...(type === undefined ? {} : { detail: typeName(type) }),
      };
    }
    case 'pool':
      return { label: name, kind: CompletionItemKind.Variable, rank, about, detail: 'pool' };
    case 'option':
      return {
        label: name,
        kind: CompletionItemKind.Enum,
        rank,
        about,
        detail: `option: ${declaration.values.join(', ')}`,
      };
    case 'setting':
      return { label: name, kind: CompletionItemKind.Constant, rank, about, detail: 'setting' };
    case 'enumerator':
      return { label: name, kind: CompletionItemKind.EnumMember, rank, about };
    case 'predefined':
      return { label: name, kind: CompletionItemKind.Constant, rank };
    case 'typedef':
      return { label: name, kind: CompletionItemKind.Class, rank, about };
  }
}

/** What every scenario has: its home is the scenario, too. */
const given: ReadonlySet<string> = new Set(['memory_model', 'profile']);

function rankOf({ uri }: NameSite, { home, kind, name }: Declaration): number {
  if (kind === 'predefined' || given.has(name)) return ranks.library;
  if (home.uri === uri) return ranks.scenario;
  return isLibrary(home.uri) ? ranks.library : ranks.imported;
}

/** A call with a placeholder for each argument. */
function call(
  { snippets, called }: NameSite,
  name: string,
  params: readonly string[],
  tail = '',
): { readonly insert?: string; readonly snippet?: boolean } {
  if (!snippets || called) return {};
  const places = params.map((param, index) => `\${${index + 1}:${inSnippet(param)}}`);
  return { insert: `${inSnippet(name)}(${places.join(', ')})${tail}`, snippet: true };
}

function intrinsics(site: NameSite): Offer[] {
  const found: Offer[] = [];
  for (const name of intrinsicNames()) {
    const text = intrinsicText(name);
    if (text === null || (name.startsWith('__') && !site.typed.startsWith('_'))) continue;
    // A name for the check is optional.
    const params = text.params.filter((param) => !param.startsWith('"'));
    found.push({
      label: name,
      kind: CompletionItemKind.Function,
      rank: ranks.library,
      detail: text.signature,
      documentation: text.doc,
      ...call(site, name, params),
    });
  }
  return found;
}

/** Typedefs and base types. */
export function typeNames(site: NameSite): Offer[] {
  const declared = [...site.cx.env.names.values()].filter(
    (each) => each.kind === 'typedef' && !isHidden(site, each),
  );
  const words = ['struct', 'union', 'enum', 'const', 'unsigned', 'void'];
  return [
    ...declared.map((each) => ({
      label: each.name,
      kind: CompletionItemKind.Class,
      rank: rankOf(site, each),
      about: { name: each.name },
    })),
    ...[...new Set([...baseTypes.keys(), ...words])]
      .filter((label) => !label.includes(' '))
      .map((label) => ({ label, kind: CompletionItemKind.Keyword, rank: ranks.word })),
  ];
}

/** Names of structs, unions or enums behind their keyword. */
export function tagNames(site: NameSite, tag: 'struct' | 'union' | 'enum'): Offer[] {
  const { structs, enums } = site.cx.env;
  const found =
    tag === 'enum'
      ? [...enums.values()]
      : [...structs.values()].filter(({ type }) => type.union === (tag === 'union'));
  return found
    .filter(({ name }) => !name.startsWith('<') && (!name.startsWith('__') || site.typed.startsWith('_')))
    .map(({ name, home }) => ({
      label: name,
      kind: tag === 'enum' ? CompletionItemKind.Enum : CompletionItemKind.Struct,
      rank: home.uri === site.uri ? ranks.scenario : ranks.library,
      about: { name: `${tag} ${name}` },
    }));
}

/** Functions that a hook can speak of. */
export function functionNames(site: NameSite): Offer[] {
  return [...site.cx.env.names.values()].flatMap((each) =>
    each.kind === 'function' && !isHidden(site, each)
      ? [
          {
            label: each.name,
            kind: CompletionItemKind.Function,
            rank: rankOf(site, each),
            about: { name: each.name },
          },
        ]
      : [],
  );
}

export function eventNames(site: NameSite): Offer[] {
  return [...site.cx.env.events.values()].map(({ name, item }) => ({
    label: name,
    kind: CompletionItemKind.Event,
    rank: ranks.scenario,
    about: { name: `event ${name}` },
    ...call(
      site,
      name,
      item.params.flatMap((param) => (param.name === null ? [] : [param.name.text])),
    ),
  }));
}
