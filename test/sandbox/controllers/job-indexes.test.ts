import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatIndexes, parseIndexes, pendingIndexes } from '../../../src/sandbox/controllers/job/indexes.ts';

const indexes = fc.array(fc.nat({ max: 40 })).map((list) => new Set(list));

test('completed indexes are read back as they were written', () => {
  fc.assert(
    fc.property(indexes, (set) => {
      expect([...parseIndexes(formatIndexes(set))].sort()).toEqual([...set].sort());
    }),
  );
});

test.each([
  [[], ''],
  [[0], '0'],
  [[0, 1], '0,1'],
  [[0, 1, 2], '0-2'],
  [[5, 1, 3, 4], '1,3-5'],
])('%j is written as "%s"', (list, text) => {
  expect(formatIndexes(new Set(list))).toBe(text);
});

test('the lowest indexes that are neither done nor at work come next', () => {
  fc.assert(
    fc.property(indexes, indexes, fc.nat({ max: 10 }), (done, active, count) => {
      const pending = pendingIndexes(30, count, done, active);
      const open = Array.from({ length: 30 }, (_, index) => index).filter(
        (index) => !done.has(index) && !active.has(index),
      );
      expect(pending).toEqual(open.slice(0, count));
    }),
  );
});
