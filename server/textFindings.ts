/** Syntax, names and types of all variants, as they are shown in one file. */

import { mergeDiagnostics } from '../core/semantics/findings.ts';
import { resolveImport } from '../core/semantics/imports.ts';
import type { Diagnostic, FileRange } from '../core/syntax/diagnostic.ts';
import { groupsOf } from './groups.ts';
import type { Scene } from './scene.ts';
import type { Shown } from './shown.ts';

/**
 * `lists`: what `scene` says of each of its variants. What is wrong in an imported file is shown at the import, with
 * the place itself as related information.
 */
export function textFindings(scene: Scene, uri: string, lists: readonly (readonly Diagnostic[])[]): Shown[] {
  const all = mergeDiagnostics(scene.project, lists.length > 0 ? lists : [scene.project.diagnostics]);
  const own = all.filter(({ at }) => at.uri === uri).map((each) => shown(each, each.at));
  if (uri !== scene.uri) return own;
  const elsewhere = groupsOf(
    all.filter(({ at }) => at.uri !== uri),
    ({ at }) => at.uri,
  );
  return [
    ...own,
    ...[...elsewhere].flatMap(([other, diagnostics]) => {
      const [first] = diagnostics;
      if (first === undefined) return [];
      const more = diagnostics.length > 1 ? ` (and ${diagnostics.length - 1} more)` : '';
      const message = `an imported file has errors: ${first.message}${more}`;
      const related = diagnostics.slice(0, 10).map(({ message: text, at }) => ({ message: text, at }));
      return [shown({ ...first, message, related }, importOf(scene, other))];
    }),
    ...(scene.error === null ? [] : [manyVariants(scene, scene.error)]),
  ];
}

function shown({ code, severity, message, related }: Diagnostic, at: FileRange): Shown {
  return { code, severity, message, at, related, kind: 'text', variants: [], fixes: [] };
}

function manyVariants(scene: Scene, message: string): Shown {
  return shown(
    { code: 'bad-option', severity: 'error', message, at: titleOf(scene), related: [] },
    titleOf(scene),
  );
}

/** The import of the scene's own file that leads to another file, directly or not; its title for what none leads to. */
function importOf(scene: Scene, wanted: string): FileRange {
  const { project, file, root } = scene;
  for (const { path, start, end } of file.imports) {
    const target = resolveImport(path, file.uri, root);
    if (target.kind !== 'file') continue;
    const reached = new Set([target.uri]);
    for (const each of reached) {
      for (const { path: next } of project.files.get(each)?.imports ?? []) {
        const found = resolveImport(next, each, root);
        if (found.kind === 'file') reached.add(found.uri);
      }
    }
    if (reached.has(wanted)) return { uri: file.uri, start, end };
  }
  return titleOf(scene);
}

/** The `scenario` line; the beginning of a file without one. */
export function titleOf({ file }: Scene): FileRange {
  const title = file.source.items.find(({ item }) => item.kind === 'scenario');
  if (title === undefined) return { uri: file.uri, start: 0, end: 0 };
  return { uri: file.uri, start: title.offset + title.item.start, end: title.offset + title.item.end };
}
