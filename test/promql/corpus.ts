import { LabelSet } from '../../src/promql/series/labels.ts';
import { Storage } from '../../src/sandbox/monitor/tsdb/storage.ts';

/** Start of the recorded hour: 2026-01-01T00:00:00Z in ms. */
export const BASE = 1_767_225_600_000;
const SCRAPE_MS = 15_000;
/** First scrape: off every whole second, so that no step or @ of the expressions falls on a sample. */
const FIRST = BASE + 3_137;
const MINUTES = 60;

export interface CorpusSample {
  readonly labels: Record<string, string>;
  readonly time: number;
  readonly value: number;
}

/** A linear congruential generator: the same numbers on every machine. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** One hour of counters with resets and gaps, gauges with NaN and infinities, histograms. */
export function corpusSamples(): CorpusSample[] {
  const samples: CorpusSample[] = [];
  const random = numbers(42);
  const pods = ['a-1', 'a-2', 'b-1'];
  for (const pod of pods) {
    const app = pod[0]!;
    for (const code of ['200', '404', '500']) {
      let count = Math.floor(random() * 50);
      for (let i = 0; i < (MINUTES * 60_000) / SCRAPE_MS; i++) {
        count += Math.floor(random() * (code === '200' ? 40 : 3));
        // A restart of one pod in the middle, a gap of eight minutes in another.
        if (pod === 'a-2' && i === 120) count = 2;
        if (pod === 'b-1' && i > 60 && i < 92) continue;
        samples.push({
          labels: { __name__: 'http_requests_total', app, pod, code, job: 'shop' },
          time: FIRST + i * SCRAPE_MS,
          value: count,
        });
      }
    }
    for (let i = 0; i < (MINUTES * 60_000) / SCRAPE_MS; i++) {
      const value = i === 100 ? Number.NaN : i === 101 && pod === 'a-1' ? Infinity : (random() - 0.3) * 100;
      // Scrapes are not quite even.
      const jitter = Math.floor(random() * 400);
      samples.push({
        labels: { __name__: 'queue_length', app, pod, job: 'shop' },
        time: FIRST + i * SCRAPE_MS + jitter,
        value: Number.isFinite(value) ? Math.round(value * 1000) / 1000 : value,
      });
    }
    const bounds = ['0.05', '0.1', '0.25', '0.5', '1', '+Inf'];
    const counts = bounds.map(() => 0);
    for (let i = 0; i < (MINUTES * 60_000) / SCRAPE_MS; i++) {
      for (let n = 0; n < 20; n++) {
        const took = -Math.log(1 - random()) * (app === 'a' ? 0.1 : 0.4);
        bounds.forEach((bound, b) => {
          if (bound === '+Inf' || took <= Number(bound)) counts[b]!++;
        });
      }
      bounds.forEach((le, b) => {
        samples.push({
          labels: { __name__: 'request_seconds_bucket', app, pod, le, job: 'shop' },
          time: FIRST + i * SCRAPE_MS,
          value: counts[b]!,
        });
      });
    }
  }
  for (const [app, owner, limit] of [
    ['a', 'checkout', 4],
    ['b', 'edge', 8],
  ] as const) {
    for (let i = 0; i < (MINUTES * 60_000) / SCRAPE_MS; i++) {
      const time = FIRST + i * SCRAPE_MS;
      samples.push({ labels: { __name__: 'app_info', app, owner }, time, value: 1 });
      samples.push({ labels: { __name__: 'app_limit', app }, time, value: limit });
    }
  }
  // A counter that was first seen with a value that took a while to reach.
  [10, 20, 30, 40].forEach((value, i) => {
    samples.push({ labels: { __name__: 'young_total' }, time: FIRST + 600_000 + i * SCRAPE_MS, value });
  });
  return samples;
}

export function corpusStorage(): Storage {
  const storage = new Storage();
  const byTime = corpusSamples().sort((a, b) => a.time - b.time);
  for (const { labels, time, value } of byTime) storage.append(LabelSet.from(labels), time, value);
  return storage;
}

/** Off the grid too: left-open (3.x) and closed (2.x) ranges hold the same samples. */
export const TIMES = [20, 31, 47].map((minutes) => BASE + minutes * 60_000 + 7_771);

