/** `textDocument/signatureHelp`: the parameters of what is being called, in half-typed code too. */

import type { SignatureHelp, SignatureInformation } from 'vscode-languageserver';
import { annotationNames } from '../../core/semantics/annotations.ts';
import { Context } from '../../core/semantics/context.ts';
import { cursorAt } from '../../core/semantics/cursor.ts';
import type { AnyDeclaration } from '../../core/semantics/environment.ts';
import { typeOfExpression } from '../../core/semantics/expressions.ts';
import { intrinsicText } from '../../core/semantics/intrinsicTexts.ts';
import { typeName } from '../../core/semantics/typeName.ts';
import type { Type } from '../../core/semantics/types.ts';
import type { Expression } from '../../core/syntax/ast.ts';
import { tokensOf } from '../../core/syntax/parser.ts';
import { kindAt, type Tokens } from '../../core/syntax/tokens.ts';
import { docOf, inLine } from '../describe.ts';
import type { Feature } from '../feature.ts';
import { toOffset } from '../positions.ts';
import type { Scene } from '../scene.ts';
import { variantAt } from '../variantAt.ts';
import { type Marked, spotAt } from './completion/mark.ts';

export const signatureHelp: Feature = {
  capabilities: {
    signatureHelpProvider: { triggerCharacters: ['(', ','], retriggerCharacters: [')'] },
  },
  register(connection, server) {
    connection.onSignatureHelp((params, token) =>
      server.answer<SignatureHelp | null>(params.textDocument, token, null, (scene) =>
        signatureAt(scene, toOffset(scene.file, params.position)),
      ),
    );
  },
};

export function signatureAt(scene: Scene, offset: number): SignatureHelp | null {
  const spot = spotAt(scene.file, offset);
  if (spot.kind === 'nothing' && spot.comment) return null;
  const open = openCall(tokensOf(scene.file.source), offset);
  if (open === null) return null;
  const marked = spot.kind === 'code' ? spot.marked : null;
  const shape = shapeOf(scene, offset, open, marked);
  if (shape === null) return null;
  const { front, params, back, doc, variadic } = shape;
  const ranges: [number, number][] = [];
  let label = `${front}(`;
  params.forEach((param, index) => {
    if (index > 0) label += ', ';
    ranges.push([label.length, label.length + param.length]);
    label += param;
  });
  label += `)${back}`;
  const signature: SignatureInformation = {
    label,
    parameters: ranges.map((each) => ({ label: each })),
    ...(doc === '' ? {} : { documentation: { kind: 'markdown', value: doc } }),
  };
  const last = params.length - 1;
  const active = variadic ? Math.min(open.commas, last) : open.commas;
  // Beyond the last one, none is marked.
  return { signatures: [signature], activeSignature: 0, activeParameter: Math.max(0, active) };
}

interface Shape {
  readonly front: string;
  readonly params: readonly string[];
  readonly back: string;
  readonly doc: string;
  readonly variadic: boolean;
}

// ---------------------------------------------------------------- which call

interface OpenCall {
  /** null: what is called is no name. */
  readonly name: string | null;
  /** The word before the name. */
  readonly before: string;
  readonly commas: number;
}

/** The innermost call whose parenthesis is open at an offset, by the tokens alone. */
function openCall(tokens: Tokens, offset: number): OpenCall | null {
  const textOf = (index: number): string =>
    index < 0 ? '' : tokens.text.slice(tokens.starts[index] ?? 0, tokens.ends[index] ?? 0);
  let index = tokens.count - 1;
  while (index >= 0 && (tokens.ends[index] ?? 0) > offset) index--;
  let depth = 0;
  let commas = 0;
  for (let steps = 0; index >= 0 && steps < furthest; index--, steps++) {
    const kind = kindAt(tokens, index);
    if (kind === ')' || kind === ']' || kind === '}') depth++;
    else if (kind === '[' || kind === '{') {
      if (depth === 0) return null;
      depth--;
    } else if (kind === '(') {
      if (depth > 0) {
        depth--;
        continue;
      }
      const callee = kindAt(tokens, index - 1);
      if (callee === 'identifier') return { name: textOf(index - 1), before: textOf(index - 2), commas };
      if (callee === ')' || callee === ']') return { name: null, before: '', commas };
      // Parentheses of an expression: the call is further out.
      commas = 0;
    } else if (depth === 0 && kind === ',') commas++;
    else if (depth === 0 && (kind === ';' || kind === 'define')) return null;
  }
  return null;
}

