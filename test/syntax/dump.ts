import type {
  Annotation,
  Argument,
  Expression,
  FieldItem,
  Initializer,
  Item,
  Name,
  Param,
  Statement,
  TypeExpr,
} from '../../core/syntax/ast.ts';

/** A compact S-expression of a syntax tree, positions left out: what the tests compare. */
export function dumpItem(item: Item): string {
  switch (item.kind) {
    case 'scenario':
      return list('scenario', quoted(item.title));
    case 'import':
      return list('import', quoted(item.path));
    case 'profile':
      return list('profile', quoted(item.name));
    case 'option':
      return list('option', dumpName(item.name), ...item.values.map(dumpName));
    case 'machine':
      return list('machine', ...item.settings.map(dumpEntry));
    case 'setting':
      return list(
        'setting',
        dumpName(item.name),
        dumpExpression(item.value),
        range(item.low, item.high),
        item.values === null ? '' : list('values', ...item.values.map(dumpName)),
      );
    case 'when':
      return list('when', dumpExpression(item.condition), ...item.items.map(dumpItem));
    case 'pool':
      return list(
        'pool',
        dumpType(item.type),
        dumpName(item.name),
        dumpExpression(item.length),
        item.reuse ? 'reuse' : '',
        item.at === null ? '' : list('at', dumpExpression(item.at)),
        item.stride === null ? '' : list('stride', dumpExpression(item.stride)),
      );
    case 'variable':
      return dumpStatement(item);
    case 'type':
      return list('type', dumpType(item.type));
    case 'typedef':
      return list('typedef', dumpName(item.name), dumpType(item.type));
    case 'function':
      return list(
        'function',
        item.primitive ? 'primitive' : '',
        item.override ? 'override' : '',
        item.isStatic ? 'static' : '',
        dumpName(item.name),
        params(item.params),
        dumpType(item.returns),
        ...item.annotations.map(dumpAnnotation),
        item.body === null ? 'extern' : dumpStatement(item.body),
      );
    case 'macro':
      return list(
        'macro',
        dumpName(item.name),
        item.params === null
          ? ''
          : `(${[...item.params.map(dumpName), ...(item.variadic ? ['...'] : [])].join(' ')})`,
        dumpMacroBody(item.body),
      );
    case 'lock-type':
      return list('lock-type', dumpType(item.type), ...item.entries.map(dumpEntry));
    case 'vcpu-state':
      return list('vcpu-state', dumpType(item.type), dumpName(item.name));
    case 'event':
      return list('event', dumpName(item.name), params(item.params));
    case 'init':
      return list('init', dumpStatement(item.body));
    case 'view':
      return list('view', JSON.stringify(item.title), dumpStatement(item.body));
    case 'actor':
      return list(
        item.actor,
        dumpName(item.name),
        item.family === null
          ? ''
          : item.family.kind === 'range'
            ? list('index', dumpName(item.family.variable), range(item.family.low, item.family.high))
            : list('each', dumpType(item.family.type), dumpName(item.family.variable)),
        item.cpu === null ? '' : list('cpu', dumpExpression(item.cpu)),
        item.times === null ? '' : list('times', dumpExpression(item.times)),
        item.daemon ? 'daemon' : '',
        item.noThread === null ? '' : 'no_thread',
        dumpStatement(item.body),
      );
    case 'hook':
      return list(
        item.hook,
        item.target === null ? '' : dumpName(item.target),
        item.lock === null ? '' : dumpExpression(item.lock),
        `(${item.params.map(dumpName).join(' ')})`,
        item.result === null ? '' : list('result', dumpName(item.result)),
        item.body === null ? '' : dumpStatement(item.body),
        item.check === null
          ? ''
          : list(
              'check',
              item.check.name === null ? '' : dumpName(item.check.name),
              dumpExpression(item.check.condition),
            ),
      );
    case 'property':
      return list(
        item.property,
        dumpName(item.name),
        item.unless === null ? '' : list('unless', dumpExpression(item.unless)),
        dumpExpression(item.condition),
      );
    case 'expect':
      return list(
        'expect',
        item.expect,
        item.only ? 'only' : '',
        ...item.names.map(dumpName),
        item.notReachable ? 'not-reachable' : '',
        item.when === null ? '' : list('when', dumpExpression(item.when)),
      );
    case 'schedule':
      return list(
        'schedule',
        quoted(item.title),
        item.when === null ? '' : list('when', dumpExpression(item.when)),
        ...item.moves.map((move) =>
          list(
            'move',
            dumpName(move.actor),
            move.index === null ? '' : list('index', dumpExpression(move.index)),
            move.until.kind === 'end'
              ? ''
              : move.until.kind === 'label'
                ? list('label', dumpName(move.until.label))
                : move.until.kind === 'steps'
                  ? list('steps', dumpExpression(move.until.count))
                  : list(move.until.kind, dumpExpression(move.until.lvalue)),
            move.choices.length === 0 ? '' : list('choosing', ...move.choices.map(dumpExpression)),
          ),
        ),
      );
    case 'check':
      return list('check', dumpName(item.name), dumpName(item.severity));
    case 'lock-order':
      return list('lock-order', ...item.locks.map(dumpExpression));
  }
}

