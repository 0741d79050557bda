import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Import, importsOf, sourcesUnder } from './sources.ts';

/** In `core/` a room imports only from itself and the rooms before it. */
const rooms = ['syntax', 'semantics', 'program', 'machine', 'explore', 'locks', 'session', 'export'];
/** Which houses each house may import from, itself included. */
const houses: Readonly<Record<string, readonly string[]>> = {
  core: ['core'],
  host: ['host', 'core'],
  server: ['server', 'host', 'core'],
  client: ['client'],
  cli: ['cli', 'host', 'core'],
};

/** Why an import is not allowed; null when it is. */
function objection({ from, to }: Import): string | null {
  const [house = '', room = ''] = from.split('/');
  const allowed = houses[house] ?? [];
  const [target = '', targetRoom = ''] = to.split('/');
  if (to.startsWith('node:') || !isInside(to)) {
    return house === 'core' ? `core/ imports nothing from outside: ${to}` : null;
  }
  if (!allowed.includes(target)) return `${house}/ does not import from ${target}/`;
  if (house !== 'core') return null;
  const rank = rooms.indexOf(room);
  const targetRank = rooms.indexOf(targetRoom);
  if (rank < 0 || targetRank < 0) return 'a file of core/ that stands in no room';
  return targetRank > rank ? `core/${room} stands before core/${targetRoom}` : null;
}

function isInside(to: string): boolean {
  return Object.hasOwn(houses, to.split('/')[0] ?? '') && to.includes('/');
}

test('each house and each room imports only from those before it', () => {
  const sources = sourcesUnder(Object.keys(houses), ['.ts', '.tsx']);
  const wrong = sources
    .flatMap(importsOf)
    .map((found) => ({ ...found, why: objection(found) }))
    .filter(({ why }) => why !== null)
    .map(({ from, to, why }) => `${from} imports ${to}: ${why}`);
  assert.deepEqual(wrong, []);
  assert.ok(sources.some(({ path }) => path.startsWith('core/')));
});

test('the rule sees what it must', () => {
  const cases: readonly [string, string, boolean][] = [
    ['core/syntax/lexer.ts', 'core/syntax/codes.ts', true],
    ['core/program/x.ts', 'core/semantics/hir.ts', true],
    ['core/semantics/x.ts', 'core/program/ir.ts', false],
    ['core/machine/x.ts', 'node:fs', false],
    ['core/machine/x.ts', 'left-pad', false],
    ['core/machine/x.ts', 'host/files.ts', false],
    ['host/files.ts', 'node:fs', true],
    ['host/files.ts', 'core/syntax/codes.ts', true],
    ['host/files.ts', 'cli/main.ts', false],
    ['cli/main.ts', 'server/main.ts', false],
    ['server/main.ts', 'cli/main.ts', false],
    ['client/main.ts', 'core/syntax/codes.ts', false],
  ];
  for (const [from, to, allowed] of cases) {
    assert.equal(objection({ from, to }) === null, allowed, `${from} imports ${to}`);
  }
});

test('every form of import is found', () => {
  const text = `
import a from './a.ts';
import type { B } from "../machine/b.ts";
import {
  c,
  d
} from './c.ts';
import './e.ts';
export * from './f.ts';
export { g } from './g.ts';
const h = await import('./h.ts');
const notAnImport = "from './z.ts'";
/** import "x/y"; and export z from "z" are prose. */
`;
  const found = importsOf({ path: 'core/syntax/x.ts', text }).map(({ to }) => to);
  assert.deepEqual(found, [
    'core/syntax/a.ts',
    'core/machine/b.ts',
    'core/syntax/c.ts',
    'core/syntax/e.ts',
    'core/syntax/f.ts',
    'core/syntax/g.ts',
    'core/syntax/h.ts',
  ]);
});
