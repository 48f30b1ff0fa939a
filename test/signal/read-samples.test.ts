import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LabelSet } from '../../src/promql/series/labels.ts';
import type { FixedSeries } from '../../src/promql/series/source.ts';
import { prometheusError, prometheusRoutes } from '../../src/sandbox/monitor/http/prometheus.ts';
import { serve } from '../../src/sandbox/monitor/http/server.ts';
import { SeriesWriter } from '../../src/sandbox/monitor/scrape/write.ts';
import { Storage } from '../../src/sandbox/monitor/tsdb/storage.ts';
import { connectPrometheus } from '../../src/signal/prometheus.ts';
import { readSamples } from '../../src/signal/raw/read-samples.ts';
import type { RawRecording } from '../../src/signal/raw/recording.ts';
import type { Rules } from '../../src/signal/series.ts';

const start = 1_767_225_600;
const end = start + 100;

/** A target's scrapes each second, half a second and some ms after the full one. */
const at = (second: number) => (start + second) * 1000 + 500 + (second % 3);

let recording: RawRecording;
let requests = 0;
let close: () => Promise<void>;

beforeAll(async () => {
  const storage = new Storage();
  const target = (instance: string, namespace: string, job = 'shop') => {
    const writer = new SeriesWriter(storage);
    const labels = LabelSet.from({ instance, namespace, job });
    return (second: number, values: Record<string, number>) =>
      writer.write(
        Object.entries(values).map(([name, value]) => ({ labels: labels.with({ __name__: name }), value })),
        at(second),
      );
  };
  const steady = target('a:1', 'shop');
  const gone = target('b:1', 'shop');
  const late = target('d:1', 'shop');
  const node = target('n:1', '', 'node');
  const stranger = target('s:1', 'other');
  for (let second = 0; second < 100; second++) {
    // One of its metrics is not there from 40 to 60; a scrape at 80 was left out.
    const values = { requests_total: second * 3, ...((second < 40 || second > 60) && { queue: second % 7 }) };
    if (second !== 80) steady(second, { ...values, up: 1 });
    if (second < 50) gone(second, { requests_total: second });
    if (second === 50) gone(second, {});
    if (second > 70) late(second, { requests_total: 1, summed: 0.1 * second });
    node(second, { node_load1: 0.5, node_other: 1 });
    stranger(second, { stranger_total: second });
  }
  const clock = { now: () => end * 1000, setTimeout: () => () => {}, setInterval: () => () => {} };
  const routes = prometheusRoutes({
    ...{ storage, clock, limits: {}, groups: [], targets: () => [], alertmanagerUrl: () => '' },
    ...{ scrapeIntervalMs: 1000, startedAt: 0 },
  });
  const server = await serve(
    routes.map((route) => ({
      ...route,
      handle(request) {
        requests++;
        return route.handle(request);
      },
    })),
    prometheusError,
  );
  close = () => server.close();
  const rules = {
    alerting: [{ query: 'node_load1{job="node"} > 1 and on () requests_total offset 5m > 0' }],
    recording: [],
  } as unknown as Rules;
  recording = await readSamples(connectPrometheus({ url: server.url }), {
    ...{ rules, namespaces: ['shop', 'batch'], range: { start, end, step: 1 } },
  });
});
afterAll(() => close());

const found = (name: string, instance: string): FixedSeries | undefined =>
  recording.series.find(
    ({ labels }) => labels.get('__name__') === name && labels.get('instance') === instance,
  );

const marks = ({ times, stale }: FixedSeries) => [...times].filter((_, index) => stale?.[index] === 1);

describe('the samples that a Prometheus is asked for at the end of a game', () => {
  it('are those of the stack, and of what rules read elsewhere', () => {
    const names = recording.series.map(({ labels }) => `${labels.get('__name__')} ${labels.get('instance')}`);
    expect(names.sort()).toEqual([
      ...['node_load1 n:1', 'queue a:1', 'requests_total a:1', 'requests_total b:1', 'requests_total d:1'],
      ...['summed d:1', 'up a:1'],
    ]);
    expect(recording.asked).toEqual(['node_load1{job="node"}', 'requests_total']);
    expect(recording.skipped).toEqual([]);
  });

  it('have the times and values at which they were stored', () => {
    const seconds = Array.from({ length: 100 }, (_, second) => second).filter((second) => second !== 80);
    expect([...found('requests_total', 'a:1')!.times]).toEqual(seconds.map(at));
    expect([...found('requests_total', 'a:1')!.values]).toEqual(seconds.map((second) => second * 3));
  });

  it('end where Prometheus marked the end, and not where a scrape was left out', () => {
    expect(marks(found('queue', 'a:1')!)).toEqual([at(40)]);
    expect(marks(found('up', 'a:1')!)).toEqual([]);
    // Its target is gone: nobody tells when exactly.
    const [mark] = marks(found('requests_total', 'b:1')!);
    expect(Math.abs(mark! - at(50))).toBeLessThan(10);
    expect(marks(found('requests_total', 'd:1')!)).toEqual([]);
  });

  it('take few requests', () => {
    expect(requests).toBeLessThan(15);
  });
});
