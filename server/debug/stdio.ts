/** Messages over a stream, each behind its length: the base protocol of the Debug Adapter Protocol. */

import type { Readable, Writable } from 'node:stream';

/** Longer messages are nobody's. */
const longest = 16 * 1024 * 1024;

/** What is no message is passed over up to the next one that looks like one. */
export function readMessages(input: Readable, onMessage: (message: unknown) => void): void {
  let buffer: Buffer = Buffer.alloc(0);
  input.on('data', (chunk: Buffer) => {
    buffer = buffer.length === 0 ? chunk : Buffer.concat([buffer, chunk]);
    for (;;) {
      const end = buffer.indexOf('\r\n\r\n');
      if (end < 0) {
        // A head of this length is none.
        if (buffer.length > 64 * 1024) buffer = Buffer.alloc(0);
        return;
      }
      const length = Number(
        /content-length:\s*(\d+)/i.exec(buffer.toString('ascii', 0, end))?.[1] ?? Number.NaN,
      );
      if (!Number.isSafeInteger(length) || length > longest) {
        buffer = buffer.subarray(end + 4);
        continue;
      }
      if (buffer.length < end + 4 + length) return;
      const text = buffer.toString('utf8', end + 4, end + 4 + length);
      buffer = buffer.subarray(end + 4 + length);
      const message = parsed(text);
      if (message !== undefined) onMessage(message);
    }
  });
}

export function writeMessage(output: Writable, message: object): void {
  const text = JSON.stringify(message);
  output.write(`Content-Length: ${Buffer.byteLength(text, 'utf8')}\r\n\r\n${text}`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