export function dumpStatement(statement: Statement): string {
  switch (statement.kind) {
    case 'block':
      return `{${statement.body.map(dumpStatement).join(' ')}}`;
    case 'variable':
      return list(
        'var',
        statement.ghost ? 'ghost' : '',
        statement.isStatic ? 'static' : '',
        statement.isExtern ? 'extern' : '',
        statement.isConst ? 'const' : '',
        ...statement.declarators.map((declarator) =>
          list(
            dumpName(declarator.name),
            dumpType(declarator.type),
            ...declarator.annotations.map(dumpAnnotation),
            range(declarator.range?.low ?? null, declarator.range?.high ?? null),
            declarator.init === null ? '' : `= ${dumpInitializer(declarator.init)}`,
          ),
        ),
      );
    case 'type-declaration':
      return list('type', dumpType(statement.type));
    case 'expression':
      return `${dumpExpression(statement.value)};`;
    case 'empty':
    case 'break':
    case 'continue':
    case 'macro-body':
    case 'step':
    case 'error':
      return list(statement.kind);
    case 'if':
      return list(
        'if',
        dumpExpression(statement.condition),
        dumpStatement(statement.then),
        statement.otherwise === null ? '' : dumpStatement(statement.otherwise),
      );
    case 'while':
      return list('while', dumpExpression(statement.condition), dumpStatement(statement.body));
    case 'do':
      return list('do', dumpStatement(statement.body), dumpExpression(statement.condition));
    case 'for':
      return list(
        'for',
        statement.init === null
          ? '_'
          : statement.init.kind === 'variable'
            ? dumpStatement(statement.init)
            : dumpExpression(statement.init),
        statement.condition === null ? '_' : dumpExpression(statement.condition),
        statement.step === null ? '_' : dumpExpression(statement.step),
        dumpStatement(statement.body),
      );
    case 'switch':
      return list('switch', dumpExpression(statement.value), dumpStatement(statement.body));
    case 'case':
      return list(
        'case',
        dumpExpression(statement.value),
        statement.high === null ? '' : `... ${dumpExpression(statement.high)}`,
        dumpStatement(statement.body),
      );
    case 'default':
      return list('default', dumpStatement(statement.body));
    case 'return':
      return list('return', statement.value === null ? '' : dumpExpression(statement.value));
    case 'goto':
      return list('goto', dumpName(statement.label));
    case 'label':
      return list('label', dumpName(statement.label), dumpStatement(statement.body));
    case 'macro-loop':
      return list(
        'macro-loop',
        dumpName(statement.name),
        `(${statement.args.map(dumpArgument).join(' ')})`,
        dumpStatement(statement.body),
      );
    case 'atomic':
    case 'ghost':
    case 'guest':
      return list(statement.kind, dumpStatement(statement.body));
    case 'either':
      return list('either', ...statement.branches.map(dumpStatement));
    case 'emit':
      return list('emit', dumpName(statement.event), ...statement.args.map(dumpExpression));
  }
}

export function dumpExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'number':
      return `${expression.value}${expression.suffix.toLowerCase()}`;
    case 'string':
      return quoted(expression.value);
    case 'name':
      return dumpName(expression.name);
    case 'unary':
      return list(expression.operator, dumpExpression(expression.value));
    case 'postfix':
      return list(`post${expression.operator}`, dumpExpression(expression.value));
    case 'binary':
      return list(expression.operator, dumpExpression(expression.left), dumpExpression(expression.right));
    case 'assign':
      return list(expression.operator, dumpExpression(expression.target), dumpExpression(expression.value));
    case 'conditional':
      return list(
        '?',
        dumpExpression(expression.condition),
        expression.then === null ? '_' : dumpExpression(expression.then),
        dumpExpression(expression.otherwise),
      );
    case 'call':
      return list('call', dumpExpression(expression.callee), ...expression.args.map(dumpArgument));
    case 'index':
      return list('index', dumpExpression(expression.array), dumpExpression(expression.index));
    case 'member':
      return list(
        expression.arrow ? '->' : '.',
        dumpExpression(expression.object),
        dumpName(expression.name),
      );
    case 'cast':
      return list('cast', dumpType(expression.type), dumpExpression(expression.value));
    case 'compound-literal':
      return list('literal', dumpType(expression.type), dumpInitializer(expression.init));
    case 'sizeof':
      return isType(expression.of)
        ? list('sizeof-type', dumpType(expression.of))
        : list('sizeof', dumpExpression(expression.of));
    case 'statement-expression':
      return list('do-value', dumpStatement(expression.body));
    case 'comma':
      return list(',', dumpExpression(expression.left), dumpExpression(expression.right));
    case 'choose':
      return list(
        'choose',
        range(expression.range?.low ?? null, expression.range?.high ?? null),
        ...expression.list.map(dumpExpression),
      );
    case 'quantifier':
      return list(
        expression.quantifier,
        dumpName(expression.variable),
        range(expression.low, expression.high),
        dumpExpression(expression.body),
      );
    case 'in':
      return list('in', dumpExpression(expression.value), ...expression.list.map(dumpExpression));
    case 'old':
      return list('old', dumpExpression(expression.value));
    case 'error':
      return list('error');
  }
}

