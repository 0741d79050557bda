/** What a scenario expects of its variants; and the names that checks have. */

import type { ExpectItem, Item } from '../syntax/ast.ts';
import { foldCondition } from './conditions.ts';
import { Context } from './context.ts';
import type { ActiveItem, Environment } from './environment.ts';
import type { Finding } from './findings.ts';
import type { Expectation } from './hir.ts';
import { checkName, codeNames, codeOf } from './intrinsicsChecks.ts';
import { didYouMean } from './nearest.ts';
import type { Project } from './snapshot.ts';
import { eachSyntax } from './syntaxWalk.ts';

/** The expectations that apply to this variant. */
export function checkExpectations(
  env: Environment,
  items: readonly ActiveItem<ExpectItem>[],
  known: ReadonlySet<string>,
  findings: Finding[],
): readonly Expectation[] {
  const active = items.flatMap((each) => checkExpectation(env, each, known, findings) ?? []);
  const fails = active.find((each) => each.kind === 'fails');
  const passes = active.find((each) => each.kind === 'passes');
  if (fails !== undefined && passes !== undefined) {
    const [first, second] =
      active.indexOf(fails) < active.indexOf(passes) ? [fails, passes] : [passes, fails];
    findings.push({
      code: 'contradicting-expect',
      severity: 'error',
      message: `this variant is expected to pass and to fail: ${optionsText(env)}`,
      loc: second.loc,
      related: [{ message: 'the other expectation', loc: first.loc }],
    });
  }
  return active;
}

function optionsText(env: Environment): string {
  const own = [...env.variant.options].map(([name, value]) => `${name} = ${value}`);
  return own.length === 0 ? 'there are no options' : own.join(', ');
}

function checkExpectation(
  env: Environment,
  { item, home }: ActiveItem<ExpectItem>,
  known: ReadonlySet<string>,
  findings: Finding[],
): Expectation | null {
  const cx = new Context(env, home, findings, null);
  const applies = item.when === null || foldCondition(cx, item.when, "an 'expect'");
  const names: string[] = [];
  for (const name of item.names) {
    const text = checkName(name.text);
    if (text === '') continue;
    names.push(text);
    if (item.expect !== 'finds') cx.usedHere(name, { kind: 'check' });
    const isKnown = codeOf(text) !== null || (item.expect !== 'finds' && known.has(text));
    if (!isKnown) {
      const what = item.expect === 'finds' ? 'code' : 'check';
      const candidates = item.expect === 'finds' ? codeNames() : [...known, ...codeNames()];
      cx.report('unknown-name', name, `unknown ${what} '${name.text}'${didYouMean(text, candidates)}`);
    }
  }
  if (!applies) return null;
  return {
    kind: item.expect,
    only: item.only,
    names,
    notReachable: item.notReachable,
    text: cx.text(item),
    loc: cx.loc(item),
  };
}

/** Names of all checks that are written anywhere in the project, whatever the variant, in snake_case. */
export function checkNames(project: Project): ReadonlySet<string> {
  return namesOf(project).checks;
}

/** Labels of all functions and actors of the project. */
export function labelNames(project: Project): ReadonlySet<string> {
  return namesOf(project).labels;
}

interface Names {
  readonly checks: ReadonlySet<string>;
  readonly labels: ReadonlySet<string>;
}

/** The variants of a project have them in common. */
const byProject = new WeakMap<Project, Names>();

function namesOf(project: Project): Names {
  let names = byProject.get(project);
  if (names === undefined) {
    const found = project.order.flatMap((file) => file.source.items.map(({ item }) => gather(item)));
    names = {
      checks: new Set(found.flatMap(({ checks }) => checks)),
      labels: new Set(found.flatMap(({ labels }) => labels)),
    };
    byProject.set(project, names);
  }
  return names;
}

interface Gathered {
  readonly checks: readonly string[];
  readonly labels: readonly string[];
}

const gathered = new WeakMap<Item, Gathered>();

function gather(item: Item): Gathered {
  let found = gathered.get(item);
  if (found !== undefined) return found;
  const checks: string[] = [];
  const labels: string[] = [];
  eachSyntax(item, (node) => {
    if (node.kind === 'property') checks.push(checkName(node.name.text));
    else if (node.kind === 'hook' && node.check?.name) checks.push(checkName(node.check.name.text));
    else if (node.kind === 'label' && 'body' in node) labels.push(node.label.text);
    else if (node.kind === 'call') {
      // The name of a site is the last argument of a check, or of a macro around one.
      const last = node.args.at(-1);
      if (last?.kind === 'string' && /^[A-Za-z_][\w-]*$/.test(last.value)) checks.push(checkName(last.value));
    }
  });
  found = { checks, labels };
  gathered.set(item, found);
  return found;
}
