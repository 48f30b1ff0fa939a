import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sparkline } from '../../src/tui/sparkline.ts';

const series = (values: (number | null)[]) =>
  values.map((value, index): [number, number | null] => [index * 2000, value]);

describe('a sparkline', () => {
  it('shows the whole series, so that what is high now is seen against what was usual', () => {
    const calm = Array.from({ length: 60 }, () => 1);
    const slow = Array.from({ length: 180 }, () => 8);
    expect(sparkline(series([...calm, ...slow]), 12)).toBe('▂▂▂█████████');
  });

  it('draws a short series as it is, and a gap as a blank', () => {
    expect(sparkline(series([0, null, 7]), 40)).toBe('▁ █');
  });

  it('never loses a peak and never gets wider than it may', () => {
    const values = fc.array(fc.option(fc.nat(1000), { nil: null }), { maxLength: 300 });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 60 }), (some, width) => {
        const drawn = [...sparkline(series(some), width)];
        expect(drawn.length).toBe(Math.min(width, some.length));
        expect(drawn.includes('█')).toBe(some.some((value) => (value ?? 0) > 0));
      }),
    );
  });
});
