import { describe, expect, it } from 'vitest';
import { Query } from '../../src/promql/query.ts';
import { corpusStorage, TIMES } from './corpus.ts';

const storage = corpusStorage();

function ask(text: string): Record<string, number> {
  const value = new Query(text).instant(storage, TIMES[1]!);
  if (value.type !== 'vector') throw new Error(`Expected a vector, got ${value.type}`);
  return Object.fromEntries(value.samples.map(({ labels, value: number }) => [String(labels), number]));
}

function remarks(text: string) {
  const query = new Query(text);
  const annotations = query.annotations();
  query.instant(storage, TIMES[1]!, { annotations });
  return annotations.fields();
}

describe('what Prometheus 2.42 does not have', () => {
  it.each([
    // What 3.5.4 answered.
    [
      'sum(double_exponential_smoothing(http_requests_total{pod="a-1",code="200"}[5m], 0.3, 0.6))',
      2479.26405,
    ],
    ['sum(mad_over_time(queue_length{pod="a-1"}[5m]))', 21.326],
    ['histogram_fraction(0.1, Inf, sum by (le) (rate(request_seconds_bucket[5m])))', 0.535087719],
    ['histogram_fraction(0.3, 0.2, sum by (le) (rate(request_seconds_bucket[5m])))', 0],
    // The old name of the same function; the value is our own, not compared with a Prometheus that has it.
    ['sum(holt_winters(queue_length{pod="a-1"}[5m], 0.5, 0.5))', 20.6218764],
  ])('%s', (query, expected) => {
    const [value] = Object.values(ask(query));
    expect(value).toBeCloseTo(expected, 5);
  });

  it('smooths under both names alike', () => {
    expect(ask('double_exponential_smoothing(queue_length[5m], 0.5, 0.5)')).toEqual(
      ask('holt_winters(queue_length[5m], 0.5, 0.5)'),
    );
    expect(() => ask('holt_winters(queue_length[5m], 1, 0.5)')).toThrow(
      'invalid smoothing factor. Expected: 0 < sf < 1, got: 1.000000',
    );
  });

  it('takes fractions of a histogram that add up to the whole', () => {
    const part = (from: string, to: string) =>
      Object.values(
        ask(`histogram_fraction(${from}, ${to}, sum by (le) (rate(request_seconds_bucket[5m])))`),
      )[0]!;
    expect(part('-Inf', '0.07') + part('0.07', '0.3') + part('0.3', 'Inf')).toBeCloseTo(1, 9);
    expect(part('0', 'Inf')).toBe(1);
    expect(Object.values(ask('histogram_fraction(0, 1, nosuch)'))).toEqual([]);
  });

  it('knows the first sample of a range, and when the least and the most were', () => {
    const [first] = Object.values(ask('first_over_time(http_requests_total{pod="a-1",code="200"}[5m])'));
    expect(first).toBe(2118);
    const at = (name: string) => Object.values(ask(`${name}(queue_length{pod="a-1"}[5m])`))[0]!;
    const [begin, end] = [at('ts_of_first_over_time'), at('ts_of_last_over_time')];
    for (const name of ['ts_of_min_over_time', 'ts_of_max_over_time']) {
      expect(at(name)).toBeGreaterThanOrEqual(begin);
      expect(at(name)).toBeLessThanOrEqual(end);
    }
  });

  it('limits by number and by share', () => {
    const all = Object.entries(ask('http_requests_total'));
    expect(Object.entries(ask('limitk(2, http_requests_total)'))).toEqual(all.slice(0, 2));
    expect(Object.keys(ask('limitk by (app) (1, http_requests_total)'))).toHaveLength(2);
    expect(() => ask('limitk(NaN, http_requests_total)')).toThrow('Scalar value NaN overflows int64');
    const some = Object.keys(ask('limit_ratio(0.4, http_requests_total)'));
    const rest = Object.keys(ask('limit_ratio(-0.6, http_requests_total)'));
    expect([...some, ...rest].sort()).toEqual(all.map(([key]) => key).sort());
    expect(Object.keys(ask('limit_ratio(1, http_requests_total)'))).toHaveLength(all.length);
  });

  it('remarks on what is answered and may be wrong', () => {
    const counter = (name: string, place: string) =>
      `PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "${name}" (${place})`;
    expect(remarks('rate(queue_length[5m])')).toEqual({ infos: [counter('queue_length', '1:6')] });
    expect(remarks('sum(\n  increase(app_info[1m]))')).toEqual({ infos: [counter('app_info', '2:12')] });
    expect(remarks('quantile(1.5, queue_length)')).toEqual({
      warnings: ['PromQL warning: quantile value should be between 0 and 1, got 1.5 (1:10)'],
    });
    expect(remarks('histogram_quantile(0.5, queue_length)')).toEqual({
      warnings: [
        'PromQL warning: bucket label "le" is missing or has a malformed value of "" for metric name "queue_length" (1:25)',
      ],
    });
    expect(remarks('histogram_quantile(0.5, -request_seconds_bucket)').infos?.[0]).toMatch(
      /^PromQL info: input to histogram_quantile needed to be fixed for monotonicity/,
    );
    for (const fine of [
      'rate(http_requests_total[5m])',
      'irate(queue_length[5m])',
      'rate(nosuch[5m])',
      'quantile_over_time(1.5, nosuch[5m])',
    ])
      expect(remarks(fine)).toEqual({});
  });
});
