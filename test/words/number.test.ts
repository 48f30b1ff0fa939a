import { expect, it } from 'vitest';
import { number, percent, plural, quantity } from '../../src/words/number.ts';

it.each([
  [1.9412, 's', '1.94 s'],
  [0.0412, 's', '41.2 ms'],
  [0, 's', '0 s'],
  [599, 's', '599 s'],
  [600, 's', '10 min'],
  [9000, 's', '2.5 h'],
  [1_209_600, 's', '14 d'],
  [-52_636_573, 's', '-609 d'],
  [0.25, '', '0.25'],
  [618.4, 'reqps', '618 /s'],
  [618.4, '/s', '618 /s'],
  [12345.6, '', '12346'],
  [99.95, '%', '100 %'],
  [0.0251, 'percentunit', '2.51 %'],
  [512, 'bytes', '512 B'],
  [0, 'bytes', '0 B'],
  [1023, 'bytes', '1023 B'],
  [1024, 'bytes', '1 KiB'],
  [2 ** 60, 'bytes', '1048576 TiB'],
  [3 * 1024 ** 3, 'bytes', '3 GiB'],
  [0.25, 'bytes', '0.25 B'],
  [Number.POSITIVE_INFINITY, 's', '+∞'],
  [Number.NaN, 's', 'no data'],
  [null, 's', '—'],
])('writes %s with the unit "%s" as %s', (value, unit, text) => {
  expect(quantity(value, unit)).toBe(text);
});

it.each([
  [0.0001, '1.0e-4'],
  [-0.12345, '-0.123'],
  [99.96, '100'],
  [1e15, '1.0e+15'],
  [Number.NEGATIVE_INFINITY, '−∞'],
])('writes %s with three digits that matter, as %s', (value, text) => {
  expect(number(value)).toBe(text);
});

it('counts things', () => {
  expect([plural(1, 'alert'), plural(0, 'alert'), plural(2, 'query', 'queries')]).toEqual([
    '1 alert',
    '0 alerts',
    '2 queries',
  ]);
  expect(percent(0.874)).toBe('87 %');
});
