import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameOfAddress, showAccess, showValue } from '../../core/machine/values.ts';
import type { Program } from '../../core/program/ir.ts';
import type { Field, IntType, StructType, Type } from '../../core/semantics/types.ts';
import { program } from '../machine/builder.ts';

function int(name: string, bits: IntType['bits'], signed: boolean, more: Partial<IntType> = {}): IntType {
  return { kind: 'int', bits, signed, bool: false, name, enumerators: null, ...more };
}
const s32 = int('int', 32, true);
const u32 = int('u32', 32, false);
const u64 = int('u64', 64, false);
const mode = int('enum mode', 32, false, { enumerators: new Map([['IN_GUEST', 1n]]) });
const pointer: Type = { kind: 'pointer', to: s32 };

function field(name: string, type: Type, offset: number, more: Partial<Field> = {}): Field {
  return {
    name,
    type,
    offset,
    bits: null,
    ghost: false,
    anonymous: false,
    range: null,
    annotations: [],
    ...more,
  };
}
function struct(name: string, size: number, fields: readonly Field[]): StructType {
  return { kind: 'struct', union: false, name, fields, size, align: 8, lock: null, self: null };
}

const role = struct('role', 4, [
  field('level', u32, 0, { bits: { shift: 0, width: 4 } }),
  field('word', u32, 0),
]);
const page = struct('page', 32, [
  field('link', struct('list_head', 16, [field('next', pointer, 0), field('prev', pointer, 8)]), 0),
  field('', role, 16, { anonymous: true }),
  field('count', s32, 20),
  field('spt', u64, 24),
]);

const base = 0xffff_8880_0000_1000n;
const built: Program = program({});
const object = {
  name: 'pages',
  type: { kind: 'array', of: page, length: 2 },
  address: base,
  bytes: 64,
} as const;
const of: Program = {
  ...built,
  functions: new Map([[0xffff_ffff_8100_0000n, 'zap_root']]),
  memory: { ...built.memory, objects: [{ ...object, ghost: false, kind: 'global', alive: -1, loc: null }] },
};

test('values are written by their type', () => {
  const minusOne = BigInt.asUintN(64, -1n);
  assert.equal(showValue(of, minusOne, s32), '-1');
  assert.equal(showValue(of, 12n, s32), '12');
  assert.equal(showValue(of, 12n, u32), '0xc');
  assert.equal(showValue(of, 9n, u64), '9');
  assert.equal(showValue(of, minusOne, int('unsigned int', 32, false)), '4294967295');
  assert.equal(showValue(of, 1n, mode), 'IN_GUEST');
  assert.equal(showValue(of, 2n, mode), '2');
  assert.equal(showValue(of, 1n, int('bool', 8, false, { bool: true })), 'true');
  assert.equal(showValue(of, 0n, pointer), 'NULL');
  assert.equal(showValue(of, 0x1000n, pointer), '0x1000');
});

test('addresses are written by what stands there, also in words', () => {
  assert.equal(nameOfAddress(of, base), '&pages');
  assert.equal(nameOfAddress(of, base + 32n), '&pages[1]');
  assert.equal(nameOfAddress(of, base + 8n), '&pages[0].link.prev');
  assert.equal(nameOfAddress(of, base + 48n), '&pages[1].word');
  assert.equal(nameOfAddress(of, base + 57n), '&pages + 57');
  assert.equal(nameOfAddress(of, base + 64n), null);
  assert.equal(showValue(of, base + 32n, pointer), '&pages[1]');
  assert.equal(showValue(of, base + 56n, u64), '&pages[1].spt');
  assert.equal(showValue(of, 0xffff_ffff_8100_0000n, pointer), 'zap_root');
});

test('an access is written by the type of the member that it touches', () => {
  assert.equal(showAccess(of, base + 8n, 8, base), '&pages');
  assert.equal(showAccess(of, base + 20n, 4, 20n), '20');
  assert.equal(showAccess(of, base + 16n, 4, 20n), '0x14');
  assert.equal(showAccess(of, base + 16n, 2, 20n), '0x14');
  assert.equal(showAccess(of, 8n, 8, 20n), '0x14');
});
