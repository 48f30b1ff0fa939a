import { LabelSet } from '../promql/series/labels.ts';
import { prometheusError, prometheusRoutes } from '../sandbox/monitor/http/prometheus.ts';
import { serve } from '../sandbox/monitor/http/server.ts';
import { Storage } from '../sandbox/monitor/tsdb/storage.ts';
import { benchSeries, END, times } from './promql-data.ts';

/** The sandbox's Prometheus with the data of the benchmark: a process of its own, which tells its parent where it is. */
export async function servePromql(): Promise<void> {
  const storage = new Storage();
  for (const { labels, values } of benchSeries()) {
    const series = storage.series(LabelSet.from(labels))!;
    for (const [index, value] of values.entries()) series.append(times[index]!, value);
  }
  const clock = { now: () => END, setTimeout: () => () => {}, setInterval: () => () => {} };
  const parts = { storage, clock, limits: {}, groups: [], targets: () => [], alertmanagerUrl: () => '' };
  const { url } = await serve(
    prometheusRoutes({ ...parts, scrapeIntervalMs: 5000, startedAt: END }),
    prometheusError,
  );
  process.send?.(url);
}
