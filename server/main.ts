/** The language server's entry: `node server.js --stdio`, or forked by an editor that speaks over Node's IPC. */

import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { startWorker } from '../host/queue.ts';
import type { WorkerData } from '../host/worker.ts';
import { serve } from './connection.ts';

/** Exploring leaves the processor to who types; what a search holds besides is bounded by its budget. */
const workerOptions = {
  workerData: { isBackground: true } satisfies WorkerData,
  resourceLimits: { maxOldGenerationSizeMb: 1024 },
};

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
  startRunner: () => startWorker(new URL('./worker.js', import.meta.url), workerOptions),
});
connection.listen();
