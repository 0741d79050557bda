import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { integer } from '../../core/semantics/conversions.ts';
import { layOut, type Member } from '../../core/semantics/layout.ts';
import { sizeOf, type StructType } from '../../core/semantics/types.ts';
import { programOf } from './project.ts';

/** Members of a struct or union, and the places that gcc gives them on x86-64: `name@offset` or `name@word:shift+width`. */
const cases: readonly (readonly [members: string, layout: string])[] = [
  ['struct s { u8 a; u32 b; u8 c; };', 'a@0 b@4 c@8 size 12 align 4'],
  ['struct s { u8 a; u64 b; u16 c; };', 'a@0 b@8 c@16 size 24 align 8'],
  ['struct s { };', ' size 0 align 1'],
  ['struct s { void *p; bool b; char c[3]; };', 'p@0 b@8 c@9 size 16 align 8'],
  ['union s { u8 a; u32 b; u16 c[3]; };', 'a@0 b@0 c@0 size 8 align 4'],
  ['struct s { struct { u8 a; u16 b; } x; u8 y; };', 'x@0 y@4 size 6 align 2'],
  ['struct s { u8 a; union { u64 b; u32 c; }; u8 d; };', 'a@0 @8 d@16 size 24 align 8'],
  [
    'struct s { enum { A, B } a; enum { C = -1 } b; enum { D = 0x1ffffffff } c; };',
    'a@0 b@4 c@8 size 16 align 8',
  ],
  ['struct s { u32 a : 4; u32 b : 28; };', 'a@0:0+4 b@0:4+28 size 4 align 4'],
  ['struct s { u32 a : 4; u32 b : 29; };', 'a@0:0+4 b@4:0+29 size 8 align 4'],
  ['struct s { u8 x; u32 a : 4; };', 'x@0 a@0:8+4 size 4 align 4'],
  ['struct s { u8 x; u32 a : 25; };', 'x@0 a@4:0+25 size 8 align 4'],
  ['struct s { u32 a : 4; u8 x; };', 'a@0:0+4 x@1 size 4 align 4'],
  ['struct s { u32 a : 4; u32 : 0; u32 b : 4; };', 'a@0:0+4 b@4:0+4 size 8 align 4'],
  ['struct s { u8 a : 4; u8 : 3; u8 b : 2; };', 'a@0:0+4 b@1:0+2 size 2 align 1'],
  ['struct s { u8 a; u32 : 4; u8 b; };', 'a@0 b@2 size 3 align 1'],
  ['struct s { u64 a : 40; u32 b : 20; };', 'a@0:0+40 b@4:8+20 size 8 align 8'],
  ['struct s { u64 a : 40; u64 b : 30; };', 'a@0:0+40 b@8:0+30 size 16 align 8'],
  ['struct s { bool a : 1; bool b : 1; u16 c : 9; };', 'a@0:0+1 b@0:1+1 c@0:2+9 size 2 align 2'],
  ['struct s { u32 a; ghost int g; u32 b; };', 'a@0 g@8 b@4 size 12 align 4'],
  [
    'union s { u32 word; struct { unsigned level : 4; unsigned has_4_byte_gpte : 1; unsigned quadrant : 2; unsigned direct : 1; unsigned access : 3; unsigned invalid : 1; unsigned efer_nx : 1; unsigned cr0_wp : 1; unsigned smep : 1; unsigned smap : 1; unsigned sp : 1; unsigned ad : 1; unsigned guest : 1; unsigned pass : 1; unsigned : 4; unsigned smm : 8; }; };',
    'word@0 @0 size 4 align 4',
  ],
];

test('layouts are those of gcc', () => {
  for (const [members, expected] of cases) assert.equal(describe(structOf(members)), expected, members);
});

test('the page role of KVM', () => {
  const role = structOf(cases.at(-1)?.[0] ?? '').fields[1]?.type;
  assert.ok(role?.kind === 'struct');
  const smm = role.fields.find((field) => field.name === 'smm');
  assert.deepEqual([smm?.offset, smm?.bits], [0, { shift: 24, width: 8 }]);
});

const member = fc
  .record({
    bits: fc.constantFrom(8, 16, 32, 64),
    width: fc.option(fc.integer({ min: 0, max: 64 }), { freq: 2 }),
    ghost: fc.boolean(),
  })
  .map(({ bits, width, ghost }, index = 0): Member => {
    const type = integer(bits as 8 | 16 | 32 | 64, false, `u${bits}`);
    const fitted = width === null ? null : Math.min(width, bits);
    return {
      name: fitted === 0 ? '' : `f${index}`,
      type,
      bits: fitted,
      ghost: ghost && fitted === null,
      anonymous: false,
      range: null,
    };
  });

test('members of a struct do not overlap, and lie inside it', () => {
  fc.assert(
    fc.property(fc.array(member, { maxLength: 12 }), (members) => {
      const { fields, size, align } = layOut(members, false);
      assert.equal(size % align, 0);
      const used = new Set<number>();
      for (const field of fields) {
        const bytes = sizeOf(field.type);
        assert.equal(field.offset % bytes, 0);
        const first = field.offset * 8 + (field.bits?.shift ?? 0);
        const width = field.bits?.width ?? bytes * 8;
        assert.ok((field.bits?.shift ?? 0) + width <= bytes * 8);
        for (let bit = first; bit < first + width; bit++) {
          assert.ok(!used.has(bit) && bit < size * 8);
          used.add(bit);
        }
      }
    }),
  );
});

function structOf(members: string): StructType {
  const found = programOf(`${members} task t { }`).structs.find((struct) => struct.name === 's');
  assert.ok(found !== undefined);
  return found;
}

function describe(struct: StructType): string {
  const fields = struct.fields.map(
    (f) =>
      `${f.anonymous ? '' : f.name}@${f.offset}${f.bits === null ? '' : `:${f.bits.shift}+${f.bits.width}`}`,
  );
  return `${fields.join(' ')} size ${struct.size} align ${struct.align}`;
}
