import { type AnnotationNames, withUsualNames } from '../annotations.ts';
import type { Answer, Endpoint } from '../http.ts';
import { parseJson } from '../json-answer.ts';
import type { AlertInstance, AlertRule, RecordingRule, Rules } from '../series.ts';

/**
 * What `/api/v1/rules` gives. Prometheus, Mimir, Cortex, Thanos and Loki agree on it; Grafana has other words for health
 * and states, and leaves out what is empty.
 */
export interface RawRules {
  groups?: RawGroup[] | null;
}

interface RawGroup {
  name: string;
  file?: string;
  interval?: number;
  rules?: RawRule[] | null;
}

interface RawRule {
  type?: string;
  name: string;
  query?: string;
  duration?: number;
  keepFiringFor?: number;
  labels?: Record<string, string> | null;
  annotations?: Record<string, string> | null;
  health?: string;
  lastError?: string;
  lastEvaluation?: string;
  /** Grafana's. */
  isPaused?: boolean;
}

/** What `/api/v1/alerts` gives. */
export interface RawAlerts {
  alerts?: RawAlert[] | null;
}

interface RawAlert {
  labels?: Record<string, string> | null;
  annotations?: Record<string, string> | null;
  state: string;
  activeAt?: string | null;
  value?: string;
}

/** `names`: annotations that stand for a runbook or dashboard. */
export function rulesOf({ groups }: RawRules, names?: Partial<AnnotationNames>): Rules {
  const all = (groups ?? []).flatMap((group) => (group.rules ?? []).map((rule) => ({ group, rule })));
  return {
    alerting: all
      .filter(({ rule }) => rule.type === 'alerting')
      .map(({ group, rule }): AlertRule => {
        return {
          ...recordingRule(group, rule),
          interval: group.interval ?? 0,
          file: group.file ?? '',
          for: rule.duration ?? 0,
          keepFiringFor: rule.keepFiringFor ?? 0,
          labels: rule.labels ?? {},
          annotations: withUsualNames(rule.annotations ?? {}, names),
        };
      }),
    recording: all
      .filter(({ rule }) => rule.type === 'recording')
      .map(({ group, rule }): RecordingRule => {
        return { ...recordingRule(group, rule), ...(rule.labels && { labels: rule.labels }) };
      }),
  };
}

/** Those that are pending or firing. */
export function alertsOf({ alerts }: RawAlerts, names?: Partial<AnnotationNames>): AlertInstance[] {
  return (alerts ?? []).flatMap(({ labels, annotations, state: told, activeAt, value }) => {
    const state = stateOf(told);
    if (!state) return [];
    return {
      ...{ name: labels?.alertname ?? '', state, labels: labels ?? {} },
      annotations: withUsualNames(annotations ?? {}, names),
      activeAt: Date.parse(activeAt ?? '') || 0,
      value: numberOf(value ?? ''),
    };
  });
}

/** Grafana says Alerting, Pending, Normal, NoData, Error and Recovering, with a reason behind: "Alerting (NoData)". */
function stateOf(told: string): AlertInstance['state'] | undefined {
  if (/^(firing|alerting|recovering)\b/i.test(told)) return 'firing';
  return /^pending\b/i.test(told) ? 'pending' : undefined;
}

/** It is there, and nobody evaluates it. */
const paused = { health: 'err', lastError: 'the rule is paused' };

function recordingRule(group: RawGroup, rule: RawRule): RecordingRule {
  const { name, query = '', lastEvaluation } = rule;
  const { lastError, health = '' } = rule.isPaused ? paused : rule;
  // Before the first evaluation it is the year 1.
  const evaluated = lastEvaluation === undefined ? Number.NaN : Math.max(0, Date.parse(lastEvaluation));
  return {
    ...{ name, group: group.name, query, health: healthOf(health), interval: group.interval },
    ...(lastError && { lastError }),
    ...(!Number.isNaN(evaluated) && { lastEvaluation: evaluated }),
  };
}

function healthOf(told: string): AlertRule['health'] {
  if (told === 'ok' || told === 'err') return told;
  return told === 'error' ? 'err' : 'unknown';
}

/** The `data` of an answer of such an API; its own error text where it has one. `who` speaks: Prometheus, the ruler. */
export function dataOf<T>(
  endpoint: Endpoint,
  { status, body }: Answer,
  { who, query, todo }: { who: string; query?: string; todo?: string },
): T {
  const parsed = parseJson(body) as
    | { status?: string; data?: unknown; error?: string; errorType?: string }
    | undefined;
  if (parsed?.status === 'success') return parsed.data as T;
  const where = query === undefined ? '' : ` (query: ${query})`;
  if (parsed?.error) {
    // What it has no time or room for now, it does not refuse.
    const kind = isRefusal(status, parsed.errorType) ? 'error' : 'unavailable';
    throw endpoint.error(kind, `${who} says: ${parsed.error}${where}`);
  }
  const said = body.trim().startsWith('<') ? 'a web page' : `"${body.trim().slice(0, 200)}"`;
  const whose = who.endsWith('s') ? `${who}'` : `${who}'s`;
  const message = `Expected ${whose} JSON from ${endpoint.url}, got HTTP ${status} and ${said}.`;
  throw endpoint.error('unavailable', message, { todo });
}

/** The query is at fault, for whoever asks it. Source: errorType of Prometheus' HTTP API. */
function isRefusal(status: number, type: string | undefined): boolean {
  if (type !== undefined && type !== '')
    return ['bad_data', 'execution', 'not_found', 'not_acceptable'].includes(type);
  return status === 400 || status === 404 || status === 422;
}

/** Prometheus writes +Inf, -Inf and NaN. */
export function numberOf(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  if (text === '-Inf') return Number.NEGATIVE_INFINITY;
  return Number(text);
}
