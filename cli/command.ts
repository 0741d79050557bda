import type { Arguments, OptionTable } from './arguments.ts';

export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** The whole text of `--help`. */
  readonly help: string;
  readonly options: OptionTable;
  /** Answers the exit code. Throws UsageError for a wrong command line. */
  readonly run: (args: Arguments) => Promise<number>;
}
