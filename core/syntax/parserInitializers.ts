import type { Initializer, InitializerList } from './ast.ts';
import { finish, parseAssignment, parseConditional } from './parserExpressions.ts';
import type { Parser } from './parserState.ts';

export function parseInitializer(p: Parser): Initializer {
  return p.at('{') ? parseInitializerList(p) : parseAssignment(p);
}

export function parseInitializerList(p: Parser): InitializerList {
  const first = p.index;
  const entries: InitializerList['entries'][number][] = [];
  if (!p.enter()) {
    p.advance();
    p.skipGroup();
    p.leave();
    p.expect('}', 'to close the initialiser');
    return { ...finish(p, 'initializer-list', first), kind: 'list', entries };
  }
  p.advance();
  while (!p.at('}') && !p.atEnd() && !p.at(';')) {
    const entryFirst = p.index;
    entries.push({ designators: parseDesignators(p), value: parseInitializer(p) });
    p.node('entry', entryFirst);
    if (!p.eat(',')) break;
  }
  p.leave();
  p.expect('}', "or ',' in the initialiser");
  return { ...finish(p, 'initializer-list', first), kind: 'list', entries };
}

function parseDesignators(p: Parser): InitializerList['entries'][number]['designators'] {
  const designators: InitializerList['entries'][number]['designators'][number][] = [];
  while (p.at('.') || p.at('[')) {
    if (p.eat('.')) designators.push({ field: p.name('the name of a field') });
    else {
      p.advance();
      designators.push({ index: parseConditional(p) });
      if (p.at('...')) {
        p.errorHere('a range of elements cannot be initialised at once; write an entry for each');
        p.advance();
        parseConditional(p);
      }
      p.expect(']', 'after the index');
    }
  }
  if (designators.length > 0) p.expect('=', 'after the designator');
  return designators;
}
