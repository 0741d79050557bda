/** `lockstep COMMAND …`: finds the command, and turns what it answers into an exit code. */

import { didYouMean } from '../core/semantics/nearest.ts';
import { readArguments, UsageError } from './arguments.ts';
import { check } from './check.ts';
import { dap } from './dap.ts';
import type { Command } from './command.ts';
import { explain } from './explain.ts';
import { exporting } from './export.ts';
import { format } from './format.ts';
import { lsp } from './lsp.ts';
import { version } from './shipped.ts';
import { trace } from './trace.ts';

const commands: readonly Command[] = [check, trace, explain, exporting, format, lsp, dap];

const usage = `usage: lockstep COMMAND …

${commands.map(({ name, summary }) => `  ${name.padEnd(9)} ${summary}`).join('\n')}

  lockstep COMMAND --help tells more of a command.
  lockstep --version
`;

// A reader that has seen enough (`lockstep check | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});
process.exitCode = await run(process.argv.slice(2));

/** Answers the exit code. */
async function run(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined) {
    process.stderr.write(usage);
    return 2;
  }
  if (name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(usage);
    return 0;
  }
  if (name === '--version') {
    process.stdout.write(`${version()}\n`);
    return 0;
  }
  const command = commands.find((one) => one.name === name);
  if (command === undefined) {
    const names = commands.map((one) => one.name);
    process.stderr.write(
      `lockstep: there is no command '${name}'${didYouMean(name, names)}; there are ${names.join(', ')}\n`,
    );
    return 2;
  }
  try {
    const parsed = readArguments(rest, command.options);
    if (parsed.flag('help')) {
      process.stdout.write(command.help);
      return 0;
    }
    return await command.run(parsed);
  } catch (error) {
    if (!(error instanceof UsageError)) {
      const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
      process.stderr.write(`lockstep ${name}: internal error, which should be reported: ${what}\n`);
      return 1;
    }
    process.stderr.write(`lockstep ${name}: ${error.message}\nlockstep ${name} --help tells more.\n`);
    return 2;
  }
}
