/** The language server's entry: `node server.js --stdio`, or forked by an editor that speaks over Node's IPC. */

import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { serve } from './connection.ts';

const ways = ['--stdio', '--node-ipc', '--pipe', '--socket'];
if (!process.argv.some((argument) => ways.some((way) => argument.split('=')[0] === way))) {
  process.stderr.write(`usage: node server.js ${ways.join(' | ')}\n`);
  process.exit(2);
}
// What is printed must not get into the protocol's stream.
console.log = console.info = console.debug = console.error;
const connection = createConnection(ProposedFeatures.all);
serve(connection);
connection.listen();
