/** What the suite, inside the extension host, asks of the test outside: looks at the page, clicks in it, results. */

import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Page } from './browser.ts';
import type { Asked, Result } from './suite/outside.ts';

export interface Bridge {
  readonly url: string;
  readonly results: readonly Result[];
  close(): void;
}

/** `page` is asked for late: the bridge is there before the page is. */
export async function openBridge(page: () => Page, screenshots: string): Promise<Bridge> {
  const results: Result[] = [];
  const server = createServer(async (request, response) => {
    try {
      const asked = JSON.parse(await bodyOf(request)) as Asked;
      const answer =
        asked.do === 'result' ? results.push(asked.result) : await act(page(), asked, screenshots);
      response.end(JSON.stringify(answer ?? null));
    } catch (error) {
      response.statusCode = 500;
      response.end(error instanceof Error ? error.message : String(error));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    results,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function act(
  page: Page,
  asked: Exclude<Asked, { do: 'result' }>,
  screenshots: string,
): Promise<unknown> {
  switch (asked.do) {
    case 'screenshot':
      // Away from what would show a hover.
      await page.mouse.move(480, 790);
      return page.screenshot({ path: join(screenshots, `${asked.name}.png`) }).then(() => null);
    case 'texts':
      return page.locator(asked.selector).allTextContents();
    case 'frameTexts': {
      const texts = page.frames().map((frame) => frame.locator(asked.selector).allTextContents());
      return (await Promise.all(texts.map((each) => each.catch(() => [])))).flat();
    }
    case 'count':
      return page.locator(asked.selector).count();
    case 'click':
      return page.locator(asked.selector).first().click({ timeout: 5000 });
    case 'frameClick': {
      for (const frame of page.frames()) {
        const found = frame.locator(asked.selector);
        if ((await found.count().catch(() => 0)) > 0) return found.first().click({ timeout: 5000 });
      }
      throw new Error(`no frame has ${asked.selector}`);
    }
    case 'hover':
      return page.locator(asked.selector).first().hover({ timeout: 5000 });
    case 'press':
      return page.keyboard.press(asked.key);
    case 'type':
      return page.keyboard.type(asked.text);
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
