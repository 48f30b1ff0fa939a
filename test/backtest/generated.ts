import { LabelSet } from '../../src/promql/series/labels.ts';
import type { FixedSeries } from '../../src/promql/series/source.ts';

/** Minutes of the series. */
export const minutes = 60;

/** Mulberry32: numbers from 0 to 1 that are the same for the same seed. */
export function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A value each minute, as promtool writes them: `_` is no sample, `stale` an end. */
export interface PromtoolSeries {
  labels: Record<string, string>;
  values: (number | '_' | 'stale')[];
}

/** Prometheus 3 extrapolates counters that begin near zero otherwise than Prometheus 2 does: none begins there. */
const base = 1000;

/** Counters with resets and gauges of a few pods that come and go. */
export function someSeries(random: () => number): PromtoolSeries[] {
  const pick = (most: number) => Math.floor(random() * most);
  const apps = ['shop', 'edge'];
  return apps.flatMap((app) =>
    Array.from({ length: 1 + pick(3) }, (_, index) => ({ app, pod: `${app}-${index}` })).flatMap((labels) =>
      ['requests_total', 'errors_total', 'load'].map((name) => {
        const from = random() < 0.3 ? pick(30) : 0;
        const until = random() < 0.3 ? 30 + pick(30) : minutes;
        let value = base + pick(10);
        let pace = pick(5);
        return {
          labels: { __name__: name, ...labels },
          values: Array.from({ length: minutes }, (__, minute): number | '_' | 'stale' => {
            if (random() < 0.1) pace = pick(20);
            // At the end of the look-back the two versions differ by one sample, too: no series ends without a mark.
            if (minute === until) return 'stale';
            if (minute < from || minute > until || random() < 0.03) return '_';
            if (name !== 'load') value = random() < 0.02 ? base : value + pace;
            else if (pick(3) === 0) value = pick(20);
            return value;
          }),
        };
      }),
    ),
  );
}

/** Prometheus 2 counts the sample at the start of a range, Prometheus 3 does not: none is there. */
const ranges = ['2m30s', '5m30s', '10m30s'];

/** A rule file with groups that read each other: recording rules before and behind those that read them. */
export function someRules(random: () => number): string {
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)]!;
  const vector = (): string => {
    const metric = pick(['requests_total', 'errors_total']);
    const selector = pick([metric, `${metric}{app="shop"}`, `${metric}{pod=~".*-[01]"}`]);
    return pick([
      `sum by (app) (rate(${selector}[${pick(ranges)}]))`,
      `rate(${selector}[${pick(ranges)}]) * 60`,
      `increase(${selector}[${pick(ranges)}])`,
      pick(['load', 'load{app="edge"}']),
      `avg_over_time(load[${pick(ranges)}])`,
      `max by (app) (load)`,
      `sum by (app) (rate(errors_total[5m30s])) / sum by (app) (rate(requests_total[5m30s]))`,
      `max_over_time(sum by (app) (load)[9m30s:1m])`,
      `load - load offset 5m`,
      ...['job:a', 'job:b', 'job:c', 'avg_over_time(job:a[5m30s])', 'max_over_time(job:b[2m30s])'],
    ]);
  };
  const condition = () =>
    pick([
      () => `${vector()} > ${pick([0, 0.13, 0.57, 1.07, 3.01, 8.03])}`,
      () => `${vector()} < ${pick([0.13, 1.07, 5.03, 10.01])}`,
      () => `absent(${pick(['load{pod="shop-0"}', 'requests_total{app="none"}', 'job:c'])})`,
      () => `${vector()} > 1 unless load > 10`,
      () => `count by (app) (load > 5) >= 2`,
      () =>
        `count(ALERTS{alertname="${pick(['Alert1', 'Alert2'])}",alertstate="${pick(['firing', 'pending'])}"}) > 0`,
    ])();
  const alert = (number: number) => [
    `  - alert: Alert${number}`,
    `    expr: ${condition()}`,
    `    for: ${pick(['0s', '1m', '2m', '5m'])}`,
    ...(random() < 0.3 ? [`    keep_firing_for: ${pick(['2m', '4m'])}`] : []),
    `    labels: { severity: ${pick(['page', 'ticket'])}${random() < 0.2 ? ", size: '{{ if gt $value 5.03 }}big{{ else }}small{{ end }}'" : ''} }`,
  ];
  const record = (name: string) => [`  - record: ${name}`, `    expr: ${vector()}`];
  const rules = [...[1, 2, 3, 4].map(alert), ...['job:a', 'job:b', 'job:c'].map(record), ...[5, 6].map(alert)]
    .map((lines) => ({ lines, at: random() }))
    .sort((a, b) => a.at - b.at);
  const groups = [rules.slice(0, 4), rules.slice(4)];
  return [
    'groups:',
    ...groups.flatMap((some, index) => [
      `- name: group${index}`,
      '  interval: 1m',
      '  rules:',
      ...some.flatMap(({ lines }) => lines),
    ]),
    '',
  ].join('\n');
}

/** From minute 0 on, in ms since epoch. */
export function fixedSeries({ labels, values }: PromtoolSeries): FixedSeries {
  const there = values.flatMap((value, minute) => (value === '_' ? [] : [{ value, time: minute * 60_000 }]));
  return {
    labels: LabelSet.from(labels),
    times: Float64Array.from(there, ({ time }) => time),
    values: Float64Array.from(there, ({ value }) => (value === 'stale' ? Number.NaN : (value as number))),
    stale: Uint8Array.from(there, ({ value }) => (value === 'stale' ? 1 : 0)),
  };
}
