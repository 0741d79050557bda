/** The language server's entry: `node server.js --stdio`, or forked by an editor that speaks over Node's IPC. */

import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { startWorker } from '../host/queue.ts';
import { serve } from './connection.ts';

/** JavaScript memory of one worker, in MB; what a search holds is bounded by its budget. */
const workerLimits = { maxOldGenerationSizeMb: 1024 };

const ways = ['--stdio', '--node-ipc', '--pipe', '--socket'];
if (!process.argv.some((argument) => ways.some((way) => argument.split('=')[0] === way))) {
  process.stderr.write(`usage: node server.js ${ways.join(' | ')}\n`);
  process.exit(2);
}
// What is printed must not get into the protocol's stream.
console.log = console.info = console.debug = console.error;
const connection = createConnection(ProposedFeatures.all);
// Bundled beside the server (scripts/build.mjs).
serve(connection, {
  startRunner: () => startWorker(new URL('./worker.js', import.meta.url), workerLimits),
});
connection.listen();
