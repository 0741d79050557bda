/** The shapes of what requests bring along, looked at before anything is done with it. */

type Shape = Scalar | `${Scalar}?` | { readonly list: Fields | 'string'; readonly optional?: true } | Fields;
type Scalar = 'number' | 'string' | 'boolean';
interface Fields {
  readonly fields: Readonly<Record<string, Shape>>;
}

const thread = { threadId: 'number', granularity: 'string?' } as const;
const source = { fields: { path: 'string?', sourceReference: 'number?' } } as const;
const condition = { condition: 'string?', hitCondition: 'string?' } as const;

const shapes: Readonly<Record<string, Readonly<Record<string, Shape>>>> = {
  setBreakpoints: {
    source,
    breakpoints: {
      list: { fields: { line: 'number', logMessage: 'string?', ...condition } },
      optional: true,
    },
  },
  setFunctionBreakpoints: { breakpoints: { list: { fields: { name: 'string', ...condition } } } },
  setExceptionBreakpoints: {
    filters: { list: 'string' },
    filterOptions: { list: { fields: { filterId: 'string', condition: 'string?' } }, optional: true },
  },
  setDataBreakpoints: {
    breakpoints: { list: { fields: { dataId: 'string', accessType: 'string?', ...condition } } },
  },
  dataBreakpointInfo: { name: 'string', variablesReference: 'number?', frameId: 'number?' },
  stackTrace: { threadId: 'number', startFrame: 'number?', levels: 'number?' },
  scopes: { frameId: 'number' },
  variables: { variablesReference: 'number', start: 'number?', count: 'number?' },
  source: { sourceReference: 'number' },
  next: thread,
  stepIn: { ...thread, targetId: 'number?' },
  stepOut: thread,
  stepBack: thread,
  continue: { threadId: 'number' },
  reverseContinue: { threadId: 'number' },
  stepInTargets: { frameId: 'number' },
  gotoTargets: { source, line: 'number' },
  goto: { targetId: 'number' },
  restartFrame: { frameId: 'number' },
  evaluate: { expression: 'string', frameId: 'number?' },
  completions: { text: 'string', column: 'number', frameId: 'number?' },
  setVariable: { variablesReference: 'number', name: 'string', value: 'string' },
  setExpression: { expression: 'string', value: 'string', frameId: 'number?' },
  readMemory: { memoryReference: 'string', offset: 'number?', count: 'number' },
  'lockstep/timeline': { from: 'number?', to: 'number?' },
  'lockstep/goto': { step: 'number' },
  'lockstep/move': { thread: 'number' },
  'lockstep/save': { as: 'string', title: 'string?' },
  'lockstep/fork': { index: 'number' },
};

/** What is wrong with the arguments of a request, for a person; null: nothing. */
export function problemOf(command: string, given: unknown): string | null {
  if (given === undefined && shapes[command] === undefined) return null;
  if (given !== undefined && !isRecord(given)) return 'its arguments are no object';
  return problemIn(given ?? {}, { fields: shapes[command] ?? {} }, '');
}

function problemIn(value: unknown, shape: Shape, path: string): string | null {
  if (typeof shape === 'string') {
    const isOptional = shape.endsWith('?');
    if (isOptional && (value === undefined || value === null)) return null;
    const wanted = shape.replace('?', '');
    const fits = wanted === 'number' ? Number.isFinite(value) : typeof value === wanted;
    return fits ? null : `'${path}' is no ${wanted}`;
  }
  if ('list' in shape) {
    if (value === undefined && shape.optional === true) return null;
    if (!Array.isArray(value)) return `'${path}' is no list`;
    for (const [index, each] of value.entries()) {
      const problem = problemIn(each, shape.list, `${path}[${index}]`);
      if (problem !== null) return problem;
    }
    return null;
  }
  if (!isRecord(value)) return `'${path}' is no object`;
  for (const [name, field] of Object.entries(shape.fields)) {
    const problem = problemIn(value[name], field, path === '' ? name : `${path}.${name}`);
    if (problem !== null) return problem;
  }
  return null;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
