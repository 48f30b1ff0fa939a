import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Query } from '../../../../src/promql/query.ts';
import { fingerprint } from '../../../../src/promql/series/fingerprint.ts';
import { LabelSet } from '../../../../src/promql/series/labels.ts';
import { matcher } from '../../../../src/promql/series/matcher.ts';
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

/** What `m` is at a time. */
function at(storage: Storage, time: number, lookbackMs: number): number | undefined {
  const value = new Query('m').instant(storage, time, { lookbackMs });
  return value.type === 'vector' ? value.samples[0]?.value : undefined;
}

/** The samples of `m` in (end - range, end]. */
function during(storage: Storage, end: number, rangeMs: number): number[] {
  const value = new Query(`m[${rangeMs}ms]`).instant(storage, end);
  if (value.type !== 'matrix') throw new Error('Expected a range vector');
  return value.windows.flatMap(({ values, from, to }) => [...values.subarray(from, to)]);
}

test('samples that are not newer than the last are refused', () => {
  const storage = new Storage();
  const set = LabelSet.from({ __name__: 'm' });
  expect([storage.append(set, 5, 1), storage.append(set, 5, 2), storage.append(set, 4, 3)]).toEqual([
    true,
    false,
    false,
  ]);
  expect(at(storage, 5, 10)).toBe(1);
});

test('windows and look-backs are open on the left and closed on the right', () => {
  const storage = new Storage();
  const series = storage.series(LabelSet.from({ __name__: 'm' }))!;
  for (const time of [10, 20, 30]) series.append(time, time);
  expect(during(storage, 30, 20)).toEqual([20, 30]);
  expect(at(storage, 40, 10)).toBeUndefined();
  expect(at(storage, 39, 10)).toBe(30);
});

test('a staleness marker hides a series at once, from ranges only itself, until it comes back', () => {
  const storage = new Storage();
  const series = storage.series(LabelSet.from({ __name__: 'm' }))!;
  series.append(10, 1);
  expect([series.markStale(20), series.markStale(30)]).toEqual([true, false]);
  expect(at(storage, 25, 100)).toBeUndefined();
  expect(during(storage, 100, 100)).toEqual([1]);
  series.append(40, 4);
  expect(at(storage, 45, 100)).toBe(4);
  expect(during(storage, 100, 100)).toEqual([1, 4]);
});

test('old samples and empty series are forgotten, windows handed out before stay whole', () => {
  const storage = new Storage();
  const old = LabelSet.from({ __name__: 'old' });
  const long = LabelSet.from({ __name__: 'long' });
  storage.append(old, 1, 1);
  for (let time = 1; time <= 1000; time++) storage.append(long, time, time);
  const window = storage.select([matcher('__name__', '=', 'long')])[0]!.samples(0, 1000)!;
  const before = storage.generation;
  storage.forgetBefore(900);
  expect(storage.size).toBe(1);
  expect(storage.generation).not.toBe(before);
  expect(storage.labelValues('__name__')).toEqual(['long']);
  const { from, to } = storage.select([])[0]!.samples(-Infinity, Infinity)!;
  expect(to - from).toBe(101);
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
