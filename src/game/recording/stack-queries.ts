import { describeError } from '../../errors.ts';
import { readScrapeIntervals } from '../../signal/dashboard/scrapes.ts';
import type { Range, RecordedSeries } from '../../signal/recorded-series.ts';
import type { Play } from '../play.ts';
import type { Wanted } from './wanted.ts';

/** Window of a rate in scrapes, and at least in steps: as Grafana's $__rate_interval. */
const rateScrapes = 4;

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
  const { prometheus } = monitoring;
  const selector = `namespace=~"${namespaces.join('|')}"`;
  try {
    const names = await prometheus.labelValues('__name__', [`{${selector}}`]);
    const metrics = names.filter((name) => !name.endsWith('_bucket') && !name.startsWith('ALERTS')).sort();
    const scrapes = await readScrapeIntervals(prometheus, metrics.filter(isCounter));
    return metrics.map((name) => {
      const series = `{__name__="${name}",${selector}}`;
      if (!isCounter(name)) return { kind: 'stack', name, query: series };
      const scrape = scrapes.of(name);
      const window = Math.ceil(rateScrapes * Math.max(range.step, scrape ?? 0));
      const query = `rate(${series}[${window}s])`;
      return { kind: 'stack', name, query, ...(scrape !== undefined && { scrape }) };
    });
  } catch (error) {
    const why = describeError(error).replaceAll(prometheus.url, 'Prometheus').replace(/\.+$/, '');
    skipped.push({ what: 'metrics of the stack', why });
    return [];
  }
}

/** By Prometheus' naming practices. */
function isCounter(name: string): boolean {
  return /_(total|count|sum)$/.test(name);
}
