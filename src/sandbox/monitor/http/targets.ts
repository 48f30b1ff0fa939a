import { formatDuration } from '../../../promql/duration.ts';
import type { MetricMetadata } from '../scrape/exposition.ts';
import type { ScrapeStatus } from '../scrape/scraper.ts';

/** `data` of /api/v1/targets with its filter `state`. */
export function formatTargets(
  targets: readonly ScrapeStatus[],
  intervalMs: number,
  params: URLSearchParams,
): unknown {
  const state = params.get('state') ?? 'any';
  const active = targets.map((status) => {
    const { target } = status;
    const url = `${target.scheme}://${target.host}:${target.port}${target.path}`;
    return {
      discoveredLabels: target.discovered,
      labels: target.labels,
      scrapePool: 'kubernetes-pods',
      scrapeUrl: url,
      globalUrl: url,
      lastError: status.lastError,
      lastScrape:
        status.lastScrape === 0 ? '0001-01-01T00:00:00Z' : new Date(status.lastScrape).toISOString(),
      lastScrapeDuration: status.durationSeconds,
      health: status.health,
      scrapeInterval: formatDuration(intervalMs),
      scrapeTimeout: formatDuration(intervalMs),
    };
  });
  return {
    ...(state !== 'dropped' && { activeTargets: active }),
    ...(state !== 'active' && { droppedTargets: [] }),
    ...(state === 'any' && { droppedTargetCounts: {} }),
  };
}

/** `data` of /api/v1/metadata with its filters metric and limit. */
export function formatMetadata(
  targets: readonly ScrapeStatus[],
  params: URLSearchParams,
): Record<string, MetricMetadata[]> {
  const wanted = params.get('metric');
  const limit = Number(params.get('limit') ?? 0) || Infinity;
  const result = new Map<string, Map<string, MetricMetadata>>();
  for (const { metadata } of targets) {
    for (const [name, one] of metadata) {
      if (wanted !== null && wanted !== name) continue;
      const known = result.get(name) ?? new Map<string, MetricMetadata>();
      if (!result.has(name) && result.size >= limit) continue;
      known.set(JSON.stringify(one), one);
      result.set(name, known);
    }
  }
  return Object.fromEntries([...result].map(([name, variants]) => [name, [...variants.values()]]));
}
