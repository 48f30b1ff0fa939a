import { parseDuration } from '../duration.ts';
import { type Answer, Endpoint, type EndpointOptions } from './http.ts';
import { parseJson } from './json-answer.ts';
import type { AlertInstance, AlertRule, Prometheus, RecordingRule, Sample, Series } from './series.ts';

/** A Prometheus (or anything with its HTTP API). Errors: `prometheus-unavailable`, `prometheus-error`. */
export function connectPrometheus(options: EndpointOptions): Prometheus {
  return new PrometheusClient(new Endpoint('prometheus', options));
}

class PrometheusClient implements Prometheus {
  readonly #endpoint: Endpoint;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  get url(): string {
    return this.#endpoint.url;
  }

  async query(expression: string, options: { at?: number; signal?: AbortSignal } = {}): Promise<Sample[]> {
    const parameters: [string, string][] = [['query', expression]];
    if (options.at !== undefined) parameters.push(['time', String(options.at)]);
    const answer = await this.#endpoint.post('/api/v1/query', parameters, options.signal);
    return samplesOf(this.#data<QueryData>(answer, expression));
  }

  async queryRange(
    expression: string,
    { start, end, step }: { start: number; end: number; step: number },
    signal?: AbortSignal,
  ): Promise<Series[]> {
    const parameters: [string, string][] = [
      ['query', expression],
      ['start', String(start)],
      ['end', String(end)],
      ['step', String(step)],
    ];
    const answer = await this.#endpoint.post('/api/v1/query_range', parameters, signal);
    const { result } = this.#data<{ result: { metric: Record<string, string>; values: RawPoint[] }[] }>(
      answer,
      expression,
    );
    return result.map(({ metric, values }) => ({
      labels: metric,
      points: values.map(([at, value]) => [at, number(value)]),
    }));
  }

  async rules(signal?: AbortSignal): Promise<{ alerting: AlertRule[]; recording: RecordingRule[] }> {
    const { groups } = this.#data<{ groups: RawGroup[] }>(
      await this.#endpoint.get('/api/v1/rules', [], signal),
    );
    const all = groups.flatMap((group) => group.rules.map((rule) => ({ group, rule })));
    return {
      alerting: all.filter(({ rule }) => rule.type === 'alerting').map(alertRule),
      recording: all.filter(({ rule }) => rule.type === 'recording').map(recordingRule),
    };
  }

  async alerts(signal?: AbortSignal): Promise<AlertInstance[]> {
    const { alerts } = this.#data<{ alerts: RawAlert[] }>(
      await this.#endpoint.get('/api/v1/alerts', [], signal),
    );
    return alerts.flatMap(({ labels, annotations, state, activeAt, value }) => {
      if (state !== 'pending' && state !== 'firing') return [];
      const name = labels.alertname ?? '';
      return [{ name, state, labels, annotations, activeAt: Date.parse(activeAt), value: number(value) }];
    });
  }

  async series(
    match: string[],
    range: { start: number; end: number },
    signal?: AbortSignal,
  ): Promise<Record<string, string>[]> {
    const parameters: [string, string][] = match.map((each) => ['match[]', each]);
    parameters.push(['start', String(range.start)], ['end', String(range.end)]);
    return this.#data(await this.#endpoint.post('/api/v1/series', parameters, signal));
  }

  async labelValues(label: string, match: string[], signal?: AbortSignal): Promise<string[]> {
    const parameters: [string, string][] = match.map((each) => ['match[]', each]);
    const path = `/api/v1/label/${encodeURIComponent(label)}/values`;
    return this.#data(await this.#endpoint.get(path, parameters, signal));
  }

  async labelNames(match: string[], signal?: AbortSignal): Promise<string[]> {
    const parameters: [string, string][] = match.map((each) => ['match[]', each]);
    return this.#data(await this.#endpoint.get('/api/v1/labels', parameters, signal));
  }

  async scrapeIntervals(signal?: AbortSignal): Promise<Map<string, number>> {
    const parameters: [string, string][] = [['state', 'active']];
    const { activeTargets } = this.#data<{ activeTargets: RawTarget[] }>(
      await this.#endpoint.get('/api/v1/targets', parameters, signal),
    );
    const found = new Map<string, number>();
    for (const { labels, scrapePool, scrapeInterval = '' } of activeTargets) {
      const seconds = (parseDuration(scrapeInterval) ?? 0) / 1000;
      const job = labels?.job ?? scrapePool ?? '';
      if (seconds > 0) found.set(job, Math.max(found.get(job) ?? 0, seconds));
    }
    return found;
  }

  async buildInfo(signal?: AbortSignal): Promise<{ version: string }> {
    return this.#data(await this.#endpoint.get('/api/v1/status/buildinfo', [], signal));
  }

  /** The `data` of an answer; Prometheus' own error text where it has one. */
  #data<T>({ status, body }: Answer, expression?: string): T {
    const parsed = parseJson(body) as
      | { status?: string; data?: unknown; error?: string; errorType?: string }
      | undefined;
    if (parsed?.status === 'success') return parsed.data as T;
    const where = expression === undefined ? '' : ` (query: ${expression})`;
    if (parsed?.error) {
      // What it has no time or room for now, it does not refuse.
      const kind = isRefusal(status, parsed.errorType) ? 'error' : 'unavailable';
      throw this.#endpoint.error(kind, `Prometheus says: ${parsed.error}${where}`);
    }
    const said = body.trim().startsWith('<') ? 'a web page' : `"${body.trim().slice(0, 200)}"`;
    throw this.#endpoint.error(
      'unavailable',
      `Expected Prometheus' JSON from ${this.url}, got HTTP ${status} and ${said}.`,
      {
        todo: 'Is this address that of Prometheus, and are the credentials right?',
      },
    );
  }
}

