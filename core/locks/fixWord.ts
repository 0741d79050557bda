/** An exchange of a bit-field becomes one of the word that contains it. */

import type { Project } from '../semantics/snapshot.ts';
import { isLibrary } from '../semantics/imports.ts';
import type { Diagnostic } from '../syntax/diagnostic.ts';
import type { Expression, FieldItem, Item, PlacedItem, Statement, TagType } from '../syntax/ast.ts';
import { type Edit, replace } from './fixEdits.ts';
import { inBlock, type Place, placeAt, textOfSpan } from './fixPlaces.ts';
import type { Candidate } from './fixes.ts';

/** For `xchg(&object.bit, value);` as a statement. */
export function wordCandidates(project: Project, { code, at }: Diagnostic): readonly Candidate[] {
  const file = project.files.get(at.uri);
  if (code !== 'bit-field-address' || file === undefined || isLibrary(at.uri)) return [];
  const placed = file.source.items.findLast((each) => each.offset <= at.start);
  const place =
    placed === undefined
      ? null
      : placeAt(file, placed, { start: at.start - placed.offset, end: at.end - placed.offset });
  const s = place?.path.at(-1);
  const bit = s === undefined ? null : exchangedBit(s);
  if (place === null || s === undefined || bit === null) return [];
  return wordsAround(project, bit.field).map(({ union, word }): Candidate => {
    const object = textOfSpan(place, bit.object);
    const dot = bit.arrow ? '->' : '.';
    const lines = [
      `union ${union} old = { .${word} = READ_ONCE(${object}${dot}${word}) };`,
      '',
      `old.${bit.field} = ${textOfSpan(place, bit.value)};`,
      `${bit.callee}(&${object}${dot}${word}, old.${word});`,
    ].join('\n');
    return {
      title: `Exchange ${object}${dot}${word}, the word that contains the bit-field`,
      uri: at.uri,
      edits: [inPlace(place, s, lines)],
    };
  });
}

/** As the whole body, or as a block of its own. */
function inPlace(place: Place, s: Statement, lines: string): Edit {
  const isAlone = place.path.length === 2 && inBlock(place.path)?.block.body.length === 1;
  return replace(place, s, isAlone ? lines : `{\n${lines}\n}`);
}

interface ExchangedBit {
  readonly callee: string;
  readonly object: Expression;
  readonly arrow: boolean;
  readonly field: string;
  readonly value: { readonly start: number; readonly end: number };
}

function exchangedBit(s: Statement): ExchangedBit | null {
  if (s.kind !== 'expression' || s.value.kind !== 'call' || s.value.callee.kind !== 'name') return null;
  const [target, value, ...others] = s.value.args;
  const callee = s.value.callee.name.text;
  if (!/^xchg(_\w+)?$/.test(callee) || value === undefined || others.length > 0) return null;
  if (target?.kind !== 'unary' || target.operator !== '&' || target.value.kind !== 'member') return null;
  const { object, arrow, name } = target.value;
  return { callee, object, arrow, field: name.text, value };
}

/** Unions that have the bit-field in a struct, and a word beside that. */
function wordsAround(
  project: Project,
  field: string,
): readonly { readonly union: string; readonly word: string }[] {
  return [...project.files.values()].flatMap(({ source }) =>
    source.items
      .flatMap(({ item }: PlacedItem) => unionsOf(item))
      .flatMap((tag) => {
        const fields = tag.fields ?? [];
        const word = fields.find((each) => each.kind === 'field' && each.name !== null && each.bits === null);
        const name = word?.kind === 'field' ? word.name : null;
        const has = fields.some((each) => each.kind === 'field' && each.name === null && hasBit(each, field));
        return has && name !== null && tag.name !== null ? [{ union: tag.name.text, word: name.text }] : [];
      }),
  );
}

function unionsOf(item: Item): readonly TagType[] {
  if (item.kind === 'when') return item.items.flatMap(unionsOf);
  return item.kind === 'type' && item.type.tag === 'union' ? [item.type] : [];
}

function hasBit(item: FieldItem, field: string): boolean {
  if (item.kind === 'when') return item.fields.some((each) => hasBit(each, field));
  if (item.type.kind === 'tag' && item.type.fields !== null)
    return item.type.fields.some((each) => hasBit(each, field));
  return item.bits !== null && item.name?.text === field;
}
