/**
 * `npx tsx test/bench/server.ts`: the language server as an editor sees it, from outside its process. A workspace of
 * 200 files and 10,000 lines: until every symbol is found; from an edit to its diagnostics (syntax, types and lock
 * rules of all variants); completion in between; memory. The same edits in an example of seven variants. Wall time is
 * what a user waits; processor time is what is left of it on a machine that does other things too.
 */

import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuilt, root } from '../../scripts/build.mjs';
import { Client } from '../server/client.ts';

const FILES = 200;
const EDITS = 60;
/** Milliseconds between two keys. */
const PAUSE = 60;

interface Timing {
  readonly wall: number;
  readonly processor: number;
}

await ensureBuilt();
const directory = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-bench-')));
try {
  writeWorkspace();
  await measure('workspace', join(directory, 'one', 's1.lockstep'));
  await measure('put-root', join(root, 'examples', 'put-root.lockstep'));
} finally {
  rmSync(directory, { recursive: true, force: true });
}

async function measure(name: string, path: string): Promise<void> {
  const client = new Client(join(root, 'dist', 'server.js'), '--stdio');
  try {
    const pid = client.child.pid ?? 0;
    await client.initialize(pathToFileURL(name === 'workspace' ? directory : join(root, 'examples')).href);
    const index = await timed(pid, () => client.request('workspace/symbol', { query: 'f1' }));
    print(`${name}: cold index`, [index]);
    const uri = pathToFileURL(path).href;
    const text = readFileSync(path, 'utf8');
    let version = 1;
    const published = (): Promise<unknown> =>
      client.next(
        ({ method, params }) =>
          method === 'textDocument/publishDiagnostics' &&
          params?.['uri'] === uri &&
          params['version'] === version,
      );
    client.notify('textDocument/didOpen', { textDocument: { uri, languageId: 'lockstep', version, text } });
    print(`${name}: first diagnostics`, [await timed(pid, published)]);
    const at = text.slice(0, text.search(/\n(?:vcpu|task)[^\n]*\{\n/) + 1).split('\n').length;
    const edits: Timing[] = [];
    const completions: Timing[] = [];
    const position = { line: at, character: 0 };
    for (let edit = 0; edit < EDITS; edit++) {
      version++;
      edits.push(
        await timed(pid, async () => {
          client.notify('textDocument/didChange', {
            textDocument: { uri, version },
            contentChanges: [
              { range: { start: position, end: position }, text: `\tint typed${edit} = ${edit};\n` },
            ],
          });
          await published();
        }),
      );
      if (edit % 6 === 5) {
        const params = { textDocument: { uri }, position: { line: at, character: 5 } };
        completions.push(await timed(pid, () => client.request('textDocument/completion', params)));
      }
      await pause(PAUSE);
    }
    print(`${name}: diagnostics after an edit`, edits);
    print(`${name}: completion`, completions);
    const now = status(pid, 'VmRSS');
    console.log(`${`${name}: memory`.padEnd(44)}${now} MB now, ${status(pid, 'VmHWM')} MB at most`);
  } finally {
    client.child.kill('SIGKILL');
  }
}

function writeWorkspace(): void {
  for (const folder of ['one', 'two']) {
    mkdirSync(join(directory, folder), { recursive: true });
    for (let file = 1; file <= FILES / 4; file++) {
      writeFileSync(join(directory, folder, `h${file}.lockstep`), helper(file));
      writeFileSync(join(directory, folder, `s${file}.lockstep`), scenario(file));
    }
  }
}

/** 50 lines: a lock, what it guards, and eight functions that take it. */
function helper(file: number): string {
  const functions = Array.from(
    { length: 8 },
    (_, each) =>
      `static void f${file}_${each}(struct item${file} *item)\n{\n\tspin_lock(&lock${file});\n\titem->count += ${each};\n\tspin_unlock(&lock${file});\n}\n`,
  );
  const struct = `struct item${file} {\n\tint count;\n\tint state;\n};\n`;
  return `${struct}spinlock_t lock${file};\n\n${functions.join('')}`;
}

function scenario(file: number): string {
  const threads = Array.from(
    { length: 4 },
    (_, each) =>
      `/** Counts. */\ntask t${each} {\n\tf${file}_${each}(&item);\n\tif (way == locked)\n\t\tf${file}_${each + 4}(&item);\n\telse\n\t\titem.state = ${each};\n}\n\n`,
  );
  return `scenario "Scenario ${file}";\nimport "./h${file}";\n\noption way = { locked, plain };\n\nstruct item${file} item;\n\n${threads.join('')}invariant counted: item.count >= 0;\nexpect passes;\n`;
}

async function timed(pid: number, run: () => Promise<unknown>): Promise<Timing> {
  const began = performance.now();
  const before = processorTime(pid);
  await run();
  return { wall: performance.now() - began, processor: processorTime(pid) - before };
}

/** Milliseconds that all threads of a process have had, in steps of ten; 0 where the system does not say. */
function processorTime(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return 0;
  }
}

function status(pid: number, field: string): string {
  try {
    const kilobytes = new RegExp(`${field}:\\s+(\\d+)`).exec(
      readFileSync(`/proc/${pid}/status`, 'utf8'),
    )?.[1];
    return (Number(kilobytes) / 1024).toFixed(0);
  } catch {
    return '?';
  }
}

function print(what: string, timings: readonly Timing[]): void {
  const of = (kind: keyof Timing, share: number): string => {
    const sorted = timings.map((timing) => timing[kind]).sort((a, b) => a - b);
    return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)
      .toFixed(0)
      .padStart(6);
  };
  const wall = `median ${of('wall', 0.5)} ms, p99 ${of('wall', 0.99)} ms`;
  console.log(
    `${what.padEnd(44)}${wall}   processor: median ${of('processor', 0.5)} ms, p99 ${of('processor', 0.99)} ms`,
  );
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
