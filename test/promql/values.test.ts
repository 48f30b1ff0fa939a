import { describe, expect, it } from 'vitest';
import { Query } from '../../src/promql/query.ts';
import { LabelSet } from '../../src/promql/series/labels.ts';
import { sourceOf } from '../../src/promql/series/source.ts';

/** Series with a value every second, the first at 1 s. */
function series(all: Record<string, (number | undefined)[]>) {
  return sourceOf(
    Object.entries(all).map(([text, values]) => {
      const [, name = '', rest = ''] = /^(\w*)(?:\{(.*)\})?$/.exec(text)!;
      const labels = Object.fromEntries(
        [...rest.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = '', value = '']) => [label, value]),
      );
      const points = values.flatMap((value, index) =>
        value === undefined ? [] : [[(index + 1) * 1000, value]],
      );
      return {
        labels: LabelSet.from({ ...labels, __name__: name }),
        times: Float64Array.from(points, ([time]) => time!),
        values: Float64Array.from(points, ([, value]) => value!),
      };
    }),
  );
}

function ask(source: ReturnType<typeof series>, text: string, seconds: number) {
  const value = new Query(text).instant(source, seconds * 1000);
  if (value.type === 'scalar') return value.value;
  if (value.type !== 'vector') throw new Error('Expected a vector');
  return Object.fromEntries(value.samples.map(({ labels, value: number }) => [String(labels), number]));
}

describe('values that are hard to get right', () => {
  it('refuses histograms that only their names tell apart, instead of adding up their buckets', () => {
    const source = series({
      'a_bucket{le="1"}': [1],
      'a_bucket{le="+Inf"}': [2],
      'b_bucket{le="1"}': [1],
      'b_bucket{le="+Inf"}': [2],
    });
    expect(ask(source, 'histogram_quantile(0.5, a_bucket)', 1)).toEqual({ '{}': 1 });
    expect(() => ask(source, 'histogram_quantile(0.5, {__name__=~"._bucket"})', 1)).toThrow('same labelset');
  });

  it.each([
    '-{a="x"}',
    'abs({a="x"})',
    'rate({a="x"}[5s])',
    '{a="x"} + 1',
    'sum(-{a="x"})',
    'count_over_time((-{a="x"})[3s:1s])',
  ])('refuses two series that a lost name makes one: %s', (text) => {
    const source = series({ 'm{a="x"}': [1, 2, 3], 'n{a="x"}': [4, 5, 6] });
    expect(() => ask(source, text, 3)).toThrow('vector cannot contain metrics with the same labelset');
  });

  it('puts together what is one at different times, and only that', () => {
    const source = series({
      'm{a="x"}': [1, 2, undefined, undefined],
      'm{a="y"}': [undefined, undefined, 3, 4],
    });
    const query = new Query('label_replace(m, "a", "z", "", "")');
    const times = { start: 1000, end: 4000, step: 1000 };
    const [both, ...others] = query.range(source, times, { lookbackMs: 1000 });
    expect([...both!.values]).toEqual([1, 2, 3, 4]);
    expect(others).toEqual([]);
    expect(() => query.range(source, times, { lookbackMs: 2000 })).toThrow('same labelset');
  });

  it('takes the mean of what is too much to be added up', () => {
    const source = series({ m: [1.7e308, 1.7e308, 1.7e308], n: [1e308, -1e308, Infinity] });
    expect(ask(source, 'avg_over_time(m[5s])', 3)).toEqual({ '{}': 1.7e308 });
    expect(ask(source, 'avg_over_time(n[5s])', 3)).toEqual({ '{}': Infinity });
    expect(ask(source, 'avg({__name__=~"m|n"})', 1)).toEqual({ '{}': expect.closeTo(1.35e308, -300) });
  });

  it('finds no deviation in equal values, and no rounding in their mean', () => {
    const source = series({ m: Array.from({ length: 13 }, () => 1.5990505637277868) });
    for (const name of ['stddev_over_time', 'stdvar_over_time'])
      expect(ask(source, `${name}(m[20s])`, 13)).toEqual({ '{}': 0 });
    expect(
      ask(series({ m: Array.from({ length: 13 }, () => 52) }), 'avg_over_time(m[20s]) == 52', 13),
    ).toEqual({
      '{}': 52,
    });
  });

  it('raises to powers as Go does', () => {
    const source = series({});
    expect(ask(source, '1 ^ NaN', 1)).toBe(1);
    expect(ask(source, '1 ^ Inf', 1)).toBe(1);
    expect(ask(source, '(-1) ^ -Inf', 1)).toBe(1);
    expect(ask(source, 'NaN ^ 0', 1)).toBe(1);
    expect(ask(source, '2 ^ NaN', 1)).toBeNaN();
  });

  it('forgives two of one side where the other side has nothing', () => {
    const source = series({
      'one{a="x",b="1"}': [1],
      'one{a="x",b="2"}': [1],
      'many{a="x"}': [undefined, 1],
    });
    const text = 'many * on (a) one';
    expect(ask(source, text, 1)).toEqual({});
    expect(() => ask(source, text, 2)).toThrow('found duplicate series for the match group {a="x"}');
  });
});

it('finds the few best of many as sorting all of them does', () => {
  const values = Array.from(
    { length: 40 },
    (_, index) => [(index * 17) % 23, Number.NaN, -index][index % 3]!,
  );
  const source = series(Object.fromEntries(values.map((value, index) => [`m{i="${index}"}`, [value]])));
  for (const [name, order] of [
    ['topk', 'sort_desc'],
    ['bottomk', 'sort'],
  ] as const) {
    const all = Object.values(ask(source, `${order}(m)`, 1));
    for (const k of [0, 1, 3, 9, 39, 50])
      expect(Object.values(ask(source, `${name}(${k}, m)`, 1))).toEqual(all.slice(0, k));
  }
});
