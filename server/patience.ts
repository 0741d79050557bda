/** Waiting until somebody who types has paused: what takes long and is only nice to have comes behind the diagnostics. */

import type { CancellationToken } from 'vscode-languageserver';
import type { FeatureServer } from './feature.ts';
import type { Scene } from './scene.ts';

/** Milliseconds; keys follow each other faster. */
const pauseOfTyping = 80;

/** Whether the text is still that of the scene, and the answer still wanted. */
export async function isStill(
  scene: Scene,
  { workspace }: Pick<FeatureServer, 'workspace'>,
  token: CancellationToken,
): Promise<boolean> {
  await new Promise((resolve) => {
    setTimeout(resolve, pauseOfTyping);
  });
  const version = workspace.document(scene.uri)?.version ?? null;
  return !token.isCancellationRequested && version === scene.version;
}
