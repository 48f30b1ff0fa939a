import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { momentsOf } from '../../src/grade/moments.ts';
import { measureImpact } from '../../src/grade/response/impact.ts';
import { initialState } from '../../src/log/state.ts';

const injectedAt = 1_700_000_000_000;
type Points = [seconds: number, value: number | null][];

/** A game of 100 s with a latency below 0.5 s, customers served above 98 %, and traffic without an objective. */
function measured(latency: Points, customers?: Points) {
  const wall = (points: Points) =>
    points.map(([at, value]): [number, number | null] => [injectedAt + at * 1000, value]);
  const signal = (id: string, title: string, query: string) => ({ id, title, query, unit: '' });
  const signals = [
    { ...signal('fast', 'p95', 'shop:p95_seconds'), unit: 's', objective: { below: 0.5 } },
    { ...signal('served', 'Customers served', 'shop:customers:success_ratio'), objective: { above: 0.98 } },
    signal('requests', 'requests', 'rate'),
  ];
  const state = {
    ...initialState,
    injectedAt,
    game: { at: injectedAt, signals, speed: 1 } as never,
    ended: { at: injectedAt + 100_000, ending: 'timed-out' as const, why: '' },
    signals: { fast: wall(latency), ...(customers && { served: wall(customers) }) },
  };
  return measureImpact(state, momentsOf(state));
}

describe('the impact of a failure', () => {
  it('is the time in which any signal was outside its objective, and the worst value of each', () => {
    const impact = measured(
      [
        [-5, 9],
        [0, 0.1],
        [10, 0.7],
        [20, 2],
        [30, 0.1],
      ],
      [
        [0, 1],
        [25, 0.6],
        [40, 1],
      ],
    );
    expect(impact).toMatchObject({
      ms: 30_000,
      spans: [{ from: 10_000, until: 40_000 }],
      unseenMs: 0,
      signals: [
        { title: 'p95', unit: 's', worst: 2, worstAt: 20_000, outsideMs: 20_000 },
        { title: 'Customers served', unit: 'percentunit', worst: 0.6, worstAt: 25_000, outsideMs: 15_000 },
      ],
      customers: { title: 'Customers served', worst: 0.4, worstAt: 25_000 },
    });
    // 15 s of 30 s with 40 % not served.
    expect(impact?.customers?.lost).toBeCloseTo(0.2);
    expect(impact?.costOf({ from: 0, until: 27_000 })).toEqual({
      impactMs: 17_000,
      customersLost: expect.closeTo((0.4 * 2) / 17),
    });
  });

  it('counts no gap, neither as impact nor as none: it says for how long nobody could see', () => {
    const impact = measured([
      [0, 0.1],
      [10, null],
      [60, 0.7],
      [70, null],
    ]);
    expect(impact).toMatchObject({ ms: 10_000, unseenMs: 80_000 });
    expect(impact).not.toHaveProperty('customers');
  });

  it('is not known where no signal with an objective was sampled, and none where all stayed within theirs', () => {
    expect(measured([])).toBeUndefined();
    expect(measured([[0, null]])).toBeUndefined();
    expect(measured([[-10, 9]])).toBeUndefined();
    expect(measured([[0, 0.1]])).toMatchObject({ ms: 0, signals: [], spans: [] });
  });

  it('of two spans side by side costs what the two together cost', () => {
    const point = fc.tuple(fc.integer({ min: 0, max: 99 }), fc.option(fc.constantFrom(0.1, 0.7, 2)));
    const cut = fc.tuple(fc.nat(100), fc.nat(100), fc.nat(100)).map((all) => all.sort((a, b) => a - b));
    fc.assert(
      fc.property(fc.uniqueArray(point, { selector: ([at]) => at }), cut, (points, [a = 0, b = 0, c = 0]) => {
        const impact = measured([...points].sort((x, y) => x[0] - y[0]));
        const ms = (from: number, until: number) =>
          impact?.costOf({ from: from * 1000, until: until * 1000 }).impactMs ?? 0;
        expect(ms(a, b) + ms(b, c)).toBe(ms(a, c));
        expect(ms(0, 100)).toBe(impact?.ms ?? 0);
      }),
    );
  });
});
