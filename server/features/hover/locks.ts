/** What is said of a lock, and of the locks that a place holds. */

import type { HeldHere, HeldPlace } from '../../../core/locks/whereHeld.ts';
import { lockDocOf } from '../../../core/locks/reference.ts';
import { lockTypeOf } from '../../../core/locks/classes.ts';
import type { Variant } from '../../../core/semantics/options.ts';
import { resolveLoc } from '../../../core/semantics/snapshot.ts';
import type { SymbolRef } from '../../../core/semantics/symbols.ts';
import type { Type } from '../../../core/semantics/types.ts';
import type { Scene } from '../../scene.ts';

/** The row of the locking reference, and the declared orders; null for what is no lock. */
export function lockLines(
  scene: Scene,
  variant: Variant,
  symbol: SymbolRef,
  type: Type | null,
  doc: string,
): readonly string[] | null {
  const lock = type === null ? null : lockTypeOf(type);
  if (lock === null) return null;
  const said = lockDocOf(doc);
  const rows = Object.entries({ Type: lock.name, ...said }).map(
    ([column, text]) => `- **${column}**: ${text}`,
  );
  return [rows.join('\n'), ...orderLines(scene, variant, symbol)];
}

function orderLines(scene: Scene, variant: Variant, { kind, name, container }: SymbolRef): readonly string[] {
  const key = kind === 'member' ? `struct ${container?.replace(/^\w+ /, '')}/${name}` : `global ${name}`;
  const orders = (scene.locks(variant) ?? scene.latestLocks(variant))?.orders ?? [];
  const inside = orders.filter(({ after }) => after.key === key).map(({ before }) => `\`${before.name}\``);
  const outside = orders.filter(({ before }) => before.key === key).map(({ after }) => `\`${after.name}\``);
  const lines: string[] = [];
  if (inside.length > 0) lines.push(`Declared to be taken inside ${[...new Set(inside)].join(', ')}.`);
  if (outside.length > 0) lines.push(`Declared to be taken before ${[...new Set(outside)].join(', ')}.`);
  return lines;
}

/** Variants that are compared. */
const mostVariants = 6;

/** Those whose locks are shown: all, or of many the first. */
export function comparedVariants({ variants }: Scene): readonly Variant[] {
  return variants.length <= mostVariants ? variants : variants.slice(0, 1);
}

/** Locks held just before the innermost statement around an offset, in words; empty where none are known. */
export function heldText(scene: Scene, variant: Variant, offset: number): string {
  const lines = new Map<string, Variant[]>();
  const compared = comparedVariants(scene);
  for (const each of compared.length > 0 ? compared : [variant]) {
    const line = heldLine(scene, each, offset);
    lines.set(line, [...(lines.get(line) ?? []), each]);
  }
  const [only] = lines.keys();
  if (only === undefined || lines.size === 1) return only ?? '';
  const known = [...lines].filter(([line]) => line !== '');
  return known
    .map(([line, variants]) => `- ${variants.map((each) => `\`${optionsOf(each)}\``).join(', ')}: ${line}`)
    .join('\n');
}

function optionsOf({ options }: Variant): string {
  return [...options].map(([name, value]) => `${name}=${value}`).join(' ');
}

function heldLine(scene: Scene, variant: Variant, offset: number): string {
  let found: { readonly place: HeldPlace; readonly width: number } | null = null;
  for (const place of scene.held(variant) ?? []) {
    const at = resolveLoc(scene.project, place.loc);
    if (at === null || offset < at.start || offset > at.end) continue;
    const width = at.end - at.start;
    if (found === null || width < found.width || (width === found.width && place.kind !== 'entry'))
      found = { place, width };
  }
  if (found === null) return '';
  const { kind, before, held } = found.place;
  const locks = kind === 'entry' ? held : before;
  const holds = locks.length === 0 ? '' : `Holds ${locks.map(shown).join(', ')}.`;
  return [holds, ...switchedOff(found.place)].filter((part) => part !== '').join(' ');
}

function switchedOff({ hardirqs, softirqs }: HeldPlace): readonly string[] {
  if (hardirqs === 'off') return ['Interrupts are off.'];
  if (hardirqs === 'maybe') return ['Interrupts may be off.'];
  if (softirqs === 'off') return ['Softirqs are off.'];
  return softirqs === 'maybe' ? ['Softirqs may be off.'] : [];
}

function shown({ name, mode, sure }: HeldHere): string {
  return `${sure ? '' : 'maybe '}\`${name}\`${mode === null ? '' : ` for ${mode}`}`;
}
