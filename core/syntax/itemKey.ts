import type { Item } from './ast.ts';

/** Gives each item of a file a key of its kind and name that is unique and survives edits elsewhere. */
export class ItemKeys {
  private readonly counts = new Map<string, number>();
  private readonly taken = new Set<string>();

  next(item: Item, text: string): string {
    const { name, numbered } = nameOf(item, text);
    const base = name === '' ? item.kind : `${item.kind}:${name}`;
    let count = this.counts.get(base) ?? 0;
    let key: string;
    do {
      key = count === 0 && !numbered && name !== '' ? base : `${base}:${count}`;
      count++;
    } while (this.taken.has(key));
    this.counts.set(base, count);
    this.taken.add(key);
    return key;
  }
}

/** `numbered`: several items of this name are usual, so that the first one carries its number too. */
function nameOf(item: Item, text: string): { readonly name: string; readonly numbered: boolean } {
  switch (item.kind) {
    case 'scenario':
    case 'machine':
    case 'when':
    case 'init':
    case 'expect':
    case 'lock-order':
      return { name: '', numbered: true };
    case 'import':
      return { name: item.path, numbered: false };
    case 'schedule':
    case 'view':
      return { name: item.title, numbered: false };
    case 'profile':
      return { name: item.name, numbered: false };
    case 'variable':
      return { name: item.declarators[0]?.name.text ?? '', numbered: false };
    case 'type':
      return {
        name: item.type.name === null ? '' : `${item.type.tag} ${item.type.name.text}`,
        numbered: false,
      };
    case 'lock-type':
      return { name: text.slice(item.type.start, item.type.end), numbered: false };
    case 'hook':
      return {
        name: `${item.hook}:${item.target?.text ?? text.slice(item.lock?.start ?? 0, item.lock?.end ?? 0)}`,
        numbered: true,
      };
    case 'option':
    case 'setting':
    case 'pool':
    case 'typedef':
    case 'function':
    case 'macro':
    case 'vcpu-state':
    case 'event':
    case 'actor':
    case 'property':
    case 'check':
      return { name: item.name.text, numbered: false };
  }
}
