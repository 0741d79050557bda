import type { Command } from './command.ts';
import { UsageError } from './arguments.ts';

export const dap: Command = {
  name: 'dap',
  summary: 'start the debug adapter, for an editor',
  help: `usage: lockstep dap --stdio

  Speaks the Debug Adapter Protocol over standard input and output, until the editor ends it.

  Exit code: 0.
`,
  options: { stdio: 'flag' },
  run: async (args) => {
    if (!args.flag('stdio')) throw new UsageError('say how the editor is connected: lockstep dap --stdio');
    // A program of its own, bundled beside the command line (scripts/build.mjs): it reads --stdio itself.
    const server = new URL('./dap.js', import.meta.url);
    await import(server.href);
    return 0;
  },
};
