import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMillis } from '../../../src/sandbox/controllers/job/backoff.ts';

test('without a failure a Job waits for nothing', () => {
  expect(backoffMillis(undefined, 0, 1)).toBe(0);
  expect(backoffMillis({ failures: 0, lastFailure: 0 }, 0, 1)).toBe(0);
});

test('its back-off is ten seconds, doubles with each failure up to ten minutes, and is shortened by the speed', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 100 }), (failures, speed) => {
      const whole = Math.min(10_000 * 2 ** (failures - 1), 600_000);
      const record = { failures, lastFailure: 1000 };
      expect(backoffMillis(record, 1000, speed)).toBeCloseTo(whole / speed);
      expect(backoffMillis(record, 1000 + whole / speed, speed)).toBe(0);
    }),
  );
});
