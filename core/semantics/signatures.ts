/** What of a file matters to other declarations and bodies: everything but the insides of bodies. */

import type { Item } from '../syntax/ast.ts';
import { profileValues } from './options.ts';
import { docAbove, type FileSnapshot, type Project } from './snapshot.ts';

const byFile = new WeakMap<FileSnapshot, string>();

/** One text for each file, behind one for the project itself: equal lists mean equal declarations at equal places. */
export function projectSignature(project: Project): readonly string[] {
  const texts = project.order.map((file) => {
    let text = byFile.get(file);
    if (text === undefined) {
      text = fileSignature(file);
      byFile.set(file, text);
    }
    return text;
  });
  return [profileValues(project).join(' '), ...texts];
}

/** The comment above an item and its text without bodies; empty when nothing can refer to it. */
export function itemSignature(item: Item, text: string, doc: string): string {
  switch (item.kind) {
    case 'scenario':
    case 'import':
    case 'profile':
    case 'init':
    case 'view':
    case 'hook':
    case 'property':
    case 'expect':
    case 'schedule':
    case 'check':
    case 'lock-order':
      return '';
    case 'actor':
      return text.slice(item.start, item.body.start);
    case 'function':
      return `${doc} ${text.slice(item.start, item.body?.start ?? item.end)}${item.body === null ? '' : '{}'}`;
    case 'variable':
    case 'vcpu-state':
      return `${doc} ${text.slice(item.start, item.end)}`;
    default:
      return text.slice(item.start, item.end);
  }
}

function fileSignature(file: FileSnapshot): string {
  const parts = [file.uri];
  for (const placed of file.source.items) {
    const own = nestedSignature(placed.item, placed.text, (start) =>
      docAbove(file.source.text, placed.offset + start),
    );
    if (own !== '') parts.push(placed.key, own);
  }
  return parts.join('\n');
}

/** Places of declarations inside a `when` count from its beginning, so they belong to its signature. */
function nestedSignature(item: Item, text: string, docAt: (start: number) => string): string {
  if (item.kind !== 'when') return itemSignature(item, text, docAt(item.start));
  const inner = item.items.map((each) => `${each.start} ${nestedSignature(each, text, docAt)}`);
  return [text.slice(item.start, item.condition.end), ...inner].join('\n');
}
