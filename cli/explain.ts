import { didYouMean } from '../core/semantics/nearest.ts';
import { codes, isCode } from '../core/syntax/codes.ts';
import type { Command } from './command.ts';
import { pageOf } from './shipped.ts';

export const explain: Command = {
  name: 'explain',
  summary: 'tell what a code means, with a broken and a mended example',
  help: `usage: lockstep explain [CODE]

  Prints the page of a code, such as data-race or data_race. Without a code, lists them all.

  Exit code: 0; 2 when there is no such code.
`,
  options: {},
  run: async ({ positionals }) => {
    if (positionals.length === 0) {
      process.stdout.write(list());
      return 0;
    }
    const pages = positionals.map(page);
    process.stdout.write(pages.flatMap(({ text }) => (text === null ? [] : [text])).join('\n'));
    process.stderr.write(pages.flatMap(({ problem }) => (problem === null ? [] : [problem])).join(''));
    return pages.some(({ problem }) => problem !== null) ? 2 : 0;
  },
};

function list(): string {
  const width = Math.max(...Object.keys(codes).map((code) => code.length));
  return Object.entries(codes)
    .map(([code, meaning]) => `${code.padEnd(width)}  ${meaning}\n`)
    .join('');
}

function page(written: string): { readonly text: string | null; readonly problem: string | null } {
  const code = written.toLowerCase().replaceAll('_', '-');
  if (!isCode(code)) {
    const hint = didYouMean(code, Object.keys(codes));
    return { text: null, problem: `lockstep explain: there is no code '${written}'${hint}\n` };
  }
  return { text: pageOf(code) ?? `${code}: ${codes[code]}\n`, problem: null };
}
