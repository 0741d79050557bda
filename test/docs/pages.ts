import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openInputs, unusableFrom } from '../../cli/input.ts';
import { selectVariants } from '../../cli/selection.ts';
import type { ReportedDiagnostic, Result, Unusable } from '../../core/export/result.ts';
import { type Exploration, explore } from '../../host/job.ts';
import { textsOf } from '../../host/scenario.ts';
import { root } from '../house/sources.ts';

export interface Block {
  /** The heading that it stands under. */
  readonly heading: string;
  /** The name in a first line `// NAME.lockstep`; null without one. */
  readonly name: string | null;
  readonly text: string;
}

export function pageOf(code: string): string {
  return readFileSync(join(root, 'docs', 'diagnostics', `${code}.md`), 'utf8');
}

/** The ```lockstep blocks of a page of Markdown, with the headings they stand under. */
export function blocksIn(page: string): readonly Block[] {
  const blocks: Block[] = [];
  let heading = '';
  for (const part of page.matchAll(/^#+ (.*)$|^```lockstep\n([\s\S]*?)^```$/gm)) {
    if (part[1] !== undefined) heading = part[1];
    const text = part[2];
    if (text !== undefined)
      blocks.push({ heading, name: /^\/\/ (\S+)\.lockstep$/m.exec(text)?.[1] ?? null, text });
  }
  return blocks;
}

export interface Answer {
  readonly results: readonly Result[];
  readonly diagnostics: readonly ReportedDiagnostic[];
  readonly unusable: readonly Unusable[];
}

/** Checks the blocks as files of one directory, as `lockstep check` would. The first block is the scenario. */
export function run(directory: string, blocks: readonly Pick<Block, 'name' | 'text'>[]): Answer {
  const paths = blocks.map(({ name }, index) => join(directory, `${name ?? `example${index}`}.lockstep`));
  for (const [index, path] of paths.entries()) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, blocks[index]?.text ?? '');
  }
  const inputs = openInputs(paths.slice(0, 1));
  const explored = selectVariants(inputs.scenarios, new Map()).map(({ scenario, variant }) =>
    explore(
      {
        uri: scenario.uri,
        texts: textsOf(scenario.project),
        root: scenario.root,
        variant,
        budget: { maxStates: 1_000_000, maxMilliseconds: 60_000, maxBytes: 2 ** 30 },
        reduction: true,
        workingDirectory: directory,
      },
      () => true,
    ),
  );
  return {
    results: explored.flatMap(({ result }) => (result === null ? [] : [result])),
    diagnostics: [...inputs.diagnostics, ...explored.flatMap(everythingSaid)],
    unusable: [
      ...inputs.unusable,
      ...explored.flatMap(({ result, diagnostics }) => (result === null ? unusableFrom(diagnostics) : [])),
    ],
  };
}

function everythingSaid({ diagnostics, findings }: Exploration): readonly ReportedDiagnostic[] {
  return [...diagnostics, ...findings.map(({ diagnostic }) => diagnostic)];
}
