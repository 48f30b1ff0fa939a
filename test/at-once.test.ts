import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { atOnce } from '../src/at-once.ts';

it('does ten at a time, and gives results in the order of the items', async () => {
  let [running, most] = [0, 0];
  const items = Array.from({ length: 35 }, (_, index) => index);
  const results = await atOnce(items, async (item) => {
    running += 1;
    most = Math.max(most, running);
    for (let pause = item % 4; pause >= 0; pause -= 1) await turn();
    running -= 1;
    return item * 2;
  });
  expect(results).toEqual(items.map((item) => item * 2));
  expect(most).toBe(10);
});

it('throws the first error in that order, when nothing goes on any more', async () => {
  let ended = 0;
  const task = async (item: number) => {
    for (let pause = 10 - item; pause >= 0; pause -= 1) await turn();
    ended += 1;
    if (item > 2) throw new Error(`item ${item}`);
  };
  await expect(atOnce([1, 2, 3, 4, 5], task)).rejects.toThrow('item 3');
  expect(ended).toBe(5);
  expect(await atOnce([], task)).toEqual([]);
});

it('begins no further item after an error', async () => {
  const begun: number[] = [];
  const task = async (item: number) => {
    begun.push(item);
    await turn();
    throw new Error(`item ${item}`);
  };
  await expect(atOnce([1, 2, 3, 4, 5], task, 2)).rejects.toThrow('item 1');
  expect(begun).toEqual([1, 2]);
});
