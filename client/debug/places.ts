/** Places of the debugger, in the editor. */

import * as vscode from 'vscode';
import type { Place } from './protocol.ts';

export function uriOf({ path }: Pick<Place, 'path'>): vscode.Uri {
  return /^[a-z][a-z0-9+.-]+:/i.test(path) && !/^[a-z]:[\\/]/i.test(path)
    ? vscode.Uri.parse(path, true)
    : vscode.Uri.file(path);
}

export function rangeOf({ line, column }: Place): vscode.Range {
  const position = new vscode.Position(Math.max(0, line - 1), Math.max(0, column - 1));
  return new vscode.Range(position, position);
}

/** A command that shows the place, and leaves the focus where it is. */
export function reveal(place: Place): vscode.Command {
  return {
    command: 'vscode.open',
    title: 'Show',
    arguments: [uriOf(place), { selection: rangeOf(place), preview: true, preserveFocus: true }],
  };
}
