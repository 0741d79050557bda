import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CompletionItem, CompletionList } from 'vscode-languageserver-protocol';
import { completion } from '../../../server/features/completion.ts';
import { cursor, startServer } from '../harness.ts';

const marked = `scenario "over the wire";

/** Guards the table. */
spinlock_t table_lock;

struct page {
	/** How many use it. */
	int users;
};

/** Takes a page away. */
static void zap(struct page *page) { page->users = 0; }

task t {
	$0
}
`;

async function completed(
  capabilities: object,
  text = marked,
): Promise<{ readonly list: CompletionList; readonly resolve: (label: string) => Promise<CompletionItem> }> {
  const server = await startServer({
    options: { features: [completion] },
    capabilities: { textDocument: { completion: capabilities } },
  });
  const { text: opened, position } = cursor(text);
  server.open('a.lockstep', opened);
  const list: CompletionList = await server.request('textDocument/completion', {
    textDocument: 'a.lockstep',
    position,
  });
  const resolved = new Map<string, CompletionItem>();
  for (const label of ['zap', 'table_lock', 'users']) {
    const item = list.items.find((each) => each.label === label);
    // A client puts into each entry what it was told of all of them.
    if (item !== undefined) {
      const data = item.data ?? list.itemDefaults?.data;
      resolved.set(label, await server.request('completionItem/resolve', { ...item, data }));
    }
  }
  await server.close();
  return { list, resolve: async (label) => resolved.get(label) ?? { label: 'none' } };
}

const documentationOf = ({ documentation }: CompletionItem): string =>
  typeof documentation === 'string' ? documentation : (documentation?.value ?? '');

describe('completion over the protocol', () => {
  it('entries carry their own range for a client that knows no defaults', async () => {
    const { list, resolve } = await completed({ completionItem: { snippetSupport: true } });
    assert.equal(list.isIncomplete, false);
    assert.equal(list.itemDefaults, undefined);
    const zap = list.items.find(({ label }) => label === 'zap');
    const position = { line: 14, character: 1 };
    assert.deepEqual(zap?.textEdit, {
      range: { start: position, end: position },
      newText: `zap(\${1:page})`,
    });
    assert.equal(zap?.insertTextFormat, 2);
    assert.match(documentationOf(await resolve('zap')), /Takes a page away/);
    assert.equal((await resolve('zap')).detail, 'static void zap(struct page *page)');
    assert.match(documentationOf(await resolve('table_lock')), /Guards the table/);
  });

  it('and what all have in common is said once for one that does', async () => {
    const { list, resolve } = await completed({
      completionList: { itemDefaults: ['editRange', 'data'] },
      completionItem: { resolveSupport: { properties: ['documentation', 'detail'] } },
    });
    assert.ok(list.itemDefaults?.editRange !== undefined);
    assert.ok(list.items.every(({ textEdit }) => textEdit === undefined));
    const zap = list.items.find(({ label }) => label === 'zap');
    assert.equal(zap?.insertTextFormat, undefined);
    assert.match(documentationOf(await resolve('zap')), /Takes a page away/);
    const size = JSON.stringify(list).length;
    assert.ok(size < 300_000, `${size} characters`);
  });

  it('a member is looked up in its struct', async () => {
    const { resolve } = await completed({}, marked.replace('$0', 'struct page *p; p->$0'));
    const users = await resolve('users');
    assert.equal(users.detail, 'int users');
    assert.match(documentationOf(users), /How many use it/);
  });

  it('entries of a file that is gone, or of no file, come back as they are', async () => {
    const server = await startServer({ options: { features: [completion] } });
    const gone = { label: 'x', data: { uri: server.uri('gone.lockstep') } };
    assert.deepEqual(await server.request('completionItem/resolve', gone), gone);
    const strange = { label: 'x', data: [3] };
    assert.deepEqual(await server.request('completionItem/resolve', strange), strange);
    const nowhere = { textDocument: 'gone.lockstep', position: { line: 0, character: 0 } };
    assert.equal(await server.request('textDocument/completion', nowhere), null);
    await server.close();
  });
});
