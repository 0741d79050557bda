/** What the tests in an editor need of the machine. Where it cannot be had they are skipped, which CI does not allow. */

import { provideChromium } from '../../scripts/chromium.mjs';
import { provide } from '../../scripts/vscode.mjs';

/** Why there is no VS Code to be had; false when there is one. */
export function missingEditor(): string | false {
  try {
    provide();
    return false;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return `needs VS Code's server from npm: ${message.split('\n')[0]}`;
  }
}

/** A browser's program, or why there is none. */
export function browser(): { readonly path: string } | { readonly missing: string } {
  return provideChromium();
}
