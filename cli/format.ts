import { chmodSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { format as formatText } from '../core/syntax/format.ts';
import { parse } from '../core/syntax/parser.ts';
import { displayPath, readText, scenarioFilesBelow } from '../host/files.ts';
import { UsageError } from './arguments.ts';
import type { Command } from './command.ts';

export const format: Command = {
  name: 'format',
  summary: 'lay out scenario files',
  help: `usage: lockstep format PATH… [--check]

  Lays out each file, and every .lockstep file below each directory. Comments are kept; only blanks and
  line ends change. A file with syntax errors is left as it is.

  --check   change nothing; name the files that would change

  Exit code: 0; 1 when --check finds a file that would change; 2 when a file cannot be read or written.
`,
  options: { check: 'flag' },
  run: async (args) => {
    if (args.positionals.length === 0) throw new UsageError('name a file or a directory');
    const checking = args.flag('check');
    let code = 0;
    for (const path of args.positionals.flatMap(filesAt)) {
      const outcome = formatFile(path, checking);
      if (outcome.kind === 'problem') {
        process.stderr.write(`${displayPath(path)}: ${outcome.message}\n`);
        code = 2;
      } else if (outcome.kind === 'changed') {
        process.stdout.write(`${displayPath(path)}${checking ? ' would change' : ''}\n`);
        if (checking && code === 0) code = 1;
      }
    }
    return code;
  },
};

type Outcome = { readonly kind: 'same' | 'changed' } | { readonly kind: 'problem'; readonly message: string };

function filesAt(path: string): readonly string[] {
  const isDirectory = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  return isDirectory ? scenarioFilesBelow(path).files : [path];
}

function formatFile(path: string, checking: boolean): Outcome {
  const reading = readText(path, { keepMark: true });
  if (reading.kind === 'missing') return { kind: 'problem', message: 'does not exist' };
  if (reading.kind === 'refused') return { kind: 'problem', message: reading.message };
  const [error] = parse(path, reading.text.replace(/^\ufeff/, '')).errors;
  if (error !== undefined) return { kind: 'problem', message: `is left as it is: ${error.message}` };
  const text = formatText(reading.text);
  if (text === reading.text) return { kind: 'same' };
  if (checking) return { kind: 'changed' };
  try {
    replaceFile(path, text);
    return { kind: 'changed' };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { kind: 'problem', message: `cannot be written: ${why}` };
  }
}

/** Writes beside the file first, so that an interruption loses nothing. Follows links and keeps the mode. */
function replaceFile(path: string, text: string): void {
  const target = realpathSync(path);
  const staging = join(dirname(target), `.lockstep-format.${process.pid}`);
  try {
    writeFileSync(staging, text, { flag: 'wx' });
    chmodSync(staging, statSync(target).mode);
    renameSync(staging, target);
  } finally {
    rmSync(staging, { force: true });
  }
}