/** Tokens that are looked at. */
const furthest = 2000;

// ---------------------------------------------------------------- what it takes

function shapeOf(scene: Scene, offset: number, open: OpenCall, marked: Marked | null): Shape | null {
  const env = scene.latestEnvironment(variantAt(scene, offset));
  const cx =
    marked === null || marked.placed === null
      ? new Context(env, { uri: scene.uri, item: '', text: '' }, [], null)
      : cursorAt(env, scene.uri, marked.placed, marked.path, marked.offset).cx;
  const { name, before } = open;
  const isMember = before === '.' || before === '->';
  if (name !== null && !isMember && cx.scope.find(name, null) === null) {
    if (before === 'emit' || before === 'on') return declared(scene, env.events.get(name));
    const guest = cx.guest === null ? undefined : env.names.get(`guest_${name}`);
    return declared(scene, guest ?? env.names.get(name)) ?? builtIn(name);
  }
  const call = marked?.path.findLast(({ node }) => 'kind' in node && node.kind === 'call')?.node as
    | Expression
    | undefined;
  const type = call?.kind === 'call' ? typeOfExpression(cx, call.callee) : null;
  return type === null || call?.kind !== 'call' ? null : pointed(type, inLine(cx.text(call.callee)));
}

function declared(scene: Scene, declaration: AnyDeclaration | undefined): Shape | null {
  if (declaration === undefined) return null;
  const { home } = declaration;
  const doc = docOf(scene.project, declaration);
  const text = ({ start, end }: { readonly start: number; readonly end: number }): string =>
    inLine(home.text.slice(start, end));
  switch (declaration.kind) {
    case 'function': {
      const { item, name } = declaration;
      const back = item.annotations.map((each) => ` ${text(each)}`).join('');
      const returns = typeNameOf(declaration.type?.returns) ?? text(item.returns);
      return { front: `${returns} ${name}`, params: item.params.map(text), back, doc, variadic: false };
    }
    case 'event':
      return {
        front: `event ${declaration.name}`,
        params: declaration.item.params.map(text),
        back: '',
        doc,
        variadic: false,
      };
    case 'macro': {
      const { params, variadic } = declaration.item;
      if (params === null) return null;
      const shown = [...params.map((each) => each.text), ...(variadic ? ['...'] : [])];
      return { front: `#define ${declaration.name}`, params: shown, back: '', doc, variadic };
    }
    case 'variable': {
      const type = declaration.variable?.type;
      return type === undefined ? null : pointed(type, declaration.name);
    }
    default:
      return null;
  }
}

function typeNameOf(type: Type | undefined): string | null {
  return type === undefined ? null : typeName(type);
}

/** What the language itself knows: intrinsics and annotations. */
function builtIn(name: string): Shape | null {
  const text = intrinsicText(name);
  if (text !== null) {
    const open = text.signature.indexOf('(');
    const typed = text.signature.slice(open + 1, -1).split(', ');
    const params = typed.length === text.params.length ? typed : text.params;
    const variadic = params.at(-1)?.endsWith('…') === true;
    return { front: text.signature.slice(0, open), params, back: '', doc: text.doc, variadic };
  }
  for (const on of ['function', 'variable', 'field'] as const) {
    const found = annotationNames(on).find((each) => each.name === name);
    if (found !== undefined)
      return {
        front: name,
        params: found.params,
        back: '',
        doc: `An annotation of a ${on}.`,
        variadic: true,
      };
  }
  return null;
}

/** A call through a pointer. */
function pointed(type: Type, callee: string): Shape | null {
  const target = type.kind === 'pointer' ? type.to : type;
  if (target.kind !== 'function') return null;
  const params = target.params.map(typeName);
  return { front: `${typeName(target.returns)} ${callee}`, params, back: '', doc: '', variadic: false };
}
