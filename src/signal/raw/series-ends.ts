import { atOnce } from '../../at-once.ts';
import { describeError } from '../../errors.ts';
import { LabelSet } from '../../promql/series/labels.ts';
import { type FixedSeries, firstAfter } from '../../promql/series/source.ts';
import type { Prometheus } from '../series.ts';
import { axesOf, targetOf } from './axes.ts';
import type { RawRecording } from './recording.ts';
import { sampleBudget } from './sample-queries.ts';

/** So many usual distances between two samples are a gap. */
const gapDistances = 1.5;

/** A series was not there when others of its target were, or its target was not scraped again. */
interface Gap {
  series: FixedSeries;
  /** Of the last sample before it. */
  index: number;
  /** When Prometheus would have marked the end, ms: the time of the next scrape. */
  at: number;
  /** When to look whether it did: before the series comes again. */
  look: number;
}

/**
 * Prometheus marks the end of a series, and queries stop seeing it at once; but it does not hand out the marks. A gap may
 * also be a scrape that was left out, which nobody sees: so the instant behind each gap is asked for. `unseen`: gaps that
 * could not be looked at, and count as ends.
 */
export async function withEnds(
  prometheus: Prometheus,
  all: readonly FixedSeries[],
  { end }: { end: number },
): Promise<{ series: FixedSeries[]; unseen: RawRecording['skipped'] }> {
  const looks = new Map<string, Gap[]>();
  for (const gap of gapsOf(all, end * 1000)) {
    const key = `${targetOf(gap.series.labels)} ${gap.look}`;
    looks.set(key, [...(looks.get(key) ?? []), gap]);
  }
  const unseen = new Map<string, number>();
  const ended = new Map<FixedSeries, Gap[]>();
  await atOnce(
    [...looks.values()],
    async (gaps, index) => {
      const seen =
        index < sampleBudget.ends
          ? await stillSeen(prometheus, gaps)
          : `over the budget of ${sampleBudget.ends} looks`;
      if (typeof seen === 'string') unseen.set(seen, (unseen.get(seen) ?? 0) + gaps.length);
      for (const gap of gaps) {
        if (typeof seen !== 'string' && seen.has(gap.series.labels.key)) continue;
        ended.set(gap.series, [...(ended.get(gap.series) ?? []), gap]);
      }
    },
    sampleBudget.atOnce,
  );
  return {
    series: all.map((one) => marked(one, ended.get(one) ?? [])),
    unseen: [...unseen].map(([why, gaps]) => ({ what: `a look at ${gaps} ends of series`, why })),
  };
}

function gapsOf(all: readonly FixedSeries[], end: number): Gap[] {
  const { axes, of } = axesOf(all);
  const distances = axes.map(usualDistance);
  return all.flatMap((series, index) => {
    const axis = axes[of[index]!]!;
    const own = usualDistance(series.times);
    const distance = Number.isFinite(own) ? own : distances[of[index]!]!;
    return [...series.times].flatMap((time, at): Gap[] => {
      const next = Math.min(series.times[at + 1] ?? Infinity, end);
      if (next - time <= gapDistances * distance) return [];
      // Others of its target tell when it was scraped next; rules of several groups are evaluated ms apart.
      const scraped = axis[firstAfter(axis, 0, axis.length, time + distance / 2)] ?? Infinity;
      if (scraped < next) return [{ series, index: at, at: scraped, look: scraped }];
      // Of a target that is gone the end is marked about when it would have been scraped.
      const look = Math.round(Math.min(time + 1.5 * distance, next - 1));
      return [{ series, index: at, at: Math.round(time + distance), look }];
    });
  });
}

/** The median of the distances of times, ms; infinite for a single one, of which nothing is known. */
function usualDistance(times: Float64Array): number {
  const distances = times
    .subarray(1)
    .map((time, at) => time - times[at]!)
    .sort();
  return distances[distances.length >> 1] ?? Infinity;
}

/** The labels' keys of the series that a query still sees. */
async function stillSeen(prometheus: Prometheus, gaps: readonly Gap[]): Promise<Set<string> | string> {
  const { series, look } = gaps[0]!;
  const names = [...new Set(gaps.map((gap) => gap.series.labels.get('__name__')))].sort().join('|');
  const same = ['job', 'instance'].map((name) => `${name}=${JSON.stringify(series.labels.get(name))}`);
  const query = `{__name__=~${JSON.stringify(names)},${same.join(',')}}`;
  try {
    const samples = await prometheus.query(query, { at: look / 1000 });
    return new Set(samples.map(({ labels }) => LabelSet.from(labels).key));
  } catch (error) {
    return describeError(error).replaceAll(prometheus.url, 'Prometheus').replace(/\.+$/, '');
  }
}

function marked(series: FixedSeries, gaps: readonly Gap[]): FixedSeries {
  if (gaps.length === 0) return series;
  const ends = new Map(gaps.map(({ index, at }) => [index, at]));
  const times: number[] = [];
  const values: number[] = [];
  const stale: number[] = [];
  for (const [index, time] of series.times.entries()) {
    times.push(time);
    values.push(series.values[index]!);
    stale.push(0);
    const end = ends.get(index);
    if (end === undefined) continue;
    times.push(end);
    values.push(Number.NaN);
    stale.push(1);
  }
  const { labels } = series;
  return {
    labels,
    times: Float64Array.from(times),
    values: Float64Array.from(values),
    stale: Uint8Array.from(stale),
  };
}
