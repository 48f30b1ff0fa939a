import { expect, it } from 'vitest';
import { formatNumber } from '../../src/check/number.ts';

it.each([
  [1.9412, 's', '1.94 s'],
  [0.25, '', '0.25'],
  [618.4, '/s', '618/s'],
  [12345.6, '', '12346'],
  [99.95, '%', '100 %'],
  [0, '%', '0 %'],
  [Number.POSITIVE_INFINITY, 's', 'infinite s'],
])('%f with the unit "%s" is %s', (value, unit, text) => {
  expect(formatNumber(value, unit)).toBe(text);
});
