/** The little of playwright-core that the tests use. It is fetched with VS Code, and is no package of the checkout. */

import { createRequire } from 'node:module';
import { join } from 'node:path';

export interface Page {
  goto(url: string, options: { waitUntil: 'domcontentloaded' }): Promise<unknown>;
  /** Runs in the page. */
  evaluate(code: string): Promise<unknown>;
  exposeFunction(name: string, callback: (...args: never[]) => unknown): Promise<void>;
  screenshot(options: { path: string }): Promise<unknown>;
  locator(selector: string): Locator;
  frames(): readonly { url(): string; locator(selector: string): Locator }[];
  readonly keyboard: { press(key: string): Promise<void>; type(text: string): Promise<void> };
  readonly mouse: { move(x: number, y: number): Promise<void> };
  on(event: 'console', listener: (message: { text(): string; type(): string }) => void): void;
  on(event: 'pageerror', listener: (error: Error) => void): void;
  on(event: 'crash', listener: () => void): void;
}

export interface Locator {
  first(): Locator;
  click(options?: { timeout?: number; button?: 'right' }): Promise<void>;
  hover(options?: { timeout?: number }): Promise<void>;
  count(): Promise<number>;
  allTextContents(): Promise<string[]>;
}

export interface Browser {
  newPage(options: { viewport: { width: number; height: number } }): Promise<Page>;
  close(): Promise<void>;
}

interface Playwright {
  readonly chromium: {
    launch(options: { executablePath: string; args: readonly string[] }): Promise<Browser>;
  };
}

/** `cache`: the folder that the package was fetched into. */
export function launch(cache: string, executablePath: string): Promise<Browser> {
  const { chromium } = createRequire(join(cache, 'package.json'))('playwright-core') as Playwright;
  const args = [
    '--no-sandbox',
    '--disable-dev-shm-usage',
    '--disable-quic',
    '--disable-background-networking',
  ];
  return chromium.launch({ executablePath, args });
}