/** Expressions that Prometheus 2.42 and 3.x answer alike. */
export const EXPRESSIONS: readonly string[] = [
  // selectors
  'http_requests_total',
  'http_requests_total{code="200"}',
  'http_requests_total{code!="200"}',
  'http_requests_total{code=~"4..|5.."}',
  'http_requests_total{code!~"4..|5.."}',
  'http_requests_total{code=~"0"}',
  'http_requests_total{app=~"a|b",pod!~"a-.*"}',
  'http_requests_total{nosuch=""}',
  'http_requests_total{pod=~".+-1"}',
  '{__name__=~"app_.*"}',
  '{__name__=~"app_(info|limit)",app="a"}',
  'nosuch_metric',
  'queue_length offset 5m',
  'queue_length offset -5m',
  'queue_length @ 1767226800',
  'queue_length @ 1767226800 offset 1m',
  'queue_length offset 1m @ 1767226800',
  // literals and scalars
  '1',
  '1 + 2 * 3 ^ 2 % 5',
  '-2 ^ 2',
  '2 ^ 3 ^ 2',
  '0x1f',
  '1e3 / 7',
  'Inf',
  '-Inf',
  'NaN',
  '0 / 0',
  '1 / 0',
  '-1 % 3',
  '1 > bool 2',
  '"text"',
  'time()',
  'vector(3)',
  'scalar(app_limit{app="a"})',
  'scalar(app_limit)',
  // rates
  'rate(http_requests_total[5m])',
  'rate(http_requests_total[1m])',
  'rate(http_requests_total{pod="a-2"}[40m])',
  'increase(http_requests_total[10m])',
  'increase(http_requests_total{pod="b-1"}[20m])',
  'irate(http_requests_total[5m])',
  'irate(http_requests_total{pod="a-2"}[40m] offset 16m)',
  'delta(queue_length[5m])',
  'idelta(queue_length[5m])',
  'deriv(queue_length[5m])',
  'deriv(app_limit[5m])',
  'predict_linear(queue_length[10m], 600)',
  'resets(http_requests_total[1h])',
  'changes(app_limit[10m])',
  'changes(queue_length[10m])',
  'rate(http_requests_total[5m] offset 3m)',
  'rate(http_requests_total[5m] @ 1767227400)',
  'rate(http_requests_total[20s])',
  // The last sample is 1.05 spacings before the end: still close enough to reach it.
  'increase(young_total[40s] @ 1767226263.887)',
  // over time
  'avg_over_time(queue_length[3m])',
  'min_over_time(queue_length[30m])',
  'max_over_time(queue_length[30m])',
  'sum_over_time(queue_length[3m])',
  'count_over_time(queue_length[7m])',
  'last_over_time(queue_length[7m])',
  'quantile_over_time(0.9, queue_length[7m])',
  'quantile_over_time(-1, queue_length[7m])',
  'quantile_over_time(2, queue_length[7m])',
  'stddev_over_time(queue_length[3m])',
  'stdvar_over_time(queue_length[3m])',
  'present_over_time(queue_length[3m])',
  'absent_over_time(nosuch{a="b",c=~"d"}[3m])',
  'absent_over_time(queue_length[3m])',
  // aggregations
  'sum(http_requests_total)',
  'sum by (app) (http_requests_total)',
  'sum by (app, code) (rate(http_requests_total[5m]))',
  'sum without (pod) (http_requests_total)',
  'sum without (pod, code, app, job) (http_requests_total)',
  'sum by (nosuch) (http_requests_total)',
  'sum by (__name__) ({__name__=~"app_.*"})',
  'avg by (code) (http_requests_total)',
  'min by (code) (http_requests_total)',
  'max by (code) (http_requests_total)',
  'count by (app) (http_requests_total)',
  'group by (app) (http_requests_total)',
  'stddev by (app) (http_requests_total)',
  'stdvar(http_requests_total)',
  'quantile(0.75, http_requests_total)',
  'quantile by (app) (0.5, queue_length)',
  'count_values("value", app_limit)',
  'count_values by (app) ("value", app_info)',
  'topk(2, http_requests_total)',
  'topk by (app) (1, http_requests_total)',
  'bottomk(2, http_requests_total)',
  'topk(0, http_requests_total)',
  'max(queue_length) by (app) - min(queue_length) by (app)',
  // arithmetic and comparison
  'http_requests_total * 2',
  '100 - queue_length',
  'queue_length % 7',
  'queue_length ^ 2',
  '-queue_length',
  '+queue_length',
  'queue_length > 0',
  '0 < queue_length',
  'queue_length > bool 0',
  'queue_length == queue_length',
  'queue_length != bool queue_length',
  'queue_length >= 10 <= 50',
  'http_requests_total / http_requests_total',
  'http_requests_total / ignoring(code) group_left sum without (code) (http_requests_total)',
  'sum by (app) (rate(http_requests_total{code="500"}[5m])) / sum by (app) (rate(http_requests_total[5m]))',
  'sum by (app) (http_requests_total) > on(app) app_limit',
  'sum by (app) (http_requests_total) > bool on(app) app_limit',
  'queue_length * on(app) group_left(owner) app_info',
  'app_info * on(app) group_right(owner) queue_length',
  'app_limit - on(app) group_right queue_length',
  'queue_length > on(app) group_left app_limit',
  'app_limit * ignoring(owner) app_info',
  'app_limit * on(nosuch) app_info{app="a"}',
  // sets
  'http_requests_total and http_requests_total{code="500"}',
  'http_requests_total and on(app) app_limit{app="a"}',
  'http_requests_total unless http_requests_total{code="500"}',
  'http_requests_total unless on(app) app_limit{app="b"}',
  'app_limit or app_info',
  'app_limit or on(app) app_info',
  'app_limit{app="a"} or vector(0)',
  'queue_length > 30 or queue_length < -20',
  'app_info or app_limit and app_limit{app="a"} unless app_limit',
  // functions
  'absent(nosuch{app="a",pod=~"x",code="1",code="2"})',
  'absent(sum(nosuch))',
  'absent(http_requests_total)',
  'abs(queue_length)',
  'ceil(queue_length)',
  'floor(queue_length)',
  'round(queue_length)',
  'round(queue_length, 5)',
  'round(queue_length, 0.1)',
  'exp(app_limit)',
  'ln(queue_length)',
  'log2(app_limit)',
  'log10(app_limit)',
  'sqrt(queue_length)',
  'sgn(queue_length)',
  'clamp(queue_length, 0, 20)',
  'clamp(queue_length, 20, 0)',
  'clamp_min(queue_length, 10)',
  'clamp_max(queue_length, 10)',
  'sin(app_limit) + cos(app_limit) + tan(app_limit)',
  'deg(app_limit) + rad(app_limit) + pi()',
  'timestamp(queue_length)',
  'timestamp(queue_length + 0)',
  'sort(http_requests_total)',
  'sort_desc(http_requests_total)',
  'minute()',
  'hour()',
  'day_of_week()',
  'day_of_month()',
  'day_of_year()',
  'days_in_month()',
  'month()',
  'year()',
  'day_of_week(vector(1767225600 + 86400 * 40))',
  'days_in_month(vector(1709164800))',
  'label_replace(queue_length, "short", "$1-x", "pod", "(.*)-.*")',
  'label_replace(queue_length, "short", "${1}", "pod", "a")',
  'label_replace(queue_length, "pod", "", "pod", "a-1")',
  'label_replace(queue_length, "named", "$letter", "pod", "(?P<letter>[a-z]).*")',
  'label_join(queue_length, "both", "/", "app", "pod")',
  'label_join(queue_length, "both", "/", "app", "nosuch", "pod")',
  // histograms
  'histogram_quantile(0.5, request_seconds_bucket)',
  'histogram_quantile(0.95, sum by (le) (rate(request_seconds_bucket[5m])))',
  'histogram_quantile(0.99, sum by (app, le) (rate(request_seconds_bucket[5m])))',
  'histogram_quantile(1, sum by (app, le) (rate(request_seconds_bucket[5m])))',
  'histogram_quantile(0, sum by (app, le) (rate(request_seconds_bucket[5m])))',
  'histogram_quantile(-1, request_seconds_bucket)',
  'histogram_quantile(2, request_seconds_bucket)',
  'histogram_quantile(0.9, request_seconds_bucket{le!="+Inf"})',
  'histogram_quantile(0.9, rate(request_seconds_bucket[5m]) * 0)',
  'sum by (app) (rate(request_seconds_bucket{le="0.1"}[5m])) / sum by (app) (rate(request_seconds_bucket{le="+Inf"}[5m]))',
  // subqueries
  'max_over_time(rate(http_requests_total[1m])[5m:30s])',
  'avg_over_time(sum by (app) (rate(http_requests_total[1m]))[10m:47s])',
  'min_over_time(queue_length[5m:13s] offset 2m)',
  'sum_over_time(vector(1)[10m:1m])',
  'count_over_time(queue_length[10m:1m] @ 1767227403.5)',
  'rate(http_requests_total[5m:15s])',
  'max_over_time(avg_over_time(queue_length[1m])[10m:1m])',
  'quantile_over_time(0.5, (queue_length > 0)[20m:1m])',
  'deriv(sum(http_requests_total)[10m:1m])',
  // precedence
  '-queue_length ^ 2',
  '1 + queue_length offset 5m',
  'queue_length * 2 + 1 > 50 and on(app) app_limit > 4',
  'queue_length - queue_length offset 1m',
  // texts
  'http_requests_total{code=`200`}',
  "http_requests_total{code='200',}",
  'sum(http_requests_total) # a comment',
];

/** Expressions that both refuse. */
export const WRONG: readonly string[] = [
  '',
  'sum(',
  'rate(http_requests_total)',
  'http_requests_total[5m]+1',
  'nosuchfunction(http_requests_total)',
  'http_requests_total{code="200"',
  '{}',
  '{app=""}',
  'http_requests_total{code=~"("}',
  'sum(http_requests_total) offset 5m',
  '1 > 2',
  '1 and 2',
  'http_requests_total > bool',
  'http_requests_total + bool 1',
  'topk(http_requests_total)',
  'rate(http_requests_total[5m], 2)',
  'rate(http_requests_total[0s])',
  'http_requests_total[5m] offset',
  '"a" + "b"',
  'a and on(x) group_left b',
  'a * on(x) group_left(x) b',
  'abs()',
  'foo bar',
  'http_requests_total * on(app) http_requests_total',
  'queue_length * on(app) app_info',
  'sum(queue_length * on(app) app_info)',
  'label_replace(queue_length, "pod", "x", "pod", ".*")',
  'label_replace(queue_length, "a-b", "x", "pod", ".*")',
  'sum(http_requests_total[5m])',
  'count_values("a-b", app_limit)',
  'a{__name__="b"}',
];
