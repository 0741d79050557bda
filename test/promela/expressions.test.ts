/** Register expressions mean in C what they mean to the interpreter: random ones, at the edges of all types. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { conditionText, valueText } from '../../core/export/promelaExpressions.ts';
import { beforeCode } from '../../core/export/promelaRuntime.ts';
import { evaluate } from '../../core/machine/expression.ts';
import type { IrExpr } from '../../core/program/ir.ts';
import { skip } from './spin.ts';

const edge = fc.constantFrom(
  ...[0n, 1n, -1n, 2n, 7n, 63n, 64n, 127n, -128n, 255n, 32_768n, 65_535n, 2n ** 31n, -(2n ** 31n), 2n ** 32n],
  ...[2n ** 63n - 1n, -(2n ** 63n), 0xffff_8880_0000_1000n],
);
const registers = [0n, 1n, 2n ** 64n - 1n, 2n ** 63n, 5n, 2n ** 40n + 3n];

const { expr } = fc.letrec<{ expr: IrExpr }>((tie) => ({
  expr: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(
      edge.map((value): IrExpr => ({ kind: 'const', value })),
      fc.nat(registers.length - 1).map((reg): IrExpr => ({ kind: 'reg', reg })),
      fc.constantFrom<IrExpr>({ kind: 'self' }, { kind: 'param' }),
    ),
    fc.record({
      kind: fc.constant('unary' as const),
      op: fc.constantFrom('neg' as const, 'not' as const, 'eqz' as const),
      a: tie('expr'),
    }),
    fc.record({
      kind: fc.constant('binary' as const),
      op: fc.constantFrom(
        ...(['add', 'sub', 'mul', 'divu', 'divs', 'remu', 'rems', 'and', 'or', 'xor'] as const),
        ...(['shl', 'shru', 'shrs', 'eq', 'ne', 'ltu', 'lts', 'leu', 'les'] as const),
      ),
      a: tie('expr'),
      b: tie('expr'),
    }),
    fc.record({
      kind: fc.constant('extend' as const),
      bits: fc.constantFrom(8 as const, 16 as const, 32 as const),
      signed: fc.boolean(),
      a: tie('expr'),
    }),
    fc.record({
      kind: fc.constant('select' as const),
      condition: tie('expr'),
      then: tie('expr'),
      otherwise: tie('expr'),
    }),
  ),
}));

/** As the model has them: functions for what C leaves undefined. */
function helpers(): string {
  const found = beforeCode()
    .split('\n')
    .filter((line) => /^static u64 (div|rem|shr)[us]\(/.test(line));
  assert.equal(found.length, 5);
  return found.join('\n');
}

test('register expressions in C', { skip }, () => {
  const seed = Number(process.env['LOCKSTEP_SEED'] ?? Date.now() % 1e9);
  const exprs = fc.sample(expr, { numRuns: 3000, seed });
  const env = { registers, self: 3, param: 11n };
  const directory = mkdtempSync(join(tmpdir(), 'lockstep-expressions-'));
  try {
    const lines = exprs.map((one) => `\tshow(${valueText(one)}, ${conditionText(one)} ? 1 : 0);`);
    const text = [
      '#include <stdio.h>',
      'typedef unsigned char u8; typedef unsigned short u16; typedef unsigned int u32; typedef unsigned long long u64;',
      'typedef signed char i8; typedef short i16; typedef int i32; typedef long long i64;',
      helpers(),
      `static u64 self = 3, param = 11, r[] = { ${registers.map((value) => `${value}ULL`).join(', ')} };`,
      'static void show(u64 value, int holds) { printf("%llu %d\\n", value, holds); }',
      'int main(void) {',
      ...lines,
      '\treturn 0;',
      '}',
    ].join('\n');
    writeFileSync(join(directory, 'all.c'), text);
    const built = spawnSync('gcc', ['-O1', '-w', '-o', 'all', 'all.c'], { cwd: directory, encoding: 'utf8' });
    assert.equal(built.status, 0, built.stderr);
    const said = spawnSync(join(directory, 'all'), { encoding: 'utf8' }).stdout.trim().split('\n');
    assert.equal(said.length, exprs.length);
    for (const [index, one] of exprs.entries()) {
      const value = evaluate(one, env);
      assert.equal(said[index], `${value} ${value === 0n ? 0 : 1}`, `seed ${seed}: ${valueText(one)}`);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