export function dumpType(type: TypeExpr): string {
  switch (type.kind) {
    case 'named':
      return type.name.replaceAll(' ', '-');
    case 'pointer':
      return list('ptr', dumpType(type.to));
    case 'array':
      return list('array', dumpType(type.of), type.length === null ? '' : dumpExpression(type.length));
    case 'function':
      return list('fn', params(type.params), dumpType(type.returns));
    case 'typeof':
      return list('typeof', dumpExpression(type.value));
    case 'tag':
      return list(
        type.tag,
        type.name === null ? '' : dumpName(type.name),
        type.fields === null ? '' : `{${type.fields.map(dumpField).join(' ')}}`,
        type.enumerators === null
          ? ''
          : `{${type.enumerators.map((each) => (each.value === null ? dumpName(each.name) : `${dumpName(each.name)}=${dumpExpression(each.value)}`)).join(' ')}}`,
      );
  }
}

function dumpField(field: FieldItem): string {
  if (field.kind === 'when')
    return list('when', dumpExpression(field.condition), ...field.fields.map(dumpField));
  return list(
    field.name === null ? '_' : dumpName(field.name),
    field.ghost ? 'ghost' : '',
    dumpType(field.type),
    field.bits === null ? '' : `:${dumpExpression(field.bits)}`,
    range(field.range?.low ?? null, field.range?.high ?? null),
    ...field.annotations.map(dumpAnnotation),
  );
}

function dumpMacroBody(body: Extract<Item, { kind: 'macro' }>['body']): string {
  switch (body.kind) {
    case 'empty':
      return 'empty';
    case 'expression':
      return list('expression', dumpExpression(body.value));
    case 'type':
      return list('type', dumpType(body.value));
    default:
      return list(body.kind, dumpStatement(body.value));
  }
}

function dumpInitializer(initializer: Initializer): string {
  if (initializer.kind !== 'list') return dumpExpression(initializer);
  const entries = initializer.entries.map((entry) => {
    const place = entry.designators
      .map((each) => ('field' in each ? `.${dumpName(each.field)}` : `[${dumpExpression(each.index)}]`))
      .join('');
    return place === '' ? dumpInitializer(entry.value) : `${place}=${dumpInitializer(entry.value)}`;
  });
  return `{${entries.join(' ')}}`;
}

function dumpArgument(argument: Argument): string {
  if (argument.kind === 'type') return list('type', dumpType(argument.type));
  return argument.kind === 'block' ? dumpStatement(argument) : dumpExpression(argument);
}

function dumpAnnotation(annotation: Annotation): string {
  return list(`@${annotation.name.text}`, ...annotation.args.map(dumpExpression));
}

function dumpEntry(entry: { readonly name: Name; readonly value: Expression }): string {
  return list(dumpName(entry.name), dumpExpression(entry.value));
}

function dumpName(name: Name): string {
  return name.text === '' ? '<missing>' : name.text;
}

function params(list: readonly Param[]): string {
  const each = list.map((param) =>
    [
      param.name === null ? '_' : dumpName(param.name),
      dumpType(param.type),
      ...param.annotations.map(dumpAnnotation),
    ].join(':'),
  );
  return `(${each.join(' ')})`;
}

function range(low: Expression | null, high: Expression | null): string {
  return low === null || high === null ? '' : `${dumpExpression(low)}..${dumpExpression(high)}`;
}

function isType(value: Expression | TypeExpr): value is TypeExpr {
  return ['named', 'tag', 'pointer', 'array', 'function', 'typeof'].includes(value.kind);
}

function list(...parts: readonly string[]): string {
  return `(${parts.filter((part) => part !== '').join(' ')})`;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
