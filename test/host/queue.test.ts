import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ExplorationQueue, type Order, type Reply, type Request, type Runner } from '../../host/queue.ts';

/** A runner that answers when the test says so. */
class Puppet implements Runner<string, string, number> {
  request: Request<string> | null = null;
  stopped = false;
  private listener: (reply: Reply<string, number>) => void = () => {};

  send(request: Request<string>): void {
    this.request = request;
  }
  onReply(listener: (reply: Reply<string, number>) => void): void {
    this.listener = listener;
  }
  stop(): void {
    this.stopped = true;
  }
  reply(reply: Reply<string, number>): void {
    this.listener(reply);
  }
  answer(keep = true): void {
    this.reply({ kind: 'done', answer: `answer to ${this.request?.job}`, keep });
  }
}

function setUp(workers: number, patience = 5) {
  const puppets: Puppet[] = [];
  const start = (): Puppet => {
    const puppet = new Puppet();
    puppets.push(puppet);
    return puppet;
  };
  const queue = new ExplorationQueue<string, string, number>({ workers, start, patience, remembered: 2 });
  const submit = (job: string, order: Partial<Order<string, number>> = {}) =>
    queue.submit({ job, key: job, priority: 0, ...order });
  const jobs = (): (string | undefined)[] => puppets.map(({ request }) => request?.job);
  const puppet = (index: number): Puppet => {
    const found = puppets[index];
    assert.ok(found !== undefined, `no worker ${index} was started`);
    return found;
  };
  return { queue, submit, jobs, puppet, puppets };
}

test('no more workers than asked for; a free one takes the next job', async () => {
  const { submit, jobs, puppet } = setUp(2);
  const tickets = ['a', 'b', 'c'].map((job) => submit(job));
  assert.deepEqual(jobs(), ['a', 'b']);
  puppet(1).answer();
  assert.deepEqual(jobs(), ['a', 'c']);
  puppet(0).answer();
  puppet(1).answer();
  const outcomes = await Promise.all(tickets.map(({ outcome }) => outcome));
  assert.deepEqual(
    outcomes.map((outcome) => outcome.kind === 'done' && outcome.answer),
    ['answer to a', 'answer to b', 'answer to c'],
  );
});

test('higher priorities go first, equal ones in order', () => {
  const { submit, jobs, puppet } = setUp(1);
  submit('running');
  submit('low', { priority: -1 });
  submit('first');
  submit('second');
  submit('high', { priority: 5 });
  const order: (string | undefined)[] = [];
  for (let i = 0; i < 5; i++) {
    order.push(jobs()[0]);
    puppet(0).answer();
  }
  assert.deepEqual(order, ['running', 'high', 'first', 'second', 'low']);
});

test('the same content is explored once, and remembered', async () => {
  const { submit, puppet, puppets } = setUp(2);
  const one = submit('a');
  const two = submit('a');
  assert.equal(puppets.length, 1);
  puppet(0).answer();
  assert.deepEqual(await one.outcome, await two.outcome);
  const later = submit('a');
  assert.deepEqual(await later.outcome, { kind: 'done', answer: 'answer to a' });
  assert.equal(puppets.length, 1);
});

test('an answer that depends on time or luck is not remembered, nor one without a key', async () => {
  const { submit, puppet } = setUp(1);
  submit('a');
  puppet(0).answer(false);
  submit('a');
  puppet(0).request = null;
  puppet(0).answer();
  submit('b', { key: null });
  puppet(0).answer();
  submit('b', { key: null });
  assert.equal(puppet(0).request?.job, 'b');
});

test('the oldest answers are forgotten', async () => {
  const { submit, puppet } = setUp(1);
  for (const job of ['a', 'b', 'c']) {
    submit(job);
    puppet(0).answer();
  }
  puppet(0).request = null;
  submit('c');
  assert.equal(puppet(0).request, null);
  submit('a');
  assert.notEqual(puppet(0).request, null);
});

test('a cancelled job is told at once, and its worker is used again', async () => {
  const { submit, puppet, jobs } = setUp(1);
  const ticket = submit('a');
  submit('b');
  ticket.cancel();
  assert.deepEqual(await ticket.outcome, { kind: 'cancelled' });
  assert.equal(puppet(0).request?.cancelled[0], 1);
  puppet(0).answer();
  assert.deepEqual(jobs(), ['b']);
  assert.equal(puppet(0).stopped, false);
});

test('a worker that does not notice is stopped', async () => {
  const { submit, puppet, jobs } = setUp(1, 1);
  submit('a').cancel();
  submit('b');
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal(puppet(0).stopped, true);
  assert.deepEqual(jobs(), ['a', 'b']);
});

test('a job cancelled before it began never runs', () => {
  const { submit, jobs, puppet } = setUp(1);
  submit('a');
  submit('b').cancel();
  submit('c');
  puppet(0).answer();
  assert.deepEqual(jobs(), ['c']);
});

test('a job that two want goes on when one of them cancels', async () => {
  const { submit, puppet } = setUp(1);
  const one = submit('a');
  const two = submit('a');
  one.cancel();
  one.cancel();
  assert.equal(puppet(0).request?.cancelled[0], 0);
  assert.deepEqual(await one.outcome, { kind: 'cancelled' });
  puppet(0).answer();
  assert.deepEqual(await two.outcome, { kind: 'done', answer: 'answer to a' });
});

test('a worker that dies costs its one job; the next gets a new worker', async () => {
  const { submit, puppet, jobs } = setUp(1);
  const ticket = submit('a');
  submit('b');
  puppet(0).reply({ kind: 'crashed', message: 'out of memory' });
  assert.deepEqual(await ticket.outcome, { kind: 'crashed', message: 'out of memory' });
  assert.deepEqual(jobs(), ['a', 'b']);
});

test('a worker that dies while idle is not used again', () => {
  const { submit, puppet, jobs } = setUp(1);
  submit('a');
  puppet(0).answer();
  puppet(0).reply({ kind: 'crashed', message: 'gone' });
  submit('b');
  assert.deepEqual(jobs(), ['a', 'b']);
});

test('progress reaches those who still listen', () => {
  const { submit, puppet } = setUp(1);
  const seen: string[] = [];
  const one = submit('a', { onProgress: (progress) => seen.push(`one ${progress}`) });
  submit('a', { onProgress: (progress) => seen.push(`two ${progress}`) });
  puppet(0).reply({ kind: 'progress', progress: 1 });
  one.cancel();
  puppet(0).reply({ kind: 'progress', progress: 2 });
  assert.deepEqual(seen, ['one 1', 'two 1', 'two 2']);
});

test('closing stops every worker and cancels what is left', async () => {
  const { queue, submit, puppet } = setUp(1);
  const tickets = [submit('a'), submit('b')];
  queue.close();
  assert.equal(puppet(0).stopped, true);
  for (const { outcome } of tickets) assert.deepEqual(await outcome, { kind: 'cancelled' });
});
