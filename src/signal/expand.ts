import { parseDuration } from '../duration.ts';
import type { Panel } from './dashboard.ts';
import { interpolate } from './interpolate.ts';
import type { Variables } from './variables.ts';

/** Unix seconds. */
export interface TimeRange {
  start: number;
  end: number;
}

export interface ExpandedTarget {
  refId: string;
  /** PromQL that can be sent. */
  expr: string;
  legend: string;
  instant: boolean;
  /** Variables that nothing is known of: then `expr` cannot be sent. */
  unresolved: string[];
}

/** Grafana's default for the scrape interval of a Prometheus data source, seconds. */
const defaultScrapeSeconds = 15;

/**
 * The queries of a panel with variables, `$__interval`, `$__rate_interval` and the like filled in. `step` in seconds;
 * use the same for every window that is compared. Hidden targets are left out.
 */
export function expandPanel(
  panel: Panel,
  variables: Variables,
  range: TimeRange,
  step: number,
  options: { scrapeSeconds?: number } = {},
): ExpandedTarget[] {
  return panel.targets
    .filter(({ hide }) => !hide)
    .map(({ refId, expr, legend, instant, interval }) => {
      const minStep = parseDuration(interval.replace(/^>/, ''));
      const scrape =
        minStep !== undefined && minStep > 0
          ? minStep / 1000
          : (options.scrapeSeconds ?? defaultScrapeSeconds);
      const { text, unresolved } = interpolate(
        expr,
        variables.values,
        builtIns(range, step, scrape, minStep),
      );
      return { refId, expr: text, legend: interpolate(legend, variables.values).text, instant, unresolved };
    });
}

/** The name of a series: the legend's `{{label}}` filled, else its labels as PromQL writes them. */
export function legendOf(legend: string, labels: Record<string, string>): string {
  if (legend !== '' && legend !== '__auto') {
    return legend.replace(/\{\{\s*([\w.]+)\s*\}\}/g, (_, label: string) => labels[label] ?? '');
  }
  const { __name__: name = '', ...rest } = labels;
  const pairs = Object.entries(rest).map(([label, value]) => `${label}="${value}"`);
  return pairs.length > 0 ? `${name}{${pairs.join(', ')}}` : name;
}

function builtIns(
  range: TimeRange,
  step: number,
  scrape: number,
  minStep: number | undefined,
): Record<string, string> {
  const interval = Math.max(step, (minStep ?? 0) / 1000);
  const rateInterval = Math.max(interval + scrape, 4 * scrape);
  const length = Math.max(0, range.end - range.start);
  return {
    __interval: seconds(interval),
    __interval_ms: String(Math.round(interval * 1000)),
    __rate_interval: seconds(rateInterval),
    __rate_interval_ms: String(Math.round(rateInterval * 1000)),
    __range: seconds(length),
    __range_s: String(Math.round(length)),
    __range_ms: String(Math.round(length * 1000)),
    __from: String(Math.round(range.start * 1000)),
    __to: String(Math.round(range.end * 1000)),
  };
}

/** PromQL's duration: whole seconds, or milliseconds where they are not. */
function seconds(value: number): string {
  return Number.isInteger(value) ? `${value}s` : `${Math.round(value * 1000)}ms`;
}
