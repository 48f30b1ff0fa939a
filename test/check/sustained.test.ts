import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyBaseline } from '../../src/check/baseline.ts';
import type { CheckContext } from '../../src/check/kind.ts';
import { Sustained } from '../../src/check/sustained.ts';
import { waitUntilHolds } from '../../src/check/wait.ts';
import type { Clock } from '../../src/clock.ts';

describe('holding for a window', () => {
  it('begins anew after each sample that does not hold', () => {
    const window = new Sustained(5_000);
    const seen = [true, true, false, true, true, true, true].map((holds, index) =>
      window.add(index * 2_000, holds),
    );
    expect(seen.map(({ heldForMs }) => heldForMs)).toEqual([0, 2_000, 0, 0, 2_000, 4_000, 6_000]);
    expect(seen.map(({ sustained }) => sustained)).toEqual([false, false, false, false, false, false, true]);
  });

  it('does not go on over a hole in the sampling', () => {
    const window = new Sustained(5_000);
    window.add(0, true);
    expect(window.add(60_000, true)).toEqual({ heldForMs: 0, sustained: false });
    expect(window.add(70_000, true)).toEqual({ heldForMs: 10_000, sustained: true });
    expect(window.add(80_001, true)).toEqual({ heldForMs: 0, sustained: false });
  });

  it('is never longer than the time since the last sample that did not hold', () => {
    const samples = fc.array(fc.tuple(fc.integer({ min: 1, max: 9_000 }), fc.boolean()), { minLength: 1 });
    fc.assert(
      fc.property(samples, (list) => {
        const window = new Sustained(10_000);
        let at = 0;
        let lastFailure = 0;
        for (const [pause, holds] of list) {
          at += pause;
          const { heldForMs, sustained } = window.add(at, holds);
          if (!holds) lastFailure = at;
          expect(heldForMs).toBeLessThanOrEqual(at - lastFailure);
          expect(sustained).toBe(holds && heldForMs >= 10_000);
        }
      }),
    );
  });
});

describe('waiting for a check', () => {
  /** A clock that only sleeping moves, and a metric that rises by one with each query. */
  function rising() {
    let now = 0;
    let value = 0;
    const clock: Clock = {
      now: () => now,
      mono: () => now,
      sleep: async (ms) => {
        now += ms;
      },
    };
    const query = async () => [{ labels: {}, at: 0, value: value++ }];
    const context = { baseline: emptyBaseline, prometheus: { query } } as unknown as CheckContext;
    return { clock, context };
  }

  it('ends as soon as it holds', async () => {
    const { clock, context } = rising();
    const check = { promql: { query: 'x', above: 2 } };
    const { result, afterMs } = await waitUntilHolds(check, context, { within: 60_000, clock });
    expect([result.holds, result.value, afterMs]).toEqual([true, 3, 6_000]);
  });

  it('gives the last result when the time is over', async () => {
    const { clock, context } = rising();
    const check = { promql: { query: 'x', above: 99 } };
    const { result, afterMs } = await waitUntilHolds(check, context, { within: 5_000, clock });
    expect([result.holds, result.seen, afterMs]).toEqual([false, '3 (expected above 99)', 5_000]);
  });
});
