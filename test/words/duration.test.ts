import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatDuration, parseDuration } from '../../src/words/duration.ts';

it.each([
  ['30s', 30_000],
  ['5m', 300_000],
  ['1h30m', 5_400_000],
  ['1.5s', 1500],
  ['250ms', 250],
  ['2d', 172_800_000],
  ['0s', 0],
])('reads %s', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

it.each(['', '5', '5 m', 'm', '30s5m', '-1s', '1h-2m', '5M'])('refuses "%s"', (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

it('reads back what it prints', () => {
  fc.assert(
    fc.property(fc.nat(10 ** 10), (ms) => {
      expect(parseDuration(formatDuration(ms))).toBe(ms);
    }),
  );
});
