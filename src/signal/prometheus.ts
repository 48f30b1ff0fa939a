import { parseDuration } from '../words/duration.ts';
import type { AnnotationNames } from './annotations.ts';
import { type Answer, Endpoint, type EndpointOptions } from './http.ts';
import { alertsOf, dataOf, numberOf, type RawAlerts, type RawRules, rulesOf } from './rules/answer.ts';
import type { AlertInstance, Prometheus, Rules, Sample, Series } from './series.ts';

export interface PrometheusOptions extends EndpointOptions {
  annotations?: Partial<AnnotationNames>;
}

/** A Prometheus (or anything with its HTTP API). Errors: `prometheus-unavailable`, `prometheus-error`. */
export function connectPrometheus(options: PrometheusOptions): Prometheus {
  return new PrometheusClient(new Endpoint('prometheus', options), options.annotations);
}

class PrometheusClient implements Prometheus {
  readonly #endpoint: Endpoint;
  readonly #annotations: Partial<AnnotationNames> | undefined;

  constructor(endpoint: Endpoint, annotations?: Partial<AnnotationNames>) {
    this.#endpoint = endpoint;
    this.#annotations = annotations;
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
    return seriesOf(this.#data<MatrixData>(answer, expression));
  }

  async samples(
    selector: string,
    { start, end }: { start: number; end: number },
    signal?: AbortSignal,
  ): Promise<Series[]> {
    // The samples of an instant query's range selector are those that are stored.
    const expression = `${selector}[${Math.round((end - start) * 1000)}ms]`;
    const parameters: [string, string][] = [
      ['query', expression],
      ['time', String(end)],
    ];
    const answer = await this.#endpoint.post('/api/v1/query', parameters, signal);
    const all = seriesOf(this.#data<MatrixData>(answer, expression));
    // Prometheus 2 takes the sample at the start, too.
    return all.map(({ labels, points }) => ({ labels, points: points.filter(([at]) => at > start) }));
  }

  async rules(signal?: AbortSignal): Promise<Rules> {
    return rulesOf(
      this.#data<RawRules>(await this.#endpoint.get('/api/v1/rules', [], signal)),
      this.#annotations,
    );
  }

  async alerts(signal?: AbortSignal): Promise<AlertInstance[]> {
    return alertsOf(
      this.#data<RawAlerts>(await this.#endpoint.get('/api/v1/alerts', [], signal)),
      this.#annotations,
    );
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

  #data<T>(answer: Answer, query?: string): T {
    const todo = 'Is this address that of Prometheus, and are the credentials right?';
    return dataOf<T>(this.#endpoint, answer, { who: 'Prometheus', query, todo });
  }
}

type RawPoint = [number, string];

interface MatrixData {
  resultType: 'matrix';
  /** Without values: it has native histograms only. */
  result: { metric: Record<string, string>; values?: RawPoint[] }[];
}

type QueryData =
  | { resultType: 'vector'; result: { metric: Record<string, string>; value: RawPoint }[] }
  | MatrixData
  | { resultType: 'scalar' | 'string'; result: RawPoint };

interface RawTarget {
  labels?: Record<string, string>;
  scrapePool?: string;
  /** Since Prometheus 2.28. */
  scrapeInterval?: string;
}

function seriesOf({ result }: MatrixData): Series[] {
  return result.map(({ metric, values = [] }) => ({
    labels: metric,
    points: values.map(([at, value]) => [at, numberOf(value)]),
  }));
}

function samplesOf(data: QueryData): Sample[] {
  if (data.resultType === 'vector') {
    return data.result.map(({ metric, value: [at, value] }) => ({
      labels: metric,
      at,
      value: numberOf(value),
    }));
  }
  if (data.resultType === 'matrix') {
    return data.result.flatMap(({ metric, values = [] }) => {
      const last = values.at(-1);
      return last ? [{ labels: metric, at: last[0], value: numberOf(last[1]) }] : [];
    });
  }
  const [at, value] = data.result;
  return [{ labels: {}, at, value: numberOf(value) }];
}
