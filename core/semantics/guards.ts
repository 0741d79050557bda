/** Annotations of data that name the lock it is guarded by. */

import type { HirAnnotation, LocalVariable, LValue } from './hir.ts';

export interface Guard {
  readonly annotation: HirAnnotation;
  /** The place that carries the annotation, as shown. */
  readonly what: string;
  /** The object around a field, and the pointer that stands for it in the annotation. */
  readonly object: LValue | null;
  readonly self: LocalVariable | null;
}

/** The annotations of a place and of what it is part of. */
export function guardsOf(place: LValue): Guard[] {
  switch (place.kind) {
    case 'global':
      return place.variable.annotations.map((annotation) => ({
        annotation,
        what: place.variable.name,
        object: null,
        self: null,
      }));
    case 'index':
      return guardsOf(place.array);
    case 'field': {
      const { object } = place;
      const outer = guardsOf(object);
      if (object.type.kind !== 'struct') return outer;
      const struct = object.type;
      const field = struct.fields.find(({ name, anonymous }) => name === place.name && !anonymous);
      // In an anonymous member, the annotation speaks of the object around it.
      const around = object.kind === 'field' && object.name === '' ? object.object : object;
      const self = around.type.kind === 'struct' ? around.type.self : null;
      const own = (field?.annotations ?? []).map((annotation) => ({
        annotation,
        what: `${struct.name}->${place.name}`,
        object: around,
        self,
      }));
      return [...outer, ...own];
    }
    default:
      return [];
  }
}
