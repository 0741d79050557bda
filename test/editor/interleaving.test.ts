import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { FromView, ToView } from '../../client/webview/messages.ts';
import type { Step } from '../../client/webview/layout.ts';
import { bundleInto, root } from '../../scripts/build.mjs';
import { provide } from '../../scripts/vscode.mjs';
import { launch, type Page } from './browser.ts';
import { browser as findBrowser, missingEditor } from './needs.ts';

const browser = findBrowser();
const threads = ['fault[0]', 'fault[1]', 'zap', 'flush'];

/** Threads take turns of a few steps under one of three locks; the last step breaks a check. */
function manySteps(count: number): Step[] {
  return Array.from({ length: count }, (_, index) => {
    const turn = Math.floor(index / 7);
    return {
      number: index + 1,
      thread: turn % threads.length,
      text: `store: table[${index % 512}] = entry_of(page, ${index})`,
      value: String(index),
      within: 'map_page',
      holds: index % 7 === 6 ? [] : [`lock_${turn % 3}`],
      touches: [`table[${index % 512}]`],
      broken: index === count - 1 ? ['lost'] : [],
    };
  });
}

/** The bundle in a page, with a stand-in for the editor that answers from `steps`. */
async function withView(
  steps: readonly Step[],
  body: (page: Page, told: () => Promise<readonly FromView[]>) => Promise<void>,
): Promise<void> {
  assert.ok('path' in browser);
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-page-'));
  try {
    await bundleInto(folder, { minify: true });
    writeFileSync(
      join(folder, 'page.html'),
      `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
<link rel="stylesheet" href="${pathToFileURL(join(root, 'client/media/interleaving.css'))}"></head><body>
<script>
const steps = ${JSON.stringify(steps)};
const told = [];
let state;
function say(message) { window.postMessage(message, '*'); }
function acquireVsCodeApi() {
  return {
    getState: () => state,
    setState: (next) => { state = next; },
    postMessage: (message) => {
      told.push(message);
      if (message.kind === 'page')
        say({ kind: 'page', id: 'run', round: message.round, steps: steps.slice(message.from - 1, message.to - 1) });
    },
  };
}
const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
async function until(probe) {
  for (const end = performance.now() + 20000; performance.now() < end; await frame())
    if (probe()) return;
  throw new Error('waited for ' + probe);
}
</script>
<script src="interleaving.js"></script></body></html>`,
    );
    const chromium = await launch(provide(), browser.path);
    try {
      const page = await chromium.newPage({ viewport: { width: 1000, height: 400 } });
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(error.message));
      await page.goto(pathToFileURL(join(folder, 'page.html')).href, { waitUntil: 'domcontentloaded' });
      await body(page, async () => (await page.evaluate('told')) as readonly FromView[]);
      assert.deepEqual(errors, []);
    } finally {
      await chromium.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const runOf = (length: number, cursor: number, more: Partial<ToView & { kind: 'run' }> = {}): string =>
  JSON.stringify({
    ...{ kind: 'run', id: 'run', title: 'Step', threads, cursor, length, kept: 0, forks: [], ...more },
  } satisfies ToView);

test('the interleaving view in a browser', {
  // Playwright comes with the editor.
  skip: 'missing' in browser ? browser.missing : missingEditor(),
}, async (context) => {
  const count = 10_000;
  await withView(manySteps(count), async (page, told) => {
    await context.test('10,000 steps are painted', async () => {
      const painted = (await page.evaluate(`(async () => {
        const begin = performance.now();
        say(${runOf(count, 0)});
        await until(() => document.querySelector('#row-1 .text'));
        await frame();
        const first = performance.now() - begin;
        await until(() => told.filter(({ kind }) => kind === 'page').length === 20 && document.querySelectorAll('.chip').length === 7);
        return { first, all: performance.now() - begin, rows: document.querySelectorAll('.canvas .row').length };
      })()`)) as { first: number; all: number; rows: number };
      assert.ok(painted.rows > 10 && painted.rows < 100, String(painted.rows));
      context.diagnostic(
        `painted after ${painted.first.toFixed(0)} ms, all ${count} steps there after ${painted.all.toFixed(0)} ms`,
      );
    });
    await context.test('scrolling shows the rows that are there, and draws few', async () => {
      const scrolled = (await page.evaluate(`(async () => {
        const grid = document.querySelector('.grid');
        const times = [];
        for (let at = 0; at < 120; at++) {
          const begin = performance.now();
          grid.scrollTop = at * 1800;
          await new Promise((done) => requestAnimationFrame(done));
          times.push(performance.now() - begin);
        }
        await frame();
        const rows = [...document.querySelectorAll('.canvas .row')];
        return { most: Math.max(...times), rows: rows.length, first: Number(rows[0].dataset.step), blank: rows.filter((row) => !row.querySelector('.text')).length };
      })()`)) as { most: number; rows: number; first: number; blank: number };
      assert.ok(scrolled.rows < 100);
      assert.ok(scrolled.first > 9000, String(scrolled.first));
      assert.equal(scrolled.blank, 0);
      context.diagnostic(`the slowest of 120 frames of scrolling took ${scrolled.most.toFixed(0)} ms`);
    });
    await context.test('keys and clicks travel, and the present row is told', async () => {
      await page.evaluate("document.querySelector('.grid').focus()");
      for (const key of ['Home', 'ArrowDown', 'ArrowDown', 'ArrowRight', 'End', 'ArrowUp'])
        await page.keyboard.press(key);
      const steps = (await told()).flatMap((one) => (one.kind === 'goto' ? [one.step] : []));
      assert.deepEqual(steps, [1, 2, 3, count, count - 1]);
      const shown = (await page.evaluate(`(() => {
        const grid = document.querySelector('.grid');
        const row = document.getElementById(grid.getAttribute('aria-activedescendant'));
        return { present: row.dataset.step, selected: row.getAttribute('aria-selected'), status: document.querySelector('[role=status]').textContent,
          roles: [grid.getAttribute('role'), row.getAttribute('role'), row.children[0].getAttribute('role')], count: grid.getAttribute('aria-rowcount') };
      })()`)) as Record<string, unknown>;
      assert.deepEqual(
        [shown['present'], shown['selected'], shown['roles'], shown['count']],
        [String(count - 1), 'true', ['grid', 'row', 'gridcell'], String(count + 2)],
      );
      assert.match(String(shown['status']), /^Step 9999 of 10000, fault\[0\] in map_page\(\): store: table/);
      await page.locator(`#row-${count - 3}`).click();
      assert.deepEqual((await told()).at(-1), { kind: 'goto', step: count - 3 });
    });
    await context.test('the violation is marked, and switches and bars are drawn', async () => {
      const marks = (await page.evaluate(`({
        broken: [...document.querySelectorAll('.row.broken')].map((row) => row.dataset.step),
        check: document.querySelector('.check').textContent,
        bars: document.querySelectorAll('.bar').length,
        switches: document.querySelectorAll('.switch').length })`)) as Record<string, unknown>;
      assert.deepEqual([marks['broken'], marks['check']], [[String(count)], '✖ lost']);
      assert.ok(Number(marks['bars']) > 10 && Number(marks['switches']) > 2, JSON.stringify(marks));
    });
    await context.test('filters: words, a thread, a lock; the state is kept', async () => {
      await page.keyboard.press('/');
      await page.keyboard.type('table[511]');
      const rows = (): Promise<unknown> =>
        page.evaluate(
          "[...document.querySelectorAll('.canvas .row')].map((row) => Number(row.dataset.step)).slice(0, 3)",
        );
      await page.evaluate("document.querySelector('.grid').scrollTop = 0; frame()");
      assert.deepEqual(await rows(), [0, 512, 1024]);
      await page.locator('.chip >> text="zap"').click();
      const ofZap = manySteps(count).filter(
        ({ thread, text }) => thread === 2 && text.includes('table[511]'),
      );
      assert.deepEqual(await rows(), [0, ofZap[0]?.number, ofZap[1]?.number]);
      assert.deepEqual(await page.evaluate('state.filter'), { text: 'table[511]', threads: [2], locks: [] });
      await page.locator('.chip >> text="zap"').click();
      await page.locator('.chip >> text="lock_1"').click();
      const [, first] = (await rows()) as number[];
      assert.equal(manySteps(count)[(first ?? 0) - 1]?.holds[0], 'lock_1');
      await page.evaluate(`say(${JSON.stringify({ kind: 'give', as: 'text' } satisfies ToView)}); frame()`);
      const given = (await told()).at(-1);
      assert.ok(
        given?.kind === 'given' && given.text.split('\n').length > 5,
        JSON.stringify(given).slice(0, 200),
      );
    });
    await context.test(
      'a run that was left is offered where it was left; nothing is shown without a run',
      async () => {
        await page.keyboard.press('Escape');
        await page.evaluate(
          `say(${runOf(count, 0, { kept: 10_000, forks: [{ at: 0, why: 'zap moved', steps: 3 }] })}); frame()`,
        );
        await page.locator('.fork').click();
        assert.deepEqual((await told()).at(-1), { kind: 'fork', index: 0 });
        await page.evaluate(`say(${runOf(0, 0, { id: null, threads: [] })}); frame()`);
        assert.deepEqual(
          await page.evaluate(
            "[getComputedStyle(document.querySelector('.grid')).display, getComputedStyle(document.querySelector('.empty')).display]",
          ),
          ['none', 'block'],
        );
      },
    );
  });
});
