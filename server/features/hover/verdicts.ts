/** What the exploration has found of a check. */

import { checkName } from '../../../core/semantics/intrinsicsChecks.ts';
import type { Verdicts } from '../../verdicts.ts';
import type { Scene } from '../../scene.ts';

export type { Verdicts } from '../../verdicts.ts';

export function verdictLines(
  scene: Scene,
  name: string,
  verdicts: Pick<Verdicts, 'known'> | null,
): readonly string[] {
  if (verdicts === null) return [];
  const lines: string[] = [];
  for (const variant of scene.variants) {
    const located = verdicts.known(scene, variant)?.located ?? null;
    if (located === null) continue;
    const fails = located.violations.some((each) => checkName(each.check) === checkName(name));
    const outcome = fails ? 'fails' : located.verdict === 'unknown' ? 'is not decided' : 'holds';
    const options = [...variant.options].map((option) => option.join(' = ')).join(', ');
    lines.push(`- ${options === '' ? 'it' : `\`${options}\`:`} ${outcome}`);
  }
  return lines.length === 0 ? [] : [lines.join('\n')];
}
