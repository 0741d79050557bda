import type { Command } from './command.ts';
import { UsageError } from './arguments.ts';

export const lsp: Command = {
  name: 'lsp',
  summary: 'start the language server, for an editor',
  help: `usage: lockstep lsp --stdio

  Speaks the Language Server Protocol over standard input and output, until the editor ends it.

  Exit code: 0 when the editor has ended it; 1 when the connection was lost before.
`,
  options: { stdio: 'flag' },
  run: async (args) => {
    if (!args.flag('stdio')) throw new UsageError('say how the editor is connected: lockstep lsp --stdio');
    // A program of its own, bundled beside the command line (scripts/build.mjs): it reads --stdio itself.
    const server = new URL('./server.js', import.meta.url);
    await import(server.href);
    return 0;
  },
};
