import type { Type } from './types.ts';

/** A type as C writes it without a name: `struct page *`, `int[4]`, `void (*)(struct rcu_head *)`. */
export function typeName(type: Type): string {
  return around(type, '');
}

function around(type: Type, inner: string): string {
  switch (type.kind) {
    case 'void':
      return join('void', inner);
    case 'int':
      return join(type.name, inner);
    case 'struct':
      return join(`${type.union ? 'union' : 'struct'} ${type.name}`, inner);
    case 'pointer': {
      const needsParens = type.to.kind === 'array' || type.to.kind === 'function';
      return around(type.to, needsParens ? `(*${inner})` : `*${inner}`);
    }
    case 'array':
      return around(type.of, `${inner}[${type.length}]`);
    case 'function':
      return around(
        type.returns,
        `${inner}(${type.params.length === 0 ? 'void' : type.params.map(typeName).join(', ')})`,
      );
  }
}

function join(base: string, inner: string): string {
  return inner === '' || inner.startsWith('[') ? base + inner : `${base} ${inner}`;
}
