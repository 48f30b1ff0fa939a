import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../src/paths.ts';
import type { Dashboard } from '../../../src/signal/series.ts';
import { type Asked, answering } from '../http-server.ts';

const pods = ['till-a', 'till-b', 'till-c'];
const names = ['up', 'till_requests_total', 'till_errors_total'];
// No series has a label `cluster`.
const series = pods.flatMap((pod) =>
  names.map((name): Record<string, string> => ({ __name__: name, job: 'till', pod })),
);

const library: Record<string, object> = {
  'lib-queue': {
    ...{ uid: 'lib-queue', name: 'Queue', kind: 1 },
    model: { type: 'timeseries', title: 'Queue', targets: [{ refId: 'A', expr: 'sum(up)' }] },
  },
};

const sources = [
  {
    ...{ uid: 'metrics', name: 'Metrics', type: 'prometheus', isDefault: true },
    jsonData: { timeInterval: '60s' },
  },
  { uid: 'metrics-eu', name: 'Metrics EU', type: 'prometheus', isDefault: false },
  { uid: 'logs', name: 'Logs', type: 'loki', isDefault: false },
];

type Model = Record<string, unknown>;

export interface TillsOptions {
  /** Data sources of the Grafana. */
  sources?: object[];
  /** Scrape interval of each job, as the targets API writes it. */
  intervals?: Record<string, string>;
  /** Answers instead of what would be answered. */
  instead?: (asked: Asked) => { status?: number; body: unknown } | undefined | 'silence';
}

/** A fixture of a dashboard that another team made. */
export function foreign(name: string): Model {
  return JSON.parse(
    readFileSync(join(packageRoot, 'test/fixtures/foreign-dashboards', `${name}.json`), 'utf8'),
  ) as Model;
}

export function dashboardOf(model: Model): Dashboard {
  return { uid: String(model.uid ?? 'x'), title: String(model.title ?? 'x'), model };
}

/**
 * A Grafana and a Prometheus in one small server: three tills with `up` and two counters, scraped every 60 s. `asked` has
 * every range query, with the path it came by.
 */
export async function tills(models: readonly Model[], options: TillsOptions = {}) {
  const boards = new Map(models.map((model) => [uidOf(model), model]));
  const server = await answering((asked) => {
    const other = options.instead?.(asked);
    if (other === 'silence') return undefined;
    return other ?? answer(asked, boards, options);
  });
  return {
    url: server.url,
    close: server.close,
    requests: server.asked,
    asked: () =>
      server.asked
        .filter(({ path }) => path.endsWith('/api/v1/query_range'))
        .map(({ path, parameters }) => ({ path, query: parameters.get('query') ?? '' })),
  };
}

function uidOf({ uid, metadata }: Model): string {
  return String(uid ?? (metadata as { name?: string } | undefined)?.name);
}

function answer(
  { path: written, parameters }: Asked,
  boards: ReadonlyMap<string, Model>,
  { sources: own = sources, intervals = { till: '1m' } }: TillsOptions,
): { status?: number; body: unknown } {
  const path = decodeURIComponent(written);
  const last = path.split('/').at(-1) ?? '';
  const label = /\/api\/v1\/label\/(\w+)\/values$/.exec(path)?.[1];
  const found = () => [...new Set(selectedBy(parameters).map((each) => each[label ?? ''] ?? ''))];
  if (label) return prometheus(() => found().filter(Boolean).sort());
  if (path.endsWith('/api/v1/labels')) return prometheus(() => ['__name__', 'job', 'pod']);
  if (path.endsWith('/api/v1/series')) return prometheus(() => selectedBy(parameters));
  if (path.endsWith('/api/v1/alerts')) return prometheus(() => ({ alerts: [] }));
  if (path.endsWith('/api/v1/rules')) return prometheus(() => ({ groups: [] }));
  if (path.endsWith('/api/v1/targets'))
    return prometheus(() => ({
      activeTargets: Object.entries(intervals).map(([job, scrapeInterval]) => ({
        labels: { job },
        scrapeInterval,
      })),
    }));
  if (path.endsWith('/api/v1/query')) return prometheus(() => instant(parameters.get('query') ?? ''));
  if (path.endsWith('/api/v1/query_range')) return prometheus(() => range(parameters));
  if (path === '/api/search')
    return {
      body: [...boards].map(([uid, { title, spec }]) => ({
        uid,
        title: title ?? (spec as Model | undefined)?.title ?? uid,
      })),
    };
  if (path === '/api/datasources') return { body: own };
  const missing = { status: 404, body: { message: 'not found' } };
  if (path.startsWith('/api/library-elements/'))
    return library[last] ? { body: { result: library[last] } } : missing;
  const model = boards.get(last);
  const isV2 = model?.kind === 'Dashboard';
  if (path.startsWith('/api/dashboards/uid/')) {
    if (isV2) return { status: 406, body: { message: 'this version is served elsewhere' } };
    return model ? { body: { meta: {}, dashboard: model } } : missing;
  }
  const version = String(model?.apiVersion).split('/')[1];
  return isV2 && path.startsWith(`/apis/dashboard.grafana.app/${version}/`) ? { body: model } : missing;
}

function prometheus(data: () => unknown): { status?: number; body: unknown } {
  try {
    return { body: { status: 'success', data: data() } };
  } catch (error) {
    const { message, status = 400 } = error as Error & { status?: number };
    const errorType = status === 422 ? 'execution' : 'bad_data';
    return { status, body: { status: 'error', errorType, error: message } };
  }
}

/** The series of the first selector in a query. @throws where Prometheus would not parse it */
function select(query: string): Record<string, string>[] {
  if (/\|[=~]|\}\s*\||\$[_a-z{]/i.test(query))
    throw new Error(`parse error: unexpected character in ${query}`);
  const [, name = '', inner = ''] = /([a-zA-Z_:][\w:]*)?\s*\{([^}]*)\}/.exec(query) ?? [];
  const bare = name || names.find((each) => new RegExp(`\\b${each}\\b`).test(query));
  const matchers = [...inner.matchAll(/(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"/g)];
  return series.filter(
    (labels) =>
      (!bare || labels.__name__ === bare) &&
      matchers.every(([, label = '', operator = '', value = '']) => {
        const have = labels[label] ?? '';
        const same = operator.includes('~') ? new RegExp(`^(?:${value})$`).test(have) : have === value;
        return operator.startsWith('!') ? !same : same;
      }),
  );
}

/** `match[]` takes a selector, not an expression. */
function selectedBy(parameters: URLSearchParams): Record<string, string>[] {
  const selectors = parameters.getAll('match[]');
  for (const each of selectors)
    if (!/^\s*[\w:]*\s*(\{[^}]*\})?\s*$/.test(each)) throw new Error(`parse error in ${each}`);
  return selectors.length > 0 ? selectors.flatMap(select) : series;
}

function instant(query: string) {
  if (/\bon\s*\(/.test(query)) throw Object.assign(new Error('found duplicate series'), { status: 422 });
  const result = select(query).map((metric) => ({ metric, value: [1_700_000_000, '1'] }));
  return { resultType: 'vector', result };
}

function range(parameters: URLSearchParams) {
  const [from = 0, until = 0, step = 1] = ['start', 'end', 'step'].map((name) =>
    Number(parameters.get(name)),
  );
  const times = Array.from({ length: Math.floor((until - from) / step) + 1 }, (_, at) => from + at * step);
  const result = select(parameters.get('query') ?? '').map((metric) => ({
    metric,
    values: times.map((time) => [time, '1']),
  }));
  return { resultType: 'matrix', result };
}
