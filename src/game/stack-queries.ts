import { describeError } from '../errors.ts';
import type { RecordedSeries } from '../signal/recorded-series.ts';
import type { Play } from './play.ts';
import type { Range, Wanted } from './record-series.ts';

/** Window of a rate in steps: four scrapes, as Grafana's $__rate_interval. */
const rateSteps = 4;

/**
 * One query for each metric of the stack's namespaces: where blind spots are looked for. Counters as rates; histogram
 * buckets are left out, their sum and count tell whether they moved.
 */
export async function stackQueries(
  play: Play,
  range: Range,
  skipped: RecordedSeries['skipped'],
): Promise<Wanted[]> {
  const { namespaces, monitoring } = play.setup;
  const selector = `namespace=~"${namespaces.join('|')}"`;
  try {
    const names = await monitoring.prometheus.labelValues('__name__', [`{${selector}}`]);
    const metrics = names.filter((name) => !name.endsWith('_bucket') && !name.startsWith('ALERTS')).sort();
    return metrics.map((name) => {
      const series = `{__name__="${name}",${selector}}`;
      const query = isCounter(name) ? `rate(${series}[${Math.max(1, range.step * rateSteps)}s])` : series;
      return { kind: 'stack', name, query };
    });
  } catch (error) {
    skipped.push({ what: 'metrics of the stack', why: describeError(error) });
    return [];
  }
}

/** By Prometheus' naming practices. */
function isCounter(name: string): boolean {
  return /_(total|count|sum)$/.test(name);
}
