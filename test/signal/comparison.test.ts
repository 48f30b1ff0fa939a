import { describe, expect, it } from 'vitest';
import { closest, comparisonOf } from '../../src/signal/comparison.ts';

describe('what an alerting rule compares', () => {
  it.each([
    ['a > 0.5', { left: 'a', operator: '>', threshold: 0.5 }],
    ['sum(rate(x[1m])) / 3 >= 2', { left: 'sum(rate(x[1m])) / 3', operator: '>=', threshold: 2 }],
    ['min by (pod) (up) == 0', { left: 'min by (pod) (up)', operator: '==', threshold: 0 }],
    ['(a < 1e-3)', { left: 'a', operator: '<', threshold: 0.001 }],
  ])('%s', (expression, comparison) => {
    expect(comparisonOf(expression)).toEqual(comparison);
  });

  it.each(['absent(a)', 'a > b', 'a > bool 1', 'a > 1 and b > 1', 'a', 'a >', ''])(
    'is not one number in %s',
    (expression) => expect(comparisonOf(expression)).toBeUndefined(),
  );

  it('came closest with its largest value, or its smallest where less is asked for', () => {
    const above = comparisonOf('a > 5')!;
    const below = comparisonOf('a < 1')!;
    expect(closest(above, [1, Number.NaN, 3])).toBe(3);
    expect(closest(below, [2, 7])).toBe(2);
    expect(closest(below, [Number.NaN])).toBeUndefined();
  });
});
