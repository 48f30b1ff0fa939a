import { expect, test } from 'vitest';
import { createDispatcher } from '../../../src/sandbox/controllers/work-queue.ts';
import { manualClock } from './clock.ts';

test('a key that already waits is reconciled once', async () => {
  const dispatcher = createDispatcher(manualClock());
  const seen: string[] = [];
  const queue = dispatcher.queue('test', (key) => seen.push(key));
  for (const key of ['a', 'b', 'a']) queue.add(key);
  expect(seen).toEqual([]);
  await dispatcher.settled();
  expect(seen).toEqual(['a', 'b']);
});

test('a key added while it is reconciled comes again', async () => {
  const dispatcher = createDispatcher(manualClock());
  let left = 3;
  const queue = dispatcher.queue('test', (key) => {
    if (--left > 0) queue.add(key);
  });
  queue.add('a');
  await dispatcher.settled();
  expect(left).toBe(0);
});

test('a failure brings the key back with a longer delay each time, and spares other keys', async () => {
  const clock = manualClock();
  const delays: number[] = [];
  const dispatcher = createDispatcher(clock, (_controller, _key, _error, retryMs) => delays.push(retryMs));
  const seen: string[] = [];
  const queue = dispatcher.queue('test', (key) => {
    seen.push(key);
    if (key === 'bad' && delays.length < 3) throw new Error('refused');
  });
  queue.add('bad');
  queue.add('good');
  await dispatcher.settled();
  for (let i = 0; i < 50; i++) {
    clock.advance(1);
    await dispatcher.settled();
  }
  expect(delays).toEqual([5, 10, 20]);
  expect(seen).toEqual(['bad', 'good', 'bad', 'bad', 'bad']);
});

test('of several delays of a key the shortest counts', async () => {
  const clock = manualClock();
  const dispatcher = createDispatcher(clock);
  const seen: number[] = [];
  const queue = dispatcher.queue('test', () => seen.push(clock.now()));
  const start = clock.now();
  queue.addAfter('a', 100);
  queue.addAfter('a', 30);
  queue.addAfter('a', 70);
  for (let i = 0; i < 20; i++) {
    clock.advance(10);
    await dispatcher.settled();
  }
  expect(seen.map((at) => at - start)).toEqual([30]);
});

test('keys of a queue that is last wait until no other queue has any', async () => {
  const dispatcher = createDispatcher(manualClock());
  const seen: string[] = [];
  let more = 2;
  const last = dispatcher.queue('last', (key) => seen.push(key), { last: true });
  const first = dispatcher.queue('first', (key) => {
    seen.push(key);
    if (more-- > 0) first.add(key);
  });
  last.add('late');
  first.add('early');
  await dispatcher.settled();
  expect(seen).toEqual(['early', 'early', 'early', 'late']);
});

test('a queue that is last is not starved by one that never empties', async () => {
  const dispatcher = createDispatcher(manualClock());
  const done = new Promise<void>((resolve) => {
    dispatcher.queue('last', () => resolve(), { last: true }).add('late');
  });
  const busy = dispatcher.queue('busy', (key) => busy.add(key));
  busy.add('early');
  await done;
  dispatcher.stop();
});

test('nothing is reconciled after stop', async () => {
  const clock = manualClock();
  const dispatcher = createDispatcher(clock);
  const seen: string[] = [];
  const queue = dispatcher.queue('test', (key) => seen.push(key));
  queue.add('a');
  queue.addAfter('b', 10);
  dispatcher.stop();
  clock.advance(100);
  await dispatcher.settled();
  await new Promise((resolve) => setImmediate(resolve));
  expect(seen).toEqual([]);
});
