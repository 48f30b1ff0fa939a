import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/clock.ts';
import {
  changeOf,
  cliffsDelta,
  median,
  placeboOf,
  placeboWindows,
  quantile,
  scoreOf,
} from '../../src/signal/change.ts';

const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const numbers = fc.array(number, { minLength: 1, maxLength: 40 });

/** First-order autocorrelated noise, as rate windows give it. */
function noise(length: number, phi: number, seed: number): number[] {
  const random = seededRandom(seed);
  let value = 0;
  return Array.from({ length }, () => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    value = phi * value + Math.sqrt(1 - phi * phi) * normal;
    return 10 + value;
  });
}

describe('a change', () => {
  it('that is large and lasts is seen, with its medians and where it starts', () => {
    const baseline = noise(40, 0.5, 1);
    const fault = [...noise(5, 0.5, 2), ...noise(15, 0.5, 3).map((value) => value + 20)];
    expect(changeOf(baseline, fault)).toMatchObject({ kind: 'level', moved: true, visibleAt: 5 });
  });

  it('of nothing is none', () => {
    expect(changeOf([5, 5, 5], [5, 5, 5])).toMatchObject({ z: 0, d: 0, kind: 'flat', moved: false });
  });

  it('of a constant is seen and its score is capped', () => {
    const change = changeOf(Array(20).fill(0), Array(10).fill(1));
    expect(change).toMatchObject({ moved: true, visibleAt: 0, d: 1 });
    expect(scoreOf(change)).toBe(50);
  });

  it('smaller than what matters is none', () => {
    expect(changeOf(Array(20).fill(0), Array(10).fill(0.001), { floor: 0.01 }).moved).toBe(false);
  });

  it('in presence is one of its own kind, and NaN is not zero', () => {
    const nothing = [Number.NaN, Number.NaN];
    expect(changeOf([], [Number.NaN, 1])).toMatchObject({ kind: 'appeared', moved: true, visibleAt: 1 });
    expect(changeOf([1, 1], nothing)).toMatchObject({ kind: 'vanished', moved: true });
    expect(changeOf(nothing, [])).toMatchObject({ kind: 'no-data', moved: false });
  });

  it('is rarely seen in noise, even where samples depend on each other', () => {
    for (const [phi, limit] of [
      [0, 0.005],
      [0.6, 0.005],
      [0.9, 0.05],
    ] as const) {
      const runs = 1000;
      let alarms = 0;
      for (let run = 0; run < runs; run++) {
        const values = noise(60, phi, run + 1);
        if (changeOf(values.slice(0, 40), values.slice(40)).moved) alarms++;
      }
      expect(alarms / runs).toBeLessThanOrEqual(limit);
    }
  });

  it('does not depend on the unit', () => {
    // Powers of two, so that scaling itself is exact.
    const factor = fc.integer({ min: -20, max: 20 }).map((power) => 2 ** power);
    const whole = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(whole, whole, factor, (baseline, fault, by) => {
        const plain = changeOf(baseline, fault);
        const scaled = changeOf(
          baseline.map((value) => value * by),
          fault.map((value) => value * by),
        );
        expect(scaled.d).toBeCloseTo(plain.d, 9);
        const [left, right] = [scoreOf(plain), scoreOf(scaled)];
        expect(Math.abs(left - right)).toBeLessThanOrEqual(1e-6 * Math.max(1, left));
      }),
    );
  });

  it('does not depend on the order of the baseline', () => {
    fc.assert(
      fc.property(numbers, numbers, (baseline, fault) => {
        expect(changeOf([...baseline].reverse(), fault)).toEqual(changeOf(baseline, fault));
      }),
    );
  });
});

describe('Cliff’s delta', () => {
  it('is that of comparing each with each', () => {
    fc.assert(
      fc.property(numbers, numbers, (baseline, fault) => {
        let sum = 0;
        for (const value of fault) for (const other of baseline) sum += Math.sign(value - other);
        expect(cliffsDelta(baseline, fault)).toBeCloseTo(sum / (baseline.length * fault.length), 9);
      }),
    );
  });

  it('turns its sign with the sides, and is within one', () => {
    fc.assert(
      fc.property(numbers, numbers, (left, right) => {
        const delta = cliffsDelta(left, right);
        expect(delta).toBeCloseTo(-cliffsDelta(right, left), 9);
        expect(Math.abs(delta)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('quantiles', () => {
  it('are between the smallest and the largest', () => {
    fc.assert(
      fc.property(numbers, fc.double({ min: 0, max: 1, noNaN: true }), (values, q) => {
        const found = quantile(values, q);
        expect(found).toBeGreaterThanOrEqual(Math.min(...values));
        expect(found).toBeLessThanOrEqual(Math.max(...values));
      }),
    );
    expect(median([3, 1, 2])).toBe(2);
    expect(median([1, 2])).toBe(1.5);
    expect(median([])).toBeNaN();
  });
});

describe('a placebo', () => {
  it('takes the latest windows of the same lengths, as many as there are', () => {
    const history = [1, 2, 3, 4, 5, 6, 7];
    expect(placeboWindows(history, { baseline: 3, fault: 2 })).toEqual([
      [
        [1, 2, 3],
        [4, 5],
      ],
      [
        [3, 4, 5],
        [6, 7],
      ],
    ]);
    expect(placeboWindows(history, { baseline: 9, fault: 2 })).toEqual([]);
  });

  it('of a panel that always jumps is as large as its change', () => {
    const jumps = Array.from({ length: 80 }, (_, index) => (index % 20 < 10 ? 0 : 10));
    expect(placeboOf(placeboWindows(jumps, { baseline: 10, fault: 10 }))).toBe(50);
    expect(placeboOf([])).toBe(0);
  });
});

it('is nothing that can be said of a fault too short for a sample', () => {
  expect(changeOf([1, 1, 1], [])).toMatchObject({ kind: 'no-data', moved: false });
});
