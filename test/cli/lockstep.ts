import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';
import type { Report } from '../../core/export/result.ts';
import { root } from '../house/sources.ts';

export interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `lockstep` as a user would, in a directory. */
export function lockstep(directory: string, ...args: string[]): Run {
  const bin = join(root, 'bin', 'lockstep.mjs');
  const child = spawnSync(process.execPath, [bin, ...args], {
    cwd: directory,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    timeout: 120_000,
  });
  return { code: child.status, out: child.stdout, err: child.stderr };
}

export function checkJson(directory: string, ...args: string[]): Report & { readonly code: number | null } {
  const { code, out, err } = lockstep(directory, 'check', ...args, '--format', 'json');
  try {
    return { ...JSON.parse(out), code };
  } catch {
    throw new Error(`no report, exit code ${code}: ${err}${out.slice(0, 500)}`);
  }
}

/** A new directory with these files, gone after the tests. */
export function directoryWith(files: Readonly<Record<string, string | Uint8Array>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'lockstep-cli-'));
  after(() => rmSync(directory, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), content);
  }
  return directory;
}

export const passing = `scenario "It passes";

int x;

task writer { WRITE_ONCE(x, 1); }

finally written: x == 1;
`;

export const racy = `scenario "Two increments";

option fix = { none, atomics };

when (fix == none) { int n; }
when (fix == atomics) { atomic_t n; }

task adder[i : 0..1] {
    if (fix == none)
        n++;
    else
        atomic_inc(&n);
}

finally both_counted: fix == none ? n == 2 : atomic_read(&n) == 2;

expect fails both_counted when fix == none;
expect passes when fix == atomics;
`;
