import { selectorsOf } from '../selectors.ts';
import type { Prometheus } from '../series.ts';

/** How often the targets of a Prometheus are scraped: what a rate's window has to be longer than. */
export interface ScrapeIntervals {
  /** Of the metrics that queries select: the longest, seconds; undefined where nobody knows. */
  of(query: string): number | undefined;
}

const unknown: ScrapeIntervals = { of: () => undefined };

/**
 * Reads the intervals from the targets. Where they differ, Prometheus is asked which jobs the metrics of `queries` come
 * from. Whatever is not answered is unknown: nothing fails. `queries` that do not parse are unknown as well.
 */
export async function readScrapeIntervals(
  prometheus: Prometheus,
  queries: readonly string[],
  signal?: AbortSignal,
): Promise<ScrapeIntervals> {
  const byJob = await ask(async () => await prometheus.scrapeIntervals(signal), signal);
  if (!byJob || byJob.size === 0) return unknown;
  const seconds = new Set(byJob.values());
  const [only] = seconds;
  if (seconds.size === 1) return { of: () => only };
  const names = [...new Set(queries.flatMap(metricsOf))];
  const jobs = names.length === 0 ? [] : ((await ask(() => jobsOf(names, prometheus, signal), signal)) ?? []);
  const longest = new Map<string, number>();
  for (const { __name__: name = '', job = '' } of jobs)
    longest.set(name, Math.max(longest.get(name) ?? 0, byJob.get(job) ?? 0));
  return {
    of: (query) => {
      const found = metricsOf(query).map((name) => longest.get(name) ?? 0);
      return Math.max(0, ...found) || undefined;
    },
  };
}

/** Metric names in one request. */
const namesAtOnce = 200;

async function jobsOf(
  names: readonly string[],
  prometheus: Prometheus,
  signal: AbortSignal | undefined,
): Promise<Record<string, string>[]> {
  const found: Record<string, string>[] = [];
  for (let at = 0; at < names.length; at += namesAtOnce) {
    const some = names.slice(at, at + namesAtOnce).join('|');
    const samples = await prometheus.query(`group by (__name__, job) ({__name__=~"${some}"})`, { signal });
    found.push(...samples.map(({ labels }) => labels));
  }
  return found;
}

async function ask<T>(question: () => Promise<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
  try {
    return await question();
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}

function metricsOf(query: string): string[] {
  return selectorsOf(query).flatMap((selector) => {
    return /^[a-zA-Z_:][\w:]*/.exec(selector)?.[0] ?? /__name__="([\w:]+)"/.exec(selector)?.[1] ?? [];
  });
}
