/** A memory image for objects given by name and size. */

import type { Memory, MemoryObject, Region } from '../../core/program/ir.ts';
import type { ObjectSpec } from './builder.ts';

/** Objects with an address of their own get a region of their own; the others share one from 0x1000, with a hole of 8 bytes between them. */
export function layOut(specs: readonly ObjectSpec[]): Memory {
  const all: ObjectSpec[] = specs.flatMap((spec): ObjectSpec[] =>
    spec.alive === undefined
      ? [spec]
      : [spec, { name: `${spec.name}.alive`, bytes: 1, initial: [spec.alive ? 1 : 0] }],
  );
  const objects: MemoryObject[] = [];
  const imageAt: number[] = [];
  let image = 0;
  let next = 0x1000n;
  for (const spec of all) {
    const granules = Math.ceil(spec.bytes / 8);
    const address = spec.address ?? next;
    if (spec.address === undefined) next += BigInt(granules * 8 + 8);
    objects.push({
      name: spec.name,
      type: {
        kind: 'array',
        of: { kind: 'int', bits: 8, signed: false, bool: false, name: 'u8', enumerators: null },
        length: spec.bytes,
      },
      address,
      bytes: spec.bytes,
      ghost: false,
      kind: spec.name.endsWith('.alive') ? 'hidden' : spec.alive === undefined ? 'global' : 'pool',
      alive: -1,
      loc: null,
    });
    imageAt.push(image);
    image += granules * 8;
  }
  const placed = all.map((spec, index) => {
    const object = objects[index];
    if (object === undefined) throw new Error('unreachable');
    const alive = spec.alive === undefined ? -1 : (imageAt[index + 1] ?? -1);
    objects[index] = { ...object, alive };
    const granules = Math.ceil(spec.bytes / 8);
    const marks = spec.marks === undefined ? -1 : image;
    if (marks >= 0) image += granules;
    return { spec, object, index, granules, alive, marks, image: imageAt[index] ?? 0 };
  });
  const imageBytes = Math.ceil(image / 8) * 8;
  const bytes = new Uint8Array(imageBytes);
  const view = new DataView(bytes.buffer);
  for (const one of placed) {
    for (const [i, value] of (one.spec.initial ?? []).entries()) {
      view.setBigUint64(one.image + 8 * i, BigInt.asUintN(64, BigInt(value)), true);
    }
    if (one.spec.marks === true) bytes.fill(0xff, one.marks, one.marks + one.granules);
  }
  const shared = placed.filter((one) => one.spec.address === undefined);
  const groups = [shared, ...placed.filter((one) => one.spec.address !== undefined).map((one) => [one])];
  const regions = groups
    .filter((group) => group.length > 0)
    .map((group): Region => {
      const base = group[0]?.object.address ?? 0n;
      const last = group.at(-1);
      const granules = last === undefined ? 0 : Number((last.object.address - base) / 8n) + last.granules;
      const region: Region = {
        base,
        granules,
        image: new Int32Array(granules).fill(-1),
        alive: new Int32Array(granules).fill(-1),
        marks: new Int32Array(granules).fill(-1),
        object: new Int32Array(granules).fill(-1),
        limit: new Uint8Array(granules).fill(8),
      };
      for (const one of group) {
        const first = Number((one.object.address - base) / 8n);
        for (let i = 0; i < one.granules; i += 1) {
          region.image[first + i] = one.image + 8 * i;
          region.alive[first + i] = one.alive;
          region.marks[first + i] = one.marks < 0 ? -1 : one.marks + i;
          region.object[first + i] = one.index;
          region.limit[first + i] = Math.min(8, one.spec.bytes - 8 * i);
        }
      }
      return region;
    });
  return { imageBytes, regions, objects, image: bytes };
}
