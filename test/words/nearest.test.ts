import { expect, it } from 'vitest';
import { mistyped, nearest, suggest } from '../../src/words/nearest.ts';

it.each([
  ['hnts', 'hints'],
  ['steadystate', 'steadyState'],
  ['CheckoutLatencyHihg', 'CheckoutLatencyHigh'],
  ['Latency', 'CheckoutLatencyHigh'],
  ['Late', 'CheckoutLatencyHigh'],
  ['hitns', 'hints'],
  ['orcale', 'oracle'],
  ['steadistat', 'steadyState'],
  ['od', 'or'],
])('takes %s for %s', (word, wanted) => {
  expect(nearest(word, ['hints', 'steadyState', 'CheckoutLatencyHigh', 'oracle', 'or'])).toBe(wanted);
});

it('does not guess at a word that is far from all', () => {
  expect(nearest('xyz', ['hints', 'oracle'])).toBeUndefined();
  expect(nearest('hitsn', ['hints'])).toBeUndefined();
  expect(nearest('Lat', ['CheckoutLatencyHigh'])).toBeUndefined();
  expect(suggest('xyz', ['hints', 'oracle'])).toBe('Known: hints, oracle.');
  expect(suggest('xyz', [])).toBeUndefined();
});

it.each([
  ['pod', 'pods'],
  ['Checkuot', 'checkout'],
  ['chekouts', 'checkout'],
  ['checkuot2', 'checkout2'],
  ['checkotu-db', 'checkout-db'],
])('takes %s for a slip of the pen of %s', (word, wanted) => {
  expect(mistyped(word, ['storefront', wanted])).toBe(wanted);
});

it.each([
  ['a word of two letters', 'po', 'pod'],
  ['two letters that are other, in a short word', 'carts', 'bards'],
  ['three that are missing', 'check', 'checkout'],
  ['another number', '503', '500'],
  ['another unit', '12ms', '12s'],
  ['the next of a series', 'pod-d', 'pod-c'],
])('takes %s for a word of its own', (_, word, other) => {
  expect(mistyped(word, [other])).toBeUndefined();
});
