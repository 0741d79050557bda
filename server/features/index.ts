/** Every feature of the language server; the order does not matter. */

import type { Feature } from '../feature.ts';
import { codeLens } from './codeLens.ts';
import { completion } from './completion.ts';
import { foldingRanges } from './foldingRanges.ts';
import { hover } from './hover.ts';
import { signatureHelp } from './signatureHelp.ts';
import { selectionRanges } from './selectionRanges.ts';
import { formatting } from './formatting.ts';
import { semanticTokens } from './semanticTokens.ts';
import { codeActions } from './codeActions.ts';
import { inlayHints } from './inlayHints.ts';
import { inlineValues } from './inlineValues.ts';
import { callHierarchy } from './callHierarchy.ts';
import { definition } from './definition.ts';
import { documentHighlight } from './documentHighlight.ts';
import { documentLinks } from './documentLinks.ts';
import { documentSymbols } from './documentSymbols.ts';
import { fileRenames } from './fileRenames.ts';
import { references } from './references.ts';
import { rename } from './rename.ts';
import { workspaceSymbols } from './workspaceSymbols.ts';

export const features: readonly Feature[] = [
  codeLens,
  completion,
  hover,
  signatureHelp,
  foldingRanges,
  selectionRanges,
  formatting,
  semanticTokens,
  codeActions,
  inlayHints,
  inlineValues,
  callHierarchy,
  definition,
  documentHighlight,
  documentLinks,
  documentSymbols,
  fileRenames,
  references,
  rename,
  workspaceSymbols,
];
