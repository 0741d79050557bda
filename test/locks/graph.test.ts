/** The order graph's verdicts on the families of sequences by which lockdep itself is tested. */

import { check } from './judging.ts';

const inversion = 'lock-order-inversion';
const recursion = 'lock-recursion';

check([
  { name: 'AA', text: 'A A', tells: recursion },
  { name: 'AA, trylock', text: 'A ?A' },
  { name: 'AA, trylock first', text: '?A A', tells: recursion },
  { name: 'AA after release', text: 'A -A A' },
  { name: 'read after read', text: 'r(A) r(A)', tells: recursion },
  { name: 'recursive read after read', text: 'r(A) R(A)' },
  { name: 'recursive read twice', text: 'R(A) R(A) -A -A W(A)' },
  { name: 'read after recursive read', text: 'R(A) r(A)', tells: recursion },
  { name: 'read after write', text: 'W(A) R(A)', tells: recursion },
  { name: 'write after read', text: 'R(A) W(A)', tells: recursion },
  { name: 'two of three', text: 'A1 B A2 B', tells: `${recursion} ${inversion}` },
  { name: 'subclass', text: 'A A#1' },
  { name: 'subclass, both ways', text: 'A A#1; A#1 A', tells: inversion },
  { name: 'nest lock', text: 'G A/G A/G B; G A B' },
  { name: 'nest lock of one that is not held', text: 'A A/G', tells: recursion },
  { name: 'nest lock taken too late', text: 'A G A/G', tells: `${recursion} ${inversion}` },
]);

const families: readonly (readonly [string, string])[] = [
  ['ABBA', 'A B -B -A B A'],
  ['ABBCCA', 'A B -B -A B C -C -B C A'],
  ['ABCABC', 'A B -B -A C A -A -C B C'],
  ['ABBCCDDA', 'A B -B -A B C -C -B C D -D -C D A'],
  ['ABCDBDDA', 'A B -B -A C D -D -C B D -D -B D A'],
  ['ABCDBCDA', 'A B -B -A C D -D -C B C -C -B D A'],
];

for (const [name, text] of families)
  check([
    { name, text, tells: inversion },
    { name: `${name} by readers`, text: text.replaceAll(/(?<!-)([A-D])/g, 'r($1)'), tells: inversion },
    { name: `${name} by recursive readers`, text: text.replaceAll(/(?<!-)([A-D])/g, 'R($1)') },
  ]);

check([
  { name: 'ABBA, last by trylock', text: 'A B -B -A B ?A' },
  { name: 'ABBCCA, last by trylock', text: 'A B -B -A B C -C -B C ?A' },
  { name: 'one order', text: 'A B C; B C; A C' },
  { name: 'held by trylock', text: '?A B; B A', tells: inversion },
  { name: 'through a lock held by trylock', text: 'A ?B C; C A', tells: inversion },
  { name: 'one finding for each circle', text: 'A B; B A; C D; D C', tells: inversion },
  { name: 'read in the middle', text: 'R(A) W(B); W(B) R(A)' },
  { name: 'readers against readers', text: 'r(A) W(B); W(B) r(A)', tells: inversion },
  { name: 'W1W2 R2R3 W3R1', text: 'W(A) W(B); R(B) R(C); W(C) R(A)', tells: inversion },
  { name: 'W1R2 W2R3 W3R1', text: 'W(A) R(B); W(B) R(C); W(C) R(A)', tells: inversion },
  { name: 'W1W2 R2R3 R3W1', text: 'W(A) W(B); R(B) R(C); R(C) W(A)' },
  { name: 'W1R2 R2R3 W3W1', text: 'W(A) R(B); R(B) R(C); W(C) W(A)' },
  { name: 'chain with another mode', text: 'R(A) W(B); W(B) R(A); W(A) W(B); W(B) W(A)', tells: inversion },
  {
    name: 'a class is passed weakly and strongly',
    text: 'W(A) R(B); W(A) W(C); W(C) W(B); R(B) W(D); W(D) W(A)',
    tells: inversion,
  },
  { name: 'held outside a recursive reader', text: 'W(A) R(B) W(C); W(C) W(A)', tells: inversion },
  { name: 'RCU is no lock', text: 'rcu A; A rcu', kinds: { A: 'raw' } },
  {
    name: 'interrupt starts anew',
    text: 'irq- A hard[ B -B ] -A irq+; irq- B A -A -B irq+',
    kinds: { A: 'raw', B: 'raw' },
  },
]);

check([
  { name: 'declared', text: 'B A', declared: 'A B', tells: 'lock-order-declared' },
  { name: 'declared, followed', text: 'A B; A C', declared: 'A B C' },
  { name: 'declared, through the chain', text: 'C A', declared: 'A B C', tells: 'lock-order-declared' },
  { name: 'declared and done', text: 'C B; B A', declared: 'A C', tells: 'lock-order-declared' },
  { name: 'declared, readers', text: 'R(B) R(A)', declared: 'A B', tells: 'lock-order-declared' },
  { name: 'declared, trylock', text: 'B ?A', declared: 'A B' },
  { name: 'both ways in the code', text: 'B A; A B', declared: 'A B', tells: inversion },
  { name: 'contradiction', text: 'A', declared: 'A B; B A', tells: 'contradicting-order' },
  { name: 'contradiction of three', text: '', declared: 'A B C; C A', tells: 'contradicting-order' },
  { name: 'a lock before itself', text: '', declared: 'A A', tells: 'contradicting-order' },
  {
    name: 'code is not blamed for a contradiction',
    text: 'A B',
    declared: 'A B; B A',
    tells: 'contradicting-order',
  },
]);

const slots = { M: 'mutex', S: 'srcu', N: 'mutex' } as const;
check([
  { name: 'synchronize inside the mutex', text: 'M ~S -M; M R(S)', kinds: slots },
  { name: 'mutex inside the read section', text: 'M ~S -M; R(S) M', kinds: slots, tells: inversion },
  { name: 'another mutex inside the read section', text: 'M ~S -M; R(S) N', kinds: slots },
  {
    name: 'mutex, then another, which waits for readers',
    text: 'M N -N; N ~S; R(S) M',
    kinds: slots,
    tells: inversion,
  },
  { name: 'synchronize in the read section', text: 'R(S) ~S', kinds: slots, tells: recursion },
  { name: 'read sections nest', text: 'R(S) R(S)', kinds: slots },
  { name: 'readers nest either way', text: 'R(S) M; M R(S)', kinds: slots },
  { name: 'synchronize leaves nothing held', text: '~S M; M ~S', kinds: slots },
]);
