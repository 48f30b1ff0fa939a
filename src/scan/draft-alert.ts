import { stringify } from 'yaml';
import type { AlertRule, Prometheus } from '../signal/series.ts';
import type { Draft } from './drafts.ts';
import type { ScannedService } from './services.ts';

/** A first alerting rule for a service that none covers, and the value that it was measured by. */
export interface DraftedAlert {
  rule: AlertRule;
  /** A Prometheus rule file with it. */
  draft: Draft;
  /** What was measured now, and the threshold that was made of it. */
  because: string;
}

/** What a load on a service moves, the likeliest first; `pods` selects its series. */
const measures: readonly {
  metric: RegExp;
  suffix: string;
  unit: string;
  summary: string;
  query(metric: string, pods: string): string;
}[] = [
  {
    metric: /(duration|latenc|request|response|handl)\w*_seconds_bucket$/i,
    suffix: 'Slow',
    unit: 's',
    summary: 'answers slowly',
    query: (metric, pods) => `histogram_quantile(0.95, sum by (le) (rate(${metric}${pods}[5m])))`,
  },
  ...[/^container_cpu_usage_seconds_total$/, /^process_cpu_seconds_total$/].map((metric) => ({
    metric,
    suffix: 'Busy',
    unit: ' cores',
    summary: 'needs more CPU than usual',
    query: (name: string, pods: string) => `sum(rate(${name}${pods}[5m]))`,
  })),
];

/** How far above what it is now counts as ill: a beginning, to be changed by those who know the service. */
const factor = 2;

/**
 * Drafts an alert on the first of latency and CPU that the service's pods have series of.
 * @returns undefined where they have none, or no value now
 */
export async function draftAlert(
  { namespace, name, pods }: ScannedService,
  playbook: string,
  prometheus: Pick<Prometheus, 'labelValues' | 'query'>,
  signal?: AbortSignal,
): Promise<DraftedAlert | undefined> {
  // Pods get other names with each rollout: what is before the parts that a controller adds stays.
  const stems = [...new Set(pods.map((pod) => pod.name.replace(/(-[a-z0-9]{5,10})?-[a-z0-9]{1,5}$/, '')))];
  const selector = `{namespace="${namespace}",pod=~"(${stems.join('|')})-.*"}`;
  const metrics = await prometheus.labelValues('__name__', [selector], signal);
  for (const measure of measures) {
    const metric = metrics.find((one) => measure.metric.test(one));
    if (metric === undefined) continue;
    const query = measure.query(metric, selector);
    const value = (await prometheus.query(query, { signal }))[0]?.value;
    if (value === undefined || !Number.isFinite(value) || value <= 0) continue;
    const threshold = Number((value * factor).toPrecision(2));
    const rule: AlertRule = {
      ...{ name: `${pascal(name)}${measure.suffix}`, group: name, file: '', health: 'unknown' },
      ...{ query: `${query} > ${threshold}`, for: 60, keepFiringFor: 0, interval: 60 },
      labels: { severity: 'warning', owner: name },
      annotations: { summary: `${name} ${measure.summary}`, runbook_url: playbook },
    };
    const because = `measured ${Number(value.toPrecision(2))}${measure.unit}, alerts above ${threshold}${measure.unit}`;
    return { rule, because, draft: { file: `rules/${name}.yaml`, text: ruleFile(rule) } };
  }
  return undefined;
}

function ruleFile({ name, group, query, labels, annotations }: AlertRule): string {
  const rule = { alert: name, expr: query, for: '1m', labels, annotations };
  return stringify({ groups: [{ name: group, rules: [rule] }] }, { lineWidth: 0 });
}

function pascal(name: string): string {
  return name
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('');
}
