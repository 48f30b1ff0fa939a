import { readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Series } from './series.ts';

/**
 * Series kept in a game's folder (`series/*.json.gz`) so that the game can be graded and drawn without its
 * Prometheus. Times are unix seconds.
 */
export interface RecordedSeries {
  version: 1;
  start: number;
  end: number;
  /** The same for every query. */
  step: number;
  queries: RecordedQuery[];
  /** What was not asked, or not kept, and why: it must be said where it is missed. */
  skipped: { what: string; why: string }[];
}

export interface RecordedQuery {
  /**
   * alerts: all of ALERTS. alert-rule, recording-rule: the rule's expression. alert-value: the left side of an alerting
   * rule's comparison. panel: one target of a panel. signal: a live signal. stack: a metric of the stack's namespaces
   * (counters as their rate).
   */
  kind: 'alerts' | 'alert-rule' | 'alert-value' | 'recording-rule' | 'panel' | 'signal' | 'stack';
  /** The rule's name, the signal's id, the metric's name, or `dashboard uid/panel title/refId`. */
  name: string;
  query: string;
  panel?: { dashboard: string; title: string; id: number; refId: string; legend: string };
  series: Series[];
  /** Prometheus refused the query, or a variable of the panel is unknown. */
  error?: string;
}

/** JSON has no NaN and no infinity: they are kept as Prometheus writes them. */
export function packSeries(recorded: RecordedSeries): Uint8Array {
  const text = JSON.stringify(recorded, (_, value: unknown) => {
    if (typeof value !== 'number' || Number.isFinite(value)) return value;
    return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  });
  // Level and time are fixed, so that the same series are the same bytes.
  return gzipSync(text, { level: 9 });
}

/** @throws if the file is missing or damaged */
export function readSeries(file: string): RecordedSeries {
  const recorded = JSON.parse(gunzipSync(readFileSync(file)).toString()) as RecordedSeries;
  for (const { series } of recorded.queries) {
    for (const { points } of series) {
      for (const point of points) point[1] = unpacked(point[1]);
    }
  }
  return recorded;
}

function unpacked(value: number | string): number {
  if (typeof value === 'number') return value;
  return value === '+Inf'
    ? Number.POSITIVE_INFINITY
    : value === '-Inf'
      ? Number.NEGATIVE_INFINITY
      : Number.NaN;
}
