import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fingerprint } from '../../../../src/sandbox/monitor/tsdb/fingerprint.ts';
import { LabelSet } from '../../../../src/sandbox/monitor/tsdb/labels.ts';
import { matcher } from '../../../../src/sandbox/monitor/tsdb/matcher.ts';
import { Storage } from '../../../../src/sandbox/monitor/tsdb/storage.ts';

const value = fc.constantFrom('', 'a', 'b', 'ab', 'x.y');
const labels = fc.record({ __name__: fc.constantFrom('m', 'n'), app: value, pod: value });
const anyMatcher = fc
  .tuple(
    fc.constantFrom('__name__', 'app', 'pod', 'nosuch'),
    fc.constantFrom('=' as const, '!=' as const, '=~' as const, '!~' as const),
    fc.constantFrom('', 'a', 'm', 'a|b', '.+', 'a.*', '.*', 'b?'),
  )
  .map(([name, op, text]) => matcher(name, op, text));

test('the index selects exactly the series that all matchers accept', () => {
  fc.assert(
    fc.property(fc.array(labels), fc.array(anyMatcher, { minLength: 1, maxLength: 3 }), (all, matchers) => {
      const storage = new Storage();
      const sets = all.map((one) => LabelSet.from(one));
      for (const set of sets) storage.append(set, 1, 1);
      const expected = new Set(
        sets
          .filter((set) => matchers.every(({ name, matches }) => matches(set.get(name))))
          .map(({ key }) => key),
      );
      expect(new Set(storage.select(matchers).map((series) => series.labels.key))).toEqual(expected);
    }),
  );
});

test('regular expressions are anchored at both ends', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-c]{1,4}$/), fc.stringMatching(/^[a-c]{1,4}$/), (pattern, text) => {
      expect(matcher('l', '=~', `(${pattern})`).matches(text)).toBe(pattern === text);
    }),
  );
});

describe('a regular expression of RE2 that JavaScript writes otherwise', () => {
  test.each([
    ['(?i)ERROR', 'error', true],
    ['(?P<x>a)b', 'ab', true],
    ['[[:alpha:]]+', 'abc', true],
    ['[[:digit:]]+', 'abc', false],
    ['a.b', 'a\nb', true],
    ['\\Qa.b\\E', 'axb', false],
    ['\\pL+', 'é', true],
  ])('%s', (pattern, text, expected) => {
    expect(matcher('l', '=~', pattern).matches(text)).toBe(expected);
  });
});

test('samples that are not newer than the last are refused', () => {
  const storage = new Storage();
  const set = LabelSet.from({ __name__: 'm' });
  expect([storage.append(set, 5, 1), storage.append(set, 5, 2), storage.append(set, 4, 3)]).toEqual([
    true,
    false,
    false,
  ]);
  expect(storage.select([])[0]!.at(5, 10)).toEqual({ time: 5, value: 1 });
});

test('windows and look-backs are open on the left and closed on the right', () => {
  const storage = new Storage();
  const series = storage.series(LabelSet.from({ __name__: 'm' }))!;
  for (const time of [10, 20, 30]) series.append(time, time);
  const { from, to } = series.window(10, 30)!;
  expect(to - from).toBe(2);
  expect(series.at(40, 10)).toBeUndefined();
  expect(series.at(39, 10)).toEqual({ time: 30, value: 30 });
});

test('a staleness marker hides a series at once, from ranges only itself, until it comes back', () => {
  const series = new Storage().series(LabelSet.from({ __name__: 'm' }))!;
  series.append(10, 1);
  expect([series.markStale(20), series.markStale(30)]).toEqual([true, false]);
  expect(series.at(25, 100)).toBeUndefined();
  expect(Array.from(series.window(0, 100)!.values).slice(0, 1)).toEqual([1]);
  series.append(40, 4);
  expect(series.at(45, 100)).toEqual({ time: 40, value: 4 });
  const window = series.window(0, 100)!;
  expect(Array.from({ length: window.to - window.from }, (_, i) => window.values[window.from + i])).toEqual([
    1, 4,
  ]);
});

test('old samples and empty series are forgotten, windows handed out before stay whole', () => {
  const storage = new Storage();
  const old = LabelSet.from({ __name__: 'old' });
  const long = LabelSet.from({ __name__: 'long' });
  storage.append(old, 1, 1);
  for (let time = 1; time <= 1000; time++) storage.append(long, time, time);
  const window = storage.select([matcher('__name__', '=', 'long')])[0]!.window(0, 1000)!;
  const before = storage.generation;
  storage.forgetBefore(900);
  expect(storage.size).toBe(1);
  expect(storage.generation).not.toBe(before);
  expect(storage.labelValues('__name__')).toEqual(['long']);
  expect(storage.select([])[0]!.length).toBe(101);
  expect(window.values[window.from]).toBe(1);
});

test('a full storage refuses new series and keeps the known ones going', () => {
  const storage = new Storage({ maximumSeries: 1 });
  expect(storage.append(LabelSet.from({ __name__: 'a' }), 1, 1)).toBe(true);
  expect(storage.append(LabelSet.from({ __name__: 'b' }), 1, 1)).toBe(false);
  expect(storage.append(LabelSet.from({ __name__: 'a' }), 2, 1)).toBe(true);
});

test('label names that objects know already are ordinary labels', () => {
  const set = LabelSet.from({ __name__: 'm', constructor: 'x', toString: 'y' });
  expect([set.get('constructor'), set.get('hasOwnProperty'), set.keep(['toString']).toJSON()]).toEqual([
    'x',
    '',
    { toString: 'y' },
  ]);
});

test('fingerprints are those of Prometheus', () => {
  // Of the empty set, and of {a="b"}: FNV-1a with 0xff after name and value.
  expect(fingerprint(LabelSet.empty)).toBe('cbf29ce484222325');
  expect(fingerprint(LabelSet.from({ a: 'b' }))).toMatch(/^[0-9a-f]{16}$/);
  expect(fingerprint(LabelSet.from({ a: 'b' }))).not.toBe(fingerprint(LabelSet.from({ a: 'b', c: 'd' })));
});
