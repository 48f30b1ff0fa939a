import { expect, it } from 'vitest';
import { nearest, suggest } from '../src/nearest.ts';

it.each([
  ['hnts', 'hints'],
  ['steadystate', 'steadyState'],
  ['CheckoutLatencyHihg', 'CheckoutLatencyHigh'],
  ['Latency', 'CheckoutLatencyHigh'],
])('takes %s for %s', (word, wanted) => {
  expect(nearest(word, ['hints', 'steadyState', 'CheckoutLatencyHigh', 'oracle'])).toBe(wanted);
});

it('does not guess at a word that is far from all', () => {
  expect(nearest('xyz', ['hints', 'oracle'])).toBeUndefined();
  expect(suggest('xyz', ['hints', 'oracle'])).toBe('Known: hints, oracle.');
  expect(suggest('xyz', [])).toBeUndefined();
});
