import { expect, it } from 'vitest';
import { longestRange } from '../../src/grade/query-range.ts';

const recording = new Map([
  ['a:b', 'rate(x[5m])'],
  ['c', 'max_over_time(a:b[10m])'],
  ['loop', 'loop + 1'],
]);

it.each([
  ['x', 0],
  ['rate(x[1m])', 60],
  ['rate(x[1h30m]) / rate(y[5m])', 5400],
  ['x offset 1h', 3600],
  ['rate(x[5m] offset 1h)', 3900],
  ['max_over_time(rate(x[1m])[30m:10s])', 1860],
  ['a:b > 2', 300],
  ['c', 900],
  ['loop', 0],
  ['up{a="[5m]"}', 0],
  ['((', 0],
])('%s looks back %d s', (query, seconds) => {
  expect(longestRange(query, recording)).toBe(seconds * 1000);
});
