import { describe, expect, it } from 'vitest';
import { canonicalQuantity, quantityNumber, sameQuantity } from '../src/quantity.ts';

describe('a quantity', () => {
  it.each([
    ['250m', 0.25],
    ['64Mi', 64 * 2 ** 20],
    ['1.5Gi', 1.5 * 2 ** 30],
    ['8Ei', 2 ** 63],
    ['1e3', 1000],
    ['-2', -2],
    [2, 2],
    ['1k', 1000],
    ['x', undefined],
    ['1ki', undefined],
    ['', undefined],
    [true, undefined],
  ])('%s is the number %d', (text, value) => {
    expect(quantityNumber(text)).toBe(value);
  });

  it.each([
    ['1000m', 1],
    ['1Gi', '1024Mi'],
    ['1e3', '1k'],
    ['0.5', '500m'],
  ])('%s is the same as %s, however it is written', (one, other) => {
    expect(sameQuantity(one, other)).toBe(true);
    expect(sameQuantity(canonicalQuantity(one), other)).toBe(true);
  });

  it('is not the same as another, nor as what is none', () => {
    expect(sameQuantity('1', '1001m')).toBe(false);
    expect(sameQuantity('x', 'x')).toBe(false);
  });
});
