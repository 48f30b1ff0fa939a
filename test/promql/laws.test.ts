import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDuration, parseDuration } from '../../src/promql/duration.ts';
import { Query } from '../../src/promql/query.ts';
import { LabelSet } from '../../src/promql/series/labels.ts';
import { parse } from '../../src/promql/syntax/parse.ts';
import { print } from '../../src/promql/syntax/print.ts';
import { typeOf } from '../../src/promql/syntax/types.ts';
import type { Value } from '../../src/promql/value.ts';
import { expressionAtSpeed } from '../../src/rules/speed.ts';
import { Storage } from '../../src/sandbox/monitor/tsdb/storage.ts';
import { corpusStorage, EXPRESSIONS, TIMES } from './corpus.ts';

const samples = fc.array(
  fc.record({
    pod: fc.constantFrom('a', 'b', 'c'),
    app: fc.constantFrom('x', 'y'),
    values: fc.array(fc.nat(1000), { minLength: 1 }),
  }),
  { minLength: 1, maxLength: 5 },
);

function stored(series: { pod: string; app: string; values: number[] }[]): { storage: Storage; end: number } {
  const storage = new Storage();
  for (const { pod, app, values } of series) {
    const labels = LabelSet.from({ __name__: 'm', pod, app });
    for (const [i, value] of values.entries()) storage.append(labels, (i + 1) * 1000, value);
  }
  return { storage, end: 15_000 };
}

function pairsOf(value: Value): [string, number][] {
  if (value.type === 'scalar') return [['', value.value]];
  return value.type === 'vector' ? value.samples.map((one) => [one.labels.key, one.value]) : [];
}

function byKey(a: unknown[], b: unknown[]): number {
  return String(a[0]) < String(b[0]) ? -1 : 1;
}

function vector(storage: Storage, query: string, time: number) {
  const value = new Query(query).instant(storage, time);
  if (value.type !== 'vector') throw new Error(`Expected a vector of ${query}`);
  return value.samples;
}

describe('laws of PromQL', () => {
  test('rates of counters are never negative, whatever the counter does', () => {
    fc.assert(
      fc.property(
        samples,
        fc.constantFrom('rate', 'irate', 'increase', 'resets', 'changes'),
        (series, name) => {
          const { storage, end } = stored(series);
          for (const { value } of vector(storage, `${name}(m[10s])`, end))
            expect(value).toBeGreaterThanOrEqual(0);
        },
      ),
    );
  });

  test('a sum of sums by a label is the sum', () => {
    fc.assert(
      fc.property(samples, (series) => {
        const { storage, end } = stored(series);
        const whole = vector(storage, 'sum(m)', end)[0]?.value;
        expect(vector(storage, 'sum(sum by (app) (m))', end)[0]?.value).toBe(whole);
        expect(vector(storage, 'sum(sum without (app) (m))', end)[0]?.value).toBe(whole);
      }),
    );
  });

  test('topk gives the k largest of its input, with their labels', () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: 0, max: 6 }), (series, k) => {
        const { storage, end } = stored(series);
        const input = vector(storage, 'm', end);
        const top = vector(storage, `topk(${k}, m)`, end);
        expect(top).toHaveLength(Math.min(k, input.length));
        expect(new Set(input.map(({ labels }) => labels.key))).toEqual(
          new Set([...top, ...input].map(({ labels }) => labels.key)),
        );
        const rest = input.filter(({ labels }) => !top.some((one) => one.labels.key === labels.key));
        for (const { value } of rest) for (const one of top) expect(one.value).toBeGreaterThanOrEqual(value);
      }),
    );
  });

  test('and, unless split a vector; or puts it together', () => {
    fc.assert(
      fc.property(samples, fc.nat(1000), (series, limit) => {
        const { storage, end } = stored(series);
        const keys = (query: string) =>
          vector(storage, query, end)
            .map(({ labels }) => labels.key)
            .sort();
        const both = `(m and (m > ${limit})) or (m unless (m > ${limit}))`;
        expect(keys(both)).toEqual(keys('m'));
      }),
    );
  });

  test('quantiles are between minimum and maximum', () => {
    fc.assert(
      fc.property(samples, fc.double({ min: 0, max: 1, noNaN: true }), (series, q) => {
        const { storage, end } = stored(series);
        const value = vector(storage, `quantile(${q}, m)`, end)[0]?.value ?? 0;
        expect(value).toBeGreaterThanOrEqual((vector(storage, 'min(m)', end)[0]?.value ?? 0) - 1e-9);
        expect(value).toBeLessThanOrEqual((vector(storage, 'max(m)', end)[0]?.value ?? 0) + 1e-9);
      }),
    );
  });

  // `@ start()` and `@ end()` mean the whole range.
  const overTime = EXPRESSIONS.filter((text) => {
    // `@ start()` and `@ end()` mean the whole range, and one is an error at every time.
    if (/\b(start|end)\(|on\(nosuch\)/.test(text)) return false;
    return ['instant vector', 'scalar'].includes(typeOf(parse(text)));
  });

  test.each(overTime)('a range query is the instant query at every step: %s', (text) => {
    const storage = corpusStorage();
    const query = new Query(text);
    const [start, step] = [TIMES[0]! - 60_000, 173_000];
    const series = query.range(storage, { start, end: start + 10 * step, step });
    for (let time = start; time <= start + 10 * step; time += step) {
      const got = series.flatMap(({ labels, times, values }) => {
        const at = times.indexOf(time);
        return at < 0 ? [] : [[labels.key, values[at]]];
      });
      expect(got.sort(byKey)).toEqual(pairsOf(query.instant(storage, time)).sort(byKey));
    }
  });

  test.each(overTime)('it does not matter how many steps are evaluated together: %s', (text) => {
    const type = typeOf(parse(text));
    const storage = corpusStorage();
    const times = { start: TIMES[0]! - 60_000, end: TIMES[1]!, step: 67_000 };
    const vector = type === 'scalar' ? `vector(${text})` : text;
    const together = new Query(vector).range(storage, times);
    // Values counted make one step at a time of it.
    const apart = new Query(`(${vector}\n) or count_values("v", nosuch_metric)`).range(storage, times);
    expect(apart).toEqual(together);
  });
});