type RawPoint = [number, string];

type QueryData =
  | { resultType: 'vector'; result: { metric: Record<string, string>; value: RawPoint }[] }
  | { resultType: 'matrix'; result: { metric: Record<string, string>; values: RawPoint[] }[] }
  | { resultType: 'scalar' | 'string'; result: RawPoint };

interface RawTarget {
  labels?: Record<string, string>;
  scrapePool?: string;
  /** Since Prometheus 2.28. */
  scrapeInterval?: string;
}

interface RawAlert {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  state: string;
  activeAt: string;
  value: string;
}

interface RawRule {
  type: 'alerting' | 'recording';
  name: string;
  query: string;
  duration?: number;
  keepFiringFor?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  health: string;
  lastError?: string;
  lastEvaluation?: string;
}

interface RawGroup {
  name: string;
  file: string;
  interval: number;
  rules: RawRule[];
}

function samplesOf(data: QueryData): Sample[] {
  if (data.resultType === 'vector') {
    return data.result.map(({ metric, value: [at, value] }) => ({
      labels: metric,
      at,
      value: number(value),
    }));
  }
  if (data.resultType === 'matrix') {
    return data.result.flatMap(({ metric, values }) => {
      const last = values.at(-1);
      return last ? [{ labels: metric, at: last[0], value: number(last[1]) }] : [];
    });
  }
  const [at, value] = data.result;
  return [{ labels: {}, at, value: number(value) }];
}

function alertRule({ group, rule }: { group: RawGroup; rule: RawRule }): AlertRule {
  return {
    ...recordingRule({ group, rule }),
    file: group.file,
    for: rule.duration ?? 0,
    keepFiringFor: rule.keepFiringFor ?? 0,
    interval: group.interval,
    labels: rule.labels ?? {},
    annotations: rule.annotations ?? {},
  };
}

function recordingRule({ group, rule }: { group: RawGroup; rule: RawRule }): RecordingRule {
  const health = rule.health === 'ok' || rule.health === 'err' ? rule.health : 'unknown';
  const { name, query, lastError, lastEvaluation } = rule;
  // Before the first evaluation it is the year 1.
  const evaluated = lastEvaluation === undefined ? Number.NaN : Math.max(0, Date.parse(lastEvaluation));
  return {
    ...{ name, group: group.name, query, health, interval: group.interval },
    ...(lastError && { lastError }),
    ...(!Number.isNaN(evaluated) && { lastEvaluation: evaluated }),
  };
}

/** The query is at fault, for whoever asks it. Source: errorType of Prometheus' HTTP API. */
function isRefusal(status: number, type: string | undefined): boolean {
  if (type !== undefined && type !== '')
    return ['bad_data', 'execution', 'not_found', 'not_acceptable'].includes(type);
  return status === 400 || status === 404 || status === 422;
}

/** Prometheus writes +Inf, -Inf and NaN. */
function number(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  if (text === '-Inf') return Number.NEGATIVE_INFINITY;
  return Number(text);
}
