/** What the debug adapter shares of messages: what is a request, and how one is refused. */

import type { DebugProtocol } from '@vscode/debugprotocol';

/** A request cannot be served; the message is for the person. */
export class Refusal extends Error {}

/** Requests that do not wait for what is under way. */
export const leaving: ReadonlySet<string> = new Set(['disconnect', 'terminate', 'restart']);
/** Commands whose refusal somebody is to see who pressed a button; others have a place of their own for it. */
export const moving: ReadonlySet<string> = new Set([
  ...['next', 'stepIn', 'stepOut', 'stepBack', 'continue', 'reverseContinue', 'goto', 'restartFrame'],
]);

/** Null for what is none. */
export function requestOf(message: unknown): DebugProtocol.Request | null {
  if (typeof message !== 'object' || message === null) return null;
  const { type, command, seq } = message as Partial<DebugProtocol.Request>;
  if (type !== 'request' || typeof command !== 'string' || typeof seq !== 'number') return null;
  return message as DebugProtocol.Request;
}

export function refuse(message: string): never {
  throw new Refusal(message);
}

export function descriptionOf(reason: string, text: string, why: string): string {
  if (reason === 'exception') return 'A check failed';
  return why === 'blocked' ? `Waiting: ${text}` : sentence(text);
}

export function sentence(text: string): string {
  return text === '' ? '' : `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}`;
}
