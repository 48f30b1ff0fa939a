import { describe, expect, it } from 'vitest';
import { Query } from '../../src/promql/query.ts';
import type { RecordedQuery } from '../../src/signal/recorded-series.ts';
import { recordedSource } from '../../src/signal/recorded-source.ts';
import type { Series } from '../../src/signal/series.ts';

const step = 15;
const T = 1_767_225_600;

function points(from: number, values: number[]): Series['points'] {
  return values.map((value, index) => [T + from + index * step, value]);
}

function recorded(kind: RecordedQuery['kind'], name: string, series: Series[]): RecordedQuery {
  return { kind, name, query: name, series, outcome: 'recorded' };
}

const source = recordedSource({
  step,
  queries: [
    recorded('alerts', 'ALERTS', [
      {
        labels: { __name__: 'ALERTS', alertname: 'Slow', alertstate: 'firing' },
        points: [...points(0, [1, 1]), ...points(120, [1])],
      },
    ]),
    recorded('recording-rule', 'job:errors:rate5m', [
      { labels: { job: 'a' }, points: points(0, [1, 2, 3, Number.NaN, 5]) },
      { labels: { job: 'b' }, points: points(0, [2, 2, 2, 2, 2]) },
    ]),
    recorded('stack', 'requests_total', [{ labels: { pod: 'x' }, points: points(0, [7]) }]),
  ],
});

function ask(text: string, seconds: number) {
  const value = new Query(text).instant(source, (T + seconds) * 1000);
  if (value.type !== 'vector') throw new Error('Expected a vector');
  return value.samples.map(({ labels, value: number }) => [String(labels), number]);
}

describe('PromQL over what a game recorded', () => {
  it('finds recording rules by their names', () => {
    expect(ask('sum(job:errors:rate5m)', 15)).toEqual([['{}', 4]]);
    expect(ask('max_over_time(job:errors:rate5m{job="a"}[1m])', 60)).toEqual([['{job="a"}', 5]]);
  });

  it('sees an alert while it was there, and not in between', () => {
    const firing = new Query('count(ALERTS{alertstate="firing"}) or vector(0)');
    const [series] = firing.range(source, { start: T * 1000, end: (T + 150) * 1000, step: step * 1000 });
    expect([...series!.values]).toEqual([1, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0]);
  });

  it('does not take the rate of a counter for the counter', () => {
    expect(ask('requests_total', 0)).toEqual([]);
    expect(ask('count({pod="x"})', 0)).toEqual([]);
  });
});
