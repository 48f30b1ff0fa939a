import { readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Panel } from './dashboard/panels.ts';
import type { Series } from './series.ts';

/** The time that is recorded: unix seconds. */
export interface Range {
  start: number;
  end: number;
  /** Between two points of a series, the same for every query. */
  step: number;
}

/**
 * Series kept in a game's folder (`series/*.json.gz`) so that the game can be graded and drawn without its
 * Prometheus. Times are unix seconds.
 */
export interface RecordedSeries extends Range {
  version: 2;
  queries: RecordedQuery[];
  /** The panels of each dashboard, by its uid, as they were asked: repeated, with variables filled into titles. */
  boards?: Record<string, Panel[]>;
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
  panel?: {
    dashboard: string;
    title: string;
    id: number;
    /** Of a panel that is repeated: which of its copies, from 1. */
    copy?: number;
    refId: string;
    legend: string;
  };
  series: Series[];
  outcome: RecordingOutcome;
  /** Of a counter of the stack: seconds between two scrapes, where Prometheus told. */
  scrape?: number;
  /** Why it was not recorded, without a full stop. */
  why?: string;
}

/**
 * What became of a query. Only `recorded` and `refused` say something of the team's monitoring: after the other three
 * nobody knows what the series did.
 *
 * - recorded: Prometheus answered, perhaps with no series.
 * - refused: Prometheus understood the request and refuses the query: it does not parse, it fails for anybody.
 * - no answer: it was asked again once, and timed out or was cut off on the way.
 * - not asked: it is over the budget, a variable of it has no value, or Grafana computes it.
 * - other source: it is a query of another data source than this Prometheus.
 */
export type RecordingOutcome = 'recorded' | 'refused' | 'no answer' | 'not asked' | 'other source';

/** What a recording of version 1 said: an error, whatever its reason. */
type QueryOfBefore = Omit<RecordedQuery, 'outcome' | 'why'> & { error?: string };

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
  const read = JSON.parse(gunzipSync(readFileSync(file)).toString()) as
    | RecordedSeries
    | (Omit<RecordedSeries, 'version' | 'queries'> & { version: 1; queries: QueryOfBefore[] });
  const recorded: RecordedSeries =
    read.version === 2 ? read : { ...read, version: 2, queries: read.queries.map(fromBefore) };
  for (const { series } of recorded.queries) {
    for (const { points } of series) {
      for (const point of points) point[1] = unpacked(point[1]);
    }
  }
  return recorded;
}

function fromBefore({ error, ...query }: QueryOfBefore): RecordedQuery {
  if (error === undefined) return { ...query, outcome: 'recorded' };
  const outcome = error.startsWith('unresolved $')
    ? 'not asked'
    : error.startsWith('Prometheus says: ')
      ? 'refused'
      : 'no answer';
  return { ...query, outcome, why: error.replace(/\.$/, '') };
}

function unpacked(value: number | string): number {
  if (typeof value === 'number') return value;
  return value === '+Inf'
    ? Number.POSITIVE_INFINITY
    : value === '-Inf'
      ? Number.NEGATIVE_INFINITY
      : Number.NaN;
}
