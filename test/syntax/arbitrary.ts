import fc from 'fast-check';
import { sample } from './sample.ts';

const words = sample.split(/(\s+|\b)/).filter((word) => word !== '');
const pieces = [
  ...[
    '{',
    '}',
    '(',
    ')',
    '[',
    ']',
    ';',
    ',',
    ':',
    '\n',
    '\r\n',
    '\r',
    '\t',
    '#',
    '*',
    '"',
    "'",
    '\\',
    '\0',
    'é',
    '😀',
  ],
  ...[
    '/*',
    '*/',
    '//',
    '\\\n',
    '#define x ',
    '#define f(a) a\n',
    '#if\n',
    '#',
    '..',
    '...',
    '->',
    '\ufeff',
    '0x',
    '1.5',
  ],
];

interface Edit {
  readonly at: number;
  readonly remove: number;
  readonly insert: string;
}

const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.nat(100_000),
  remove: fc.oneof(fc.constant(0), fc.nat(6), fc.nat(200)),
  insert: fc.oneof(
    fc.constant(''),
    fc.constantFrom(...pieces),
    fc.constantFrom(...words),
    // A stretch of the sample itself, as when something is pasted.
    fc.tuple(fc.nat(sample.length), fc.nat(80)).map(([from, length]) => sample.slice(from, from + length)),
  ),
});

function apply(text: string, change: Edit): string {
  const at = change.at % (text.length + 1);
  return text.slice(0, at) + change.insert + text.slice(at + change.remove);
}

/** The sample, or a stretch of it, after a few edits. */
export const editedProgram: fc.Arbitrary<string> = fc
  .tuple(
    fc.nat(sample.length),
    fc.oneof(fc.constant(sample.length), fc.nat(1500)),
    fc.array(edit, { maxLength: 4 }),
  )
  .map(([from, length, edits]) =>
    edits.reduce(apply, length === sample.length ? sample : sample.slice(from, from + length)),
  );

/** Versions of a program, each a few edits after the one before. */
export const editedVersions: fc.Arbitrary<readonly string[]> = fc
  .tuple(
    editedProgram,
    fc.array(fc.array(edit, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 4 }),
  )
  .map(([first, steps]) => {
    const versions = [first];
    for (const edits of steps) versions.push(edits.reduce(apply, versions[versions.length - 1] ?? ''));
    return versions;
  });

/** Text that is no program. */
export const noise: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.array(fc.constantFrom(...pieces, ...words), { maxLength: 80 }).map((parts) => parts.join('')),
);
