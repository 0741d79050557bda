/** The debug adapter's entry for editors without a language server between: `node dap.js --stdio`. */

import { startWorker } from '../../host/queue.ts';
import { Explorer } from '../explorer.ts';
import { Workspace } from '../workspace.ts';
import { DebugAdapter } from './adapter.ts';
import { debugHost } from './host.ts';
import { readMessages, writeMessage } from './stdio.ts';

if (!process.argv.includes('--stdio')) {
  process.stderr.write('usage: lockstep dap --stdio\n');
  process.exit(2);
}
// What is printed must not get into the protocol's stream.
console.log = console.info = console.debug = console.error;
const workspace = new Workspace();
workspace.setFolders([process.cwd()]);
const explorer = new Explorer(() =>
  startWorker(new URL('./worker.js', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: 1024 },
  }),
);
explorer.configure(0);
const adapter = new DebugAdapter(
  debugHost(workspace, explorer, (error) => console.error(error)),
  (message) => {
    writeMessage(process.stdout, message);
    if (message.type === 'event' && 'event' in message && message.event === 'terminated') ending = true;
    if (message.type === 'response' && ending) finish();
  },
);
let ending = false;

readMessages(process.stdin, (message) => {
  if (
    typeof message === 'object' &&
    message !== null &&
    'command' in message &&
    message.command === 'disconnect'
  )
    ending = true;
  adapter.handle(message);
});
process.stdin.on('end', finish);

function finish(): void {
  adapter.close();
  explorer.close();
  process.exitCode = 0;
  process.stdin.destroy();
}
