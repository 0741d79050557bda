/** Verdicts in words, without the editor: what the status bar and the Test Explorer say. */

import type { VariantVerdict, VerdictsParams } from './protocol.ts';

export interface StatusText {
  /** With codicons, a few words. */
  readonly text: string;
  /** Markdown, a line for each variant. */
  readonly tooltip: string;
}

export function statusText(
  known: VerdictsParams | null,
  server: 'starting' | 'running' | 'stopped',
): StatusText {
  if (server === 'starting')
    return { text: '$(sync~spin) Lockstep', tooltip: 'The language server is starting.' };
  if (server === 'stopped') {
    return { text: '$(warning) Lockstep', tooltip: 'The language server does not run. Click to restart it.' };
  }
  if (known === null || known.state === 'none')
    return { text: '$(lock) Lockstep', tooltip: 'Nothing to check here.' };
  if (known.state === 'errors') {
    return { text: '$(error) Lockstep', tooltip: 'Nothing is explored while the text has errors.' };
  }
  const { verdicts, total } = known;
  const lines = verdicts.map(line);
  if (known.state === 'checking') {
    const tooltip = lines.length > 0 ? lines.join('\n') : 'Exploring every interleaving.';
    return { text: `$(sync~spin) ${verdicts.length} of ${total}`, tooltip };
  }
  if (total === 0) return { text: '$(lock) Lockstep', tooltip: 'There is no variant to explore.' };
  const open = total - verdicts.length;
  if (open > 0)
    lines.push(`- $(question) ${open} of ${total} not explored while typing; a check explores them`);
  return { text: summary(verdicts, total), tooltip: lines.join('\n') };
}

/** `fix=none` as a name; a scenario without options has one variant and no name for it. */
export function variantLabel(variant: string): string {
  return variant === '' ? 'the scenario' : variant;
}

/** `fails as expected`, `passes`, `passes, not as expected`, `unknown`. */
export function outcomeText({ verdict, met }: VariantVerdict): string {
  if (verdict === 'unknown') return 'unknown';
  if (!met) return `${verdict}, not as expected`;
  return verdict === 'fails' ? 'fails as expected' : verdict;
}

/** One sentence for a check that was asked for. */
export function checkedText(verdicts: readonly VariantVerdict[]): string {
  const [only] = verdicts;
  if (only !== undefined && verdicts.length === 1) {
    const name = only.variant === '' ? '' : `${only.variant}: `;
    return `${name}${outcomeText(only)}, ${states(only.states)}`;
  }
  const { met, unmet, unknown } = count(verdicts);
  const parts = [
    `${met} of ${verdicts.length} variants as expected`,
    ...(unmet > 0 ? [`${unmet} not`] : []),
    ...(unknown > 0 ? [`${unknown} unknown`] : []),
  ];
  return parts.join(', ');
}

export function states(count: number): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? 'state' : 'states'}`;
}

/** The worst that is known comes first. */
function summary(verdicts: readonly VariantVerdict[], total: number): string {
  const { met, unmet, unknown } = count(verdicts);
  const [only] = verdicts;
  if (unmet > 0) return `$(error) ${unmet} of ${total} not as expected`;
  const open = unknown + total - verdicts.length;
  if (open > 0) return `$(question) ${open} of ${total} unknown`;
  return only !== undefined && total === 1 ? `$(pass) ${outcomeText(only)}` : `$(pass) ${met} as expected`;
}

function count(verdicts: readonly VariantVerdict[]): Readonly<Record<'met' | 'unmet' | 'unknown', number>> {
  const unknown = verdicts.filter((one) => !one.met && one.verdict === 'unknown').length;
  const met = verdicts.filter((one) => one.met).length;
  return { met, unknown, unmet: verdicts.length - met - unknown };
}

function line(verdict: VariantVerdict): string {
  const icon = verdict.met ? '$(pass)' : verdict.verdict === 'unknown' ? '$(question)' : '$(error)';
  const reason = verdict.reason === null ? '' : ` (${escaped(verdict.reason)})`;
  const name = verdict.variant === '' ? '' : `\`${verdict.variant}\` `;
  return `- ${icon} ${name}${outcomeText(verdict)}, ${states(verdict.states)}${reason}`;
}

function escaped(text: string): string {
  return text.replace(/[\\`*_{}[\]<>()#+!|$-]/g, '\\$&');
}
