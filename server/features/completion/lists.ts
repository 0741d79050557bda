/** Closed lists: checks and codes, settings, actors, labels, annotations, imports, profiles. */

import { CompletionItemKind } from 'vscode-languageserver';
import { annotationNames } from '../../../core/semantics/annotations.ts';
import type { Context } from '../../../core/semantics/context.ts';
import { settingValue } from '../../../core/semantics/declarations.ts';
import { checkNames, labelNames } from '../../../core/semantics/expectations.ts';
import { isLibrary, libraryRoot } from '../../../core/semantics/imports.ts';
import { knownProfiles } from '../../../core/semantics/options.ts';
import type { Project } from '../../../core/semantics/snapshot.ts';
import { eachSyntax } from '../../../core/semantics/syntaxWalk.ts';
import type { Item } from '../../../core/syntax/ast.ts';
import { type Code, codes } from '../../../core/syntax/codes.ts';
import { mark } from './mark.ts';
import { inSnippet, type Offer, ranks } from './offer.ts';

/** Names for `expect` and `check`; `codesOnly`: findings of the lock rules have no names. */
export function checkOffers(project: Project, codesOnly: boolean): Offer[] {
  const entries = Object.entries(codes) as readonly [Code, string][];
  const named = codesOnly ? [] : [...checkNames(project)].filter((name) => name !== mark);
  return [
    ...named.map((label) => ({
      label,
      kind: CompletionItemKind.Event,
      rank: ranks.scenario,
      detail: 'check',
    })),
    ...entries.map(([code, detail]) => ({
      label: code.replace(/-/g, '_'),
      kind: CompletionItemKind.Constant,
      rank: codesOnly && code.startsWith('lock-') ? ranks.scenario : ranks.library,
      detail,
    })),
  ];
}

export function settingOffers({ env }: Context, given: readonly string[], snippets: boolean): Offer[] {
  return [...env.names.values()].flatMap((each) => {
    if (each.kind !== 'setting' || given.includes(each.name)) return [];
    const value = settingValue(env, each);
    const shown = each.values?.[Number(value ?? 0n)] ?? String(value ?? '');
    const insert = snippets ? `${each.name} = \${1:${inSnippet(shown)}};` : `${each.name} = `;
    return [
      {
        label: each.name,
        kind: CompletionItemKind.Property,
        rank: ranks.scenario,
        detail: shown,
        about: { name: each.name },
        insert,
        snippet: snippets,
      },
    ];
  });
}

const lockTypeWords = [
  'writers',
  'readers',
  'wait_type',
  'wait_type_outer',
  'ordered',
  'may_be_freed',
  'kind',
  'recursive_readers',
];

export function lockTypeOffers(): Offer[] {
  return lockTypeWords.map((label) => ({
    label,
    kind: CompletionItemKind.Property,
    rank: ranks.word,
    insert: `${label} = `,
  }));
}

/** Threads by label: `fault[0]`, `fault[1]`, `zap`. */
export function actorOffers({ env }: Context): Offer[] {
  return [...env.actors.values()].flatMap(({ name, item, range, home }) => {
    const offer = (label: string, at: number): Offer => ({
      label,
      kind: CompletionItemKind.Module,
      rank: isLibrary(home.uri) ? ranks.library : ranks.scenario,
      order: `${name}${String(at).padStart(4, '0')}`,
      detail: item.actor,
    });
    if (item.family?.kind !== 'range' || range === null) return [offer(name, 0)];
    const count = Math.min(range.high - range.low + 1, 16);
    return Array.from({ length: count }, (_, index) => offer(`${name}[${range.low + index}]`, index));
  });
}

export function untilOffers(project: Project): Offer[] {
  const words = ['load of', 'store of'];
  return [
    ...[...labelNames(project)].map((label) => ({
      label,
      kind: CompletionItemKind.Reference,
      rank: ranks.scenario,
      detail: 'label',
    })),
    ...words.map((label) => ({
      label,
      kind: CompletionItemKind.Keyword,
      rank: ranks.word,
      insert: `${label} `,
    })),
  ];
}

/** Labels of the function around. */
export function labelOffers(item: Item): Offer[] {
  const labels = new Set<string>();
  eachSyntax(item, (node) => {
    if (node.kind === 'label' && 'body' in node && node.label.text !== mark) labels.add(node.label.text);
  });
  return [...labels].map((label) => ({
    label,
    kind: CompletionItemKind.Reference,
    rank: ranks.local,
    detail: 'label',
  }));
}

export function annotationOffers(on: 'function' | 'variable' | 'field', snippets: boolean): Offer[] {
  return annotationNames(on).map(({ name, params }) => {
    const places = params.map((param, index) => `\${${index + 1}:${inSnippet(param)}}`);
    const insert = params.length === 0 ? name : snippets ? `${name}(${places.join(', ')})` : name;
    return {
      label: name,
      kind: CompletionItemKind.Keyword,
      rank: ranks.wanted,
      insert,
      snippet: snippets && params.length > 0,
      detail: params.length === 0 ? 'annotation' : `annotation (${params.join(', ')})`,
    };
  });
}

export function profileOffers(): Offer[] {
  return knownProfiles.map((label, index) => ({
    label,
    kind: CompletionItemKind.Value,
    rank: ranks.word,
    order: String(index),
  }));
}

/** `files`: other files of the workspace; `from` is the one that imports. */
export function importOffers(
  from: string,
  libraryPaths: readonly string[],
  files: readonly string[],
  imported: readonly string[],
): Offer[] {
  const own = files.filter((each) => each !== from).map((each) => relativePath(from, each));
  const paths = [...own.filter((each) => each !== null), ...libraryPaths];
  return paths
    .filter((path) => !imported.includes(path))
    .map((label) => ({
      label,
      kind: CompletionItemKind.File,
      rank: label.startsWith('.') ? ranks.scenario : ranks.library,
    }));
}

/** `./common`, `../locks/mine`; null for a file of another place. */
function relativePath(from: string, to: string): string | null {
  if (to.startsWith(libraryRoot)) return null;
  const here = from.split('/').slice(0, -1);
  const there = to.replace(/\.lockstep$/, '').split('/');
  let same = 0;
  while (same < here.length && here[same] === there[same]) same++;
  // `file:`, an empty authority, and nothing else in common.
  if (same < 3) return null;
  const up = here.length - same;
  return `${up === 0 ? './' : '../'.repeat(up)}${there.slice(same).map(decoded).join('/')}`;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
