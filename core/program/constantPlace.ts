/** Where a place stands that no run can move: globals, pool objects, and members and elements of these. */

import type { Expr, LValue } from '../semantics/hir.ts';
import { sizeOf } from '../semantics/types.ts';
import type { Memory, MemoryObject } from './ir.ts';

/** null: the place depends on the state, or nothing of it is laid out because no code reaches it. */
export function constantPlace(
  memory: Memory,
  place: LValue,
): { readonly address: bigint; readonly bytes: number } | null {
  const address = addressOf(memory, place);
  return address === null ? null : { address, bytes: sizeOf(place.type) };
}

function addressOf(memory: Memory, place: LValue): bigint | null {
  switch (place.kind) {
    case 'global':
      return objectNamed(memory, 'global', place.variable.name);
    case 'pool':
      return objectNamed(memory, 'pool', `${place.pool.name}[0]`);
    case 'field':
      return sum(addressOf(memory, place.object), BigInt(place.offset));
    case 'index': {
      const index = constant(memory, place.index);
      if (index === null) return null;
      // Objects of a pool need not lie side by side.
      if (place.array.kind === 'pool')
        return objectNamed(memory, 'pool', `${place.array.pool.name}[${index}]`);
      return sum(addressOf(memory, place.array), index * BigInt(sizeOf(place.type)));
    }
    case 'deref':
      return constant(memory, place.pointer);
    case 'local':
    case 'temporary':
      return null;
  }
}

function constant(memory: Memory, value: Expr): bigint | null {
  switch (value.kind) {
    case 'constant':
      return value.value;
    case 'address':
      return addressOf(memory, value.place);
    case 'convert':
      return constant(memory, value.value);
    case 'binary':
      return value.op === 'add' ? sum(constant(memory, value.left), constant(memory, value.right)) : null;
    default:
      return null;
  }
}

function objectNamed(memory: Memory, kind: MemoryObject['kind'], name: string): bigint | null {
  return memory.objects.find((object) => object.kind === kind && object.name === name)?.address ?? null;
}

function sum(a: bigint | null, b: bigint | null): bigint | null {
  return a === null || b === null ? null : a + b;
}
