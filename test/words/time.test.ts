import { expect, it } from 'vitest';
import { ago, clock, duration, utc } from '../../src/words/time.ts';

it.each([
  [0, '0 s', '00:00'],
  [1_440, '1.4 s', '00:01'],
  [-1_440, '-1.4 s', '−00:01'],
  [-400, '-0.4 s', '00:00'],
  [45_400, '45 s', '00:45'],
  [190_000, '3 m 10 s', '03:10'],
  [-190_000, '−3 m 10 s', '−03:10'],
  [3_900_000, '1 h 5 m', '1:05:00'],
  [3_599_600, '1 h', '1:00:00'],
])('writes %d ms as %s and as %s', (ms, long, short) => {
  expect([duration(ms), clock(ms)]).toEqual([long, short]);
});

it('writes a wall time the same on every machine', () => {
  expect(utc(Date.UTC(2026, 10, 22, 7, 42, 10, 900))).toBe('2026-11-22 07:42:10 UTC');
});

it('counts whole days back', () => {
  const day = 86_400_000;
  const now = 100 * day;
  expect([undefined, now, now - day, now - 12.5 * day].map((at) => ago(at, now))).toEqual([
    'never',
    'today',
    'yesterday',
    '12 days ago',
  ]);
});
