/**
 * Every code that Lockstep can report, in one place: never renamed, never reused.
 * Each has a page in docs/diagnostics. In a scenario a code is spelled with underscores.
 */
export const codes = {
  // ---- text
  'syntax-error': 'The text is not part of the scenario language.',
  'nesting-too-deep': 'Brackets, statements or expressions are nested too deeply.',
  // ---- files
  'import-missing': 'An imported file does not exist.',
  'import-cycle': 'Files import each other in a circle.',
  'import-escapes': 'An import leads outside the library and the workspace.',
  // ---- names and types
  'unknown-name': 'A name is not declared.',
  'duplicate-name': 'A name is declared twice.',
  'type-mismatch': 'An expression has a type that does not fit its place.',
  'not-an-lvalue': 'Something that is not a place in memory is assigned or has its address taken.',
  'bit-field-address': 'An atomic operation, or &, on a bit-field: use the word that contains it.',
  'wrong-arguments': 'A call does not match the parameters of what it calls.',
  'not-constant': 'A constant is needed here.',
  'bad-option': 'An option value that does not exist, or an option used as something else.',
  'bad-declaration': 'A declaration that says something impossible.',
  misplaced: 'A construct in a place where it has no meaning.',
  'ghost-rule': 'Kernel code reads or writes ghost state, or ghost code writes real state.',
  'contradicting-expect': 'Two expectations contradict each other for the same variant.',
  'program-too-large': 'A scenario expands to more code, threads or memory than the machine allows.',
  // ---- what an interleaving can do wrong
  deadlock: 'Threads wait for each other, or nothing can go on.',
  'null-pointer': 'A null pointer, or an address that is nothing, is accessed.',
  'use-after-free': 'An object or frame is touched after it was freed.',
  'out-of-bounds': 'An access outside its object, an array index out of range, or a misaligned one.',
  'uninitialised-read': 'Memory or a local is read before anything was written there.',
  'torn-publication': 'A field is read through a published pointer before it was initialised.',
  'double-free': 'An object is freed twice, or something that is not an allocated object is freed.',
  'pool-exhausted': 'A pool has no object left; enlarge it.',
  'bad-function-pointer': 'A call through a pointer that is not a function of that type.',
  'division-by-zero': 'An integer is divided by zero.',
  'lock-misuse':
    'A lock is used against its rules: unlocked by who does not hold it, taken twice, or of the wrong mode.',
  'sleeping-in-atomic': 'Something that may sleep is called where sleeping is forbidden.',
  'rcu-misuse': 'RCU is used against its rules.',
  'held-at-end': 'A thread ends, or a function of the environment returns, with a lock held.',
  'data-race': 'Two accesses to the same memory, one a write, one plain, with nothing that orders them.',
  'refcount-error': 'A reference count is raised from zero, drops below zero, or saturates.',
  'double-enqueue': 'A list node, rcu_head or work item is queued while it is queued.',
  'corrupted-list': 'A list link points to what is not a list any more.',
  'runaway-loop': 'A loop that touches no shared state does not end.',
  'recursion-too-deep': 'Calls nest deeper than the declared bound.',
  'range-overflow': 'A ghost variable leaves its declared range.',
  'assertion-failed': 'An assert, BUG_ON or lockdep assertion does not hold.',
  'warning-triggered': 'A WARN_ON fires.',
  'invariant-broken': 'A declared invariant does not hold.',
  'finally-broken': 'A finally condition does not hold when every thread has ended.',
  'promise-broken': 'A condition after a function does not hold.',
  unreachable: 'A state that was declared reachable is not.',
  'lost-dirty': 'A frame was written and neither its dirty flag nor the dirty bitmap says so.',
  'stale-translation-used': 'A guest access goes through a translation whose frame was freed or re-used.',
  'write-through-stale-translation':
    'A guest writes through a cached writable translation to a write-protected frame.',
  'schedule-blocked': 'A schedule cannot be followed.',
  vacuous: 'A check of a variant that is said to pass was never put to the test.',
  // ---- locks
  'lock-not-held': 'A lock that must be held here is not.',
  'lock-wrong-mode': 'A lock is held in another mode than the code here needs.',
  'lock-held': 'A lock that must not be held here is.',
  'lock-unbalanced': 'A lock is released that is not held.',
  'lock-leaked': 'A thread ends, or a function returns on some paths, with a lock held.',
  'lock-recursion': 'A thread takes a lock that it holds already.',
  'lock-in-use': 'A lock that is held is made a new one, or freed.',
  'lock-order-inversion':
    'Locks are taken in an order that is declared, or done elsewhere, the other way round.',
  'contradicting-order': 'Declared orders of locks go in a circle.',
  'lock-nesting': 'A lock is taken without the lock that its critical sections must also hold.',
  'lock-analysis-limit': 'The lock rules were not followed to the end here: more may be wrong than is told.',
  'lock-leaf': 'A lock is taken inside one inside which none may be taken.',
  'guard-not-held': 'Data that a lock guards is accessed without it.',
  'annotation-missing': 'A function does to locks what none of its annotations says.',
  'annotation-wrong': 'A function does not do to locks what its annotations say.',
  'lock-irq-unsafe': 'A lock that interrupt handlers take is held while that interrupt may come.',
  'lock-irq-inversion':
    'A lock of an interrupt handler waits for one that is held while that interrupt may come.',
  'lock-wait-type': 'A lock that may sleep or spin longer is taken where that is forbidden.',
  'lock-order-declared': 'Locks are taken against a declared order.',
} as const;

export type Code = keyof typeof codes;

export function isCode(text: string): text is Code {
  return Object.hasOwn(codes, text);
}
