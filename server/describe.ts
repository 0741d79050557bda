/** How declarations are written for people: as C, with the comment above them and the file they are in. */

import type { AnyDeclaration } from '../core/semantics/environment.ts';
import { importName } from '../core/semantics/imports.ts';
import { docAbove, type FileSnapshot, type Project } from '../core/semantics/snapshot.ts';
import { typeName } from '../core/semantics/typeName.ts';
import type { Type } from '../core/semantics/types.ts';

/** Longer ones are cut. */
const longest = 600;

/** `static void f(struct page *p) __must_hold(&p->lock)`, `spinlock_t lock`, `option fix = { none, spinlock }`. */
export function declarationText(declaration: AnyDeclaration): string {
  switch (declaration.kind) {
    case 'function': {
      const { item, home } = declaration;
      return inLine(home.text.slice(item.start, item.body?.start ?? item.end)).replace(/;$/, '');
    }
    case 'macro':
    case 'typedef':
    case 'setting':
    case 'vcpu-state':
    case 'event':
    case 'pool':
      return cut(declaration.home.text.slice(declaration.item.start, declaration.item.end).trim()).replace(
        /;$/,
        '',
      );
    case 'variable': {
      const { item, declarator, name, variable, home } = declaration;
      const words = [item.ghost ? 'ghost' : '', item.isStatic ? 'static' : '', item.isConst ? 'const' : ''];
      const front = words.filter((word) => word !== '').join(' ');
      const type =
        variable === null ? inLine(home.text.slice(declarator.type.start, declarator.type.end)) : '';
      const annotations = declarator.annotations.map(
        ({ start, end }) => ` ${inLine(home.text.slice(start, end))}`,
      );
      const typed = variable === null ? `${type} ${name}` : withName(variable.type, name);
      return `${front}${front === '' ? '' : ' '}${typed}${annotations.join('')}`;
    }
    case 'option':
      return `option ${declaration.name} = { ${declaration.values.join(', ')} }`;
    case 'enumerator': {
      const value = declaration.of.values.get(declaration.name);
      return `${enumName(declaration.of.name)} ${declaration.name}${value === undefined ? '' : ` = ${value}`}`;
    }
    case 'predefined':
      return `${declaration.name} = ${declaration.value}`;
    case 'struct':
      return `${declaration.type.union ? 'union' : 'struct'} ${declaration.name}`;
    case 'enum':
      return enumName(declaration.name);
  }
}

function enumName(name: string): string {
  return name.startsWith('<') || name === '' ? 'enum' : `enum ${name}`;
}

/** `struct page *p`, `int a[4]`, `void (*f)(int)`. */
export function withName(type: Type, name: string): string {
  let around = name;
  let inner = type;
  for (;;) {
    if (inner.kind === 'pointer') {
      around = inner.to.kind === 'array' || inner.to.kind === 'function' ? `(*${around})` : `*${around}`;
      inner = inner.to;
    } else if (inner.kind === 'array') {
      around = `${around}[${inner.length}]`;
      inner = inner.of;
    } else if (inner.kind === 'function') {
      around = `${around}(${inner.params.length === 0 ? 'void' : inner.params.map(typeName).join(', ')})`;
      inner = inner.returns;
    } else return `${typeName(inner)} ${around}`;
  }
}

/** The comment above a declaration; empty when there is none. */
export function docOf(project: Project, declaration: AnyDeclaration): string {
  const file = project.files.get(declaration.home.uri);
  const placed = file?.items.get(declaration.home.item);
  if (file === undefined || placed === undefined) return '';
  const start = 'item' in declaration ? declaration.item.start : declaration.loc.start;
  return docAt(file, placed.offset + start);
}

/** The comment above the line of `offset`, or behind it on the same line. */
export function docAt({ source: { text } }: FileSnapshot, offset: number): string {
  const line = text.lastIndexOf('\n', offset - 1) + 1;
  const above = docAbove(text, line);
  if (above !== '') return above;
  const end = text.indexOf('\n', offset);
  const behind = /(?:\/\/+|\/\*+)\s*(.*?)\s*(?:\*\/)?\s*$/.exec(
    text.slice(offset, end < 0 ? undefined : end),
  );
  return behind?.[1] ?? '';
}

/** `linux/list`, or the last part of another file's name. */
export function fileLabel(uri: string): string {
  const name = importName(uri);
  return name === uri ? uri.slice(uri.lastIndexOf('/') + 1) : name;
}

export function inLine(text: string): string {
  return cut(text.replace(/\\\n/g, ' ').replace(/\s+/g, ' ').trim());
}

function cut(text: string): string {
  return text.length <= longest ? text : `${text.slice(0, longest)} …`;
}