test.each([
  'http_requests_total',
  'http_requests_total offset 20m',
  'http_requests_total offset -10m',
  'rate(http_requests_total[3m])',
  'young_total or http_requests_total{app="a"} offset 40m',
  'young_total unless http_requests_total',
  'young_total * on () group_left () count(app_info)',
  'sum_over_time(young_total[10m:1m] offset 5m)',
  '-young_total + 3',
  'clamp_max(young_total, scalar(vector(20)))',
  'http_requests_total @ 1767226800',
])('a subquery that begins long before the first sample of %s gives nothing else', (inner) => {
  const storage = corpusStorage();
  const ask = (query: string) => {
    const value = new Query(query).instant(storage, TIMES[2]!);
    return value.type === 'vector' ? value.samples.map((one) => [one.labels.key, one.value]) : [];
  };
  // Up to 1000 steps are simply tried, more are clipped to where something can be.
  const half = `count_over_time((${inner})[115m:7s])`;
  const both = `${half} + (count_over_time((${inner})[115m:7s] offset 115m) or 0 * ${half})`;
  const whole = ask(`count_over_time((${inner})[230m:7s])`);
  expect(whole.length).toBeGreaterThan(0);
  expect(whole).toEqual(ask(both));
});

describe('printing', () => {
  const storage = corpusStorage();

  test.each(EXPRESSIONS)('what is printed means the same: %s', (text) => {
    const printed = print(parse(text));
    expect(print(parse(printed))).toBe(printed);
    const [original, again] = [text, printed].map((one) => {
      try {
        return JSON.stringify(new Query(one).instant(storage, TIMES[0]!));
      } catch (error) {
        return String(error);
      }
    });
    expect(again).toBe(original);
  });

  test('durations are read back', () => {
    fc.assert(
      fc.property(fc.nat(10 ** 11), (ms) => {
        expect(parseDuration(formatDuration(ms)) ?? 0).toBe(ms);
      }),
    );
    expect(formatDuration(90_000)).toBe('1m30s');
  });
});

test('speed divides ranges, offsets and steps, not numbers', () => {
  const text = 'rate(a[5m] offset 1m) > 300 and max_over_time(b[10m:30s]) < 5';
  expect(print(expressionAtSpeed(parse(text), 10))).toBe(
    'rate(a[30s] offset 6s) > 300 and max_over_time(b[1m:3s]) < 5',
  );
});

test('parse errors say where, unsupported parts say what', () => {
  const message = (text: string) => {
    try {
      new Query(text);
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  };
  expect(message('sum(\n  rate(foo))')).toBe(
    '2:8: parse error: expected type range vector in call to function "rate", got instant vector',
  );
  expect(message('foo{bar="baz"')).toBe('1:14: parse error: unexpected end of input');
  expect(message('nope(foo)')).toBe('1:1: parse error: unknown function with name "nope"');
  expect(message('info(x)')).toBe('function "info" is not supported yet');
  expect(message('rate(x[5m] smoothed)')).toContain('not supported yet');
});
