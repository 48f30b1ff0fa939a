import type { Answer } from './answer.ts';
import { BASE } from './corpus.ts';

/** Where Prometheus 3.x, and so this evaluator, answers otherwise than 2.42. */
export const DIFFERENCES: readonly {
  why: string;
  query: string;
  time: number;
  /** By 3.x. */
  expected: Answer;
  /** By 2.42; undefined if it does not know the syntax. */
  old: Answer | undefined;
}[] = [
  {
    why: 'ranges are open on the left: a sample at the very start is outside',
    query: 'sum(count_over_time(app_limit{app="a"}[1m]))',
    time: BASE + 20 * 60_000 + 3_137,
    expected: single(BASE + 20 * 60_000 + 3_137, 4),
    old: single(BASE + 20 * 60_000 + 3_137, 5),
  },
  {
    why: 'so are subqueries',
    query: 'sum_over_time(vector(1)[10m:1m])',
    time: BASE + 20 * 60_000,
    expected: single(BASE + 20 * 60_000, 10),
    old: single(BASE + 20 * 60_000, 11),
  },
  {
    why: 'and the look-back of an instant selector',
    query: 'count(http_requests_total{pod="b-1",code="200"})',
    time: BASE + 3_137 + 60 * 15_000 + 5 * 60_000,
    expected: { type: 'vector', series: {}, order: [] },
    old: single(BASE + 3_137 + 60 * 15_000 + 5 * 60_000, 1),
  },
  {
    // 45 s of samples, 7.5 s (half a spacing) before them, 11.863 s after; 2.x reaches 15 s back, to zero.
    why: 'the guess of where a counter began is cut to half a spacing before it is cut at zero',
    query: 'increase(young_total[5m])',
    time: BASE + 660_000,
    expected: single(BASE + 660_000, (30 * (45 + 7.5 + 11.863)) / 45),
    old: single(BASE + 660_000, (30 * (45 + 15 + 11.863)) / 45),
  },
  {
    why: 'atan2 drops the metric name as all arithmetic does',
    query: 'count by (__name__) (app_limit atan2 app_limit)',
    time: BASE + 20 * 60_000,
    expected: single(BASE + 20 * 60_000, 2),
    old: {
      type: 'vector',
      series: { '[["__name__","app_limit"]]': [[(BASE + 20 * 60_000) / 1000, 2]] },
      order: ['[["__name__","app_limit"]]'],
    },
  },
  {
    why: 'a duration is a number of seconds',
    query: 'vector(1m30s)',
    time: BASE,
    expected: single(BASE, 90),
    old: undefined,
  },
  {
    why: 'a number is a range in seconds',
    query: 'sum(count_over_time(app_limit{app="a"}[60]))',
    time: BASE + 20 * 60_000,
    expected: single(BASE + 20 * 60_000, 4),
    old: undefined,
  },
  {
    why: 'metric names may be quoted inside of the braces',
    query: 'sum({"app_limit",app="a"})',
    time: BASE + 20 * 60_000,
    expected: single(BASE + 20 * 60_000, 4),
    old: undefined,
  },
  {
    why: 'sort_by_label',
    query: 'sum(sort_by_label(app_limit, "app"))',
    time: BASE + 20 * 60_000,
    expected: single(BASE + 20 * 60_000, 12),
    old: undefined,
  },
];

function single(time: number, value: number): Answer {
  return { type: 'vector', series: { '[]': [[time / 1000, value]] }, order: ['[]'] };
}
