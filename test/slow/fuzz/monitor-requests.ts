import fc from 'fast-check';
import { BASE } from '../../promql/corpus.ts';
import { damaged, oddText, pattern, query, seconds, step } from './queries.ts';

export interface Sent {
  /** Which of Prometheus, Alertmanager, Grafana. */
  server: 0 | 1 | 2;
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
}

/** The document, or another of its kind with a part that does not belong. */
function documents(text: string): fc.Arbitrary<string> {
  const value: unknown = JSON.parse(text);
  const change = (part: unknown): fc.Arbitrary<unknown> => {
    if (typeof part !== 'object' || part === null)
      return fc.oneof({ weight: 6, arbitrary: fc.constant(part) }, fc.jsonValue(), oddText);
    const entries = Object.entries(part);
    const changed = fc.tuple(...entries.map(([, inner]) => change(inner)));
    const rebuilt = changed.map((values) =>
      Array.isArray(part) ? values : Object.fromEntries(entries.map(([key], i) => [key, values[i]])),
    );
    return fc.oneof(
      { weight: 8, arbitrary: rebuilt },
      fc.constantFrom(null, [], {}, 'x', 1, [null], { __proto__: null }),
    );
  };
  return fc.oneof(
    { weight: 5, arbitrary: change(value).map((one) => JSON.stringify(one)) },
    damaged(fc.constant(text)),
  );
}

const silence = documents(
  JSON.stringify({
    matchers: [{ name: 'a', value: 'b', isRegex: true, isEqual: true }],
    startsAt: '2026-01-01T00:00:00Z',
    endsAt: '2099-01-01T00:00:00Z',
    createdBy: 'a',
    comment: 'b',
  }),
);
const alerts = documents(
  JSON.stringify([
    {
      labels: { alertname: 'A' },
      annotations: { a: 'b' },
      startsAt: '2026-01-01T00:00:00Z',
      endsAt: '2099-01-01T00:00:00Z',
      generatorURL: '',
    },
  ]),
);
const annotation = documents(
  JSON.stringify({ text: 'a', tags: ['b'], time: 1, timeEnd: 2, dashboardUID: 'one', panelId: 1 }),
);
const frames = documents(
  JSON.stringify({
    queries: [{ refId: 'A', expr: 'http_requests_total', maxDataPoints: 100, intervalMs: 1000 }],
    from: String(BASE),
    to: 'now',
  }),
);

const prometheus = [
  'query',
  'query_range',
  'format_query',
  'series',
  'labels',
  'label/app/values',
  'label/:/values',
  'rules',
  'alerts',
  'targets',
  'metadata',
  'alertmanagers',
  'status/buildinfo',
  'status/runtimeinfo',
  'status/config',
];
const paths: [server: 0 | 1 | 2, path: string][] = [
  ...prometheus.map((path) => [0, `/api/v1/${path}`] as [0, string]),
  ...['alerts', 'alerts/groups', 'receivers', 'status', 'silences', 'silence/:'].map(
    (path) => [1, `/api/v2/${path}`] as [1, string],
  ),
  [1, '/notifications'],
  ...[
    'health',
    'search',
    'dashboards/uid/:',
    'datasources',
    'datasources/uid/:',
    'datasources/proxy/uid/prometheus/api/v1/query',
    'datasources/proxy/uid/:/:',
    'ds/query',
    'annotations',
  ].map((path) => [2, `/api/${path}`] as [2, string]),
];
const names = [
  'query',
  'time',
  'start',
  'end',
  'step',
  'match[]',
  'limit',
  'type',
  'lookback_delta',
  'filter',
  'receiver',
  'active',
  'silenced',
  'from',
  'to',
  'tags',
  'rule_name[]',
  'metric',
  'state',
  'dashboardUIDs',
  'panelId',
];

function valueFor(name: string): fc.Arbitrary<string> {
  if (name === 'query' || name === 'match[]') return query;
  if (['time', 'start', 'end'].includes(name)) return seconds;
  if (name === 'step' || name === 'lookback_delta') return step;
  if (name === 'filter')
    return fc.oneof(
      pattern.map((text) => `a=~"${text}"`),
      oddText,
    );
  return name === 'receiver' ? pattern : oddText;
}

const params = fc
  .tuple(
    fc.option(query, { nil: undefined, freq: 6 }),
    fc.option(fc.tuple(seconds, seconds, step), { nil: undefined, freq: 4 }),
    fc.array(
      fc
        .constantFrom(...names)
        .chain((name) => valueFor(name).map((value): [string, string] => [name, value])),
      { maxLength: 2 },
    ),
  )
  .map(([asked, span, more]): [string, string][] => [
    ...(asked === undefined
      ? []
      : ([
          ['query', asked],
          ['match[]', asked],
        ] as [string, string][])),
    ...(span
      ? ([
          ['start', span[0]],
          ['end', span[1]],
          ['step', span[2]],
          ['time', span[0]],
        ] as [string, string][])
      : []),
    ...more,
    ['timeout', '0.5'],
  ]);

const body = fc.oneof(silence, alerts, annotation, frames, oddText);

const rawPaths = [
  '//[',
  '/%',
  '/%ff',
  '/..//',
  '/?%',
  '*',
  'http://[',
  'http://x/api/v1/query?query=1',
  '/api/v1/label/%ff/values',
  '/api/v1/label/%/values',
];

/** A request to one of the three servers: a path that is there, and parameters and a body of which something is odd. */
export const oddRequest: fc.Arbitrary<Sent> = fc
  .record({
    place: fc.oneof(
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          ...([
            [0, '/api/v1/query'],
            [0, '/api/v1/query_range'],
            [2, '/api/ds/query'],
            [1, '/api/v2/silences'],
          ] as typeof paths),
        ),
      },
      { weight: 2, arbitrary: fc.constantFrom(...paths) },
    ),
    part: oddText,
    method: fc.constantFrom(
      ...['GET', 'POST'].flatMap((method) => Array(6).fill(method)),
      'DELETE',
      'PUT',
      'HEAD',
    ),
    pairs: params,
    body,
    raw: fc.oneof(
      { weight: 30, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constantFrom(...rawPaths) },
    ),
    asForm: fc.boolean(),
  })
  .map(({ place: [server, path], part, method, pairs, body: text, raw, asForm }) => {
    const encoded = new URLSearchParams(pairs).toString();
    const filled = path.replaceAll(':', () => escaped(part));
    const isForm = asForm && server !== 1;
    return {
      server,
      method,
      path: raw ?? `${filled}${isForm && method === 'POST' ? '' : `?${encoded}`}`,
      headers: { 'content-type': isForm ? 'application/x-www-form-urlencoded' : 'application/json' },
      body: ['GET', 'HEAD'].includes(method) ? '' : isForm ? encoded : text,
    };
  });

/** What a client that does not care puts into a path: percent signs stay as they are. */
function escaped(text: string): string {
  return text.replace(/[^!-~]|[?#]/gu, (char) => encodeURIComponent(wellFormed(char)));
}

function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}
