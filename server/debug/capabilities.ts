/** What the debug adapter can do. */

import type { DebugProtocol } from '@vscode/debugprotocol';

export function exceptionFilters(checks: readonly string[]): DebugProtocol.ExceptionBreakpointsFilter[] {
  const conditionDescription = 'names of checks, such as deadlock or use_after_free';
  return [
    {
      ...{ filter: 'errors', label: 'Failing checks', default: true },
      ...{ supportsCondition: true, conditionDescription },
      description: 'Stops where a check fails.',
    },
    {
      ...{ filter: 'warnings', label: 'Warnings', default: false },
      ...{ supportsCondition: true, conditionDescription },
      description: 'Stops where a check fails whose severity is a warning, such as a data race.',
    },
    ...[...new Set(checks)].sort().map((name) => ({ filter: name, label: name, default: false })),
  ];
}

export const capabilities: DebugProtocol.Capabilities = {
  supportsConfigurationDoneRequest: true,
  supportsFunctionBreakpoints: true,
  supportsConditionalBreakpoints: true,
  supportsHitConditionalBreakpoints: true,
  supportsLogPoints: true,
  supportsDataBreakpoints: true,
  supportsExceptionFilterOptions: true,
  exceptionBreakpointFilters: exceptionFilters([]),
  supportsExceptionInfoRequest: true,
  supportsEvaluateForHovers: true,
  supportsStepBack: true,
  supportsSteppingGranularity: true,
  supportsStepInTargetsRequest: true,
  supportsGotoTargetsRequest: true,
  supportsRestartFrame: true,
  supportsRestartRequest: true,
  supportsSetVariable: true,
  supportsSetExpression: true,
  supportsCompletionsRequest: true,
  completionTriggerCharacters: ['.', '>'],
  supportsReadMemoryRequest: true,
  supportsTerminateRequest: true,
  supportTerminateDebuggee: false,
  supportsDelayedStackTraceLoading: true,
  supportsClipboardContext: true,
};
