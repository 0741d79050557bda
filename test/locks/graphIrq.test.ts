/** Interrupts against the order graph: lockdep's irqsafe, inversion and read-recursion families, in both domains. */

import { type Case, check } from './judging.ts';

const raw = { A: 'raw', B: 'raw', C: 'raw', D: 'raw' } as const;
const unsafe = 'lock-irq-unsafe';
const inversion = 'lock-irq-inversion';

/** Each sequence in the hard interrupt, and with `soft[` and `bh` in the softirq. Every order of the actors is judged. */
function both(cases: readonly Case[]): void {
  for (const one of cases)
    for (const soft of [false, true]) {
      const text = soft ? one.text.replaceAll('hard[', 'soft[').replaceAll(/irq([+-])/g, 'bh$1') : one.text;
      for (const [index, order] of permutations(text.split(';')).entries())
        check([
          {
            kinds: raw,
            ...one,
            name: `${one.name}, ${soft ? 'softirq' : 'hardirq'} ${index + 1}`,
            text: order.join(';'),
          },
        ]);
    }
}

function permutations<T>(all: readonly T[]): T[][] {
  if (all.length < 2) return [[...all]];
  return all.flatMap((first, at) =>
    permutations(all.filter((_, other) => other !== at)).map((rest) => [first, ...rest]),
  );
}

both([
  { name: 'irqsafe1', text: 'irq- A -A irq+; A' },
  { name: 'used in the handler, held with interrupts on', text: 'hard[A]; A', tells: unsafe },
  { name: 'used in the handler, held with interrupts off', text: 'hard[A]; irq- A -A irq+' },
  { name: 'switched on while held', text: 'hard[A]; irq- A irq+ -A', tells: unsafe },
  { name: 'trylock in the handler', text: 'hard[?A]; A' },
  { name: 'trylock outside', text: 'hard[A]; ?A', tells: unsafe },
  { name: 'read in both', text: 'hard[R(A)]; r(A)' },
  { name: 'read in both, recursively', text: 'hard[R(A)]; R(A)' },
  { name: 'read in the handler, written outside', text: 'hard[R(A)]; W(A)', tells: unsafe },
  { name: 'written in the handler, read outside', text: 'hard[W(A)]; r(A)', tells: unsafe },
  { name: 'synchronize is no section', text: 'hard[R(A)]; ~A' },
  { name: 'irqsafe2B', text: 'hard[A]; irq- A B irq+ -B -A', tells: unsafe },
  { name: 'irqsafe3', text: 'irq- A B -B -A irq+; B -B; hard[A]', tells: inversion },
  { name: 'irqsafe4', text: 'irq- B A -A -B irq+; A -A; hard[B]', tells: inversion },
  { name: 'irqsafe3, all safe', text: 'irq- A B -B -A irq+; irq- B -B irq+; hard[A]' },
  { name: 'the handler takes both', text: 'hard[A B -B -A]; B', tells: `${unsafe}` },
  {
    name: 'inversion through a third',
    text: 'irq- A B -B -A irq+; irq- B C -C -B irq+; C; hard[A]',
    tells: inversion,
  },
  { name: 'inversion, held by trylock', text: 'irq- ?A B -B -A irq+; B; hard[A]', tells: inversion },
  { name: 'inversion, wanted by trylock', text: 'irq- A ?B -B -A irq+; B; hard[A]' },
  { name: 'read recursion', text: 'irq- W(A) -A irq+; R(A) -A; hard[R(A) B -B -A]' },
  { name: 'read recursion 2', text: 'irq- B W(A) -A -B irq+; r(A) -A; hard[B]', tells: inversion },
  { name: 'read recursion 2, recursive in the chain', text: 'irq- B R(A) -A -B irq+; r(A) -A; hard[B]' },
  {
    name: 'read recursion 3, written',
    text: 'irq- W(B) W(A) -A -B irq+; r(A) -A; hard[R(B)]',
    tells: inversion,
  },
  { name: 'read recursion 3, read', text: 'irq- W(B) R(A) -A -B irq+; r(A) -A; hard[R(B)]' },
  { name: 'read in the handler, held for read', text: 'irq- R(B) W(A) -A -B irq+; r(A) -A; hard[R(B)]' },
  {
    name: 'read in the handler, held for write',
    text: 'irq- W(B) W(A) -A -B irq+; W(A) -A; hard[R(B)]',
    tells: inversion,
  },
  {
    name: 'recursion through a weak middle',
    text: 'irq- A R(B) -B -A irq+; irq- R(B) C -C -B irq+; C; hard[A]',
  },
  {
    name: 'per-CPU locks are left out',
    text: 'irq- A B -B -A irq+; B -B; hard[A]',
    kinds: { A: 'raw', B: 'local' },
    tells: 'lock-wait-type',
  },
]);

check([
  {
    name: 'softirq off does not help against hard interrupts',
    text: 'hard[A]; bh- A -A bh+',
    kinds: raw,
    tells: unsafe,
  },
  { name: 'interrupts off help against softirqs', text: 'soft[A]; irq- A -A irq+', kinds: raw },
  { name: 'a softirq is interrupted by a hard one', text: 'soft[A]; hard[A]', kinds: raw, tells: unsafe },
  { name: 'spinning in a softirq', text: 'soft[A]; A', tells: unsafe },
]);
