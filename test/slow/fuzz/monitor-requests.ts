import fc from 'fast-check';
import { functions } from '../../../src/promql/functions/registry.ts';
import { BASE, EXPRESSIONS, WRONG } from '../../promql/corpus.ts';

export interface Sent {
  /** Which of Prometheus, Alertmanager, Grafana. */
  server: 0 | 1 | 2;
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
}

const at = BASE / 1000 + 1800;
const oddText = fc.oneof(
  fc.constantFrom(
    ...[
      '',
      ' ',
      '-1',
      '0',
      '1',
      '1e99',
      '-1e99',
      'NaN',
      'Inf',
      '-Inf',
      '1e400',
      '1e-9',
      '0x1',
      '1_0',
      'true',
    ],
    ...[
      'abc',
      '__proto__',
      'constructor',
      '{}',
      '[]',
      'null',
      '"',
      "'",
      '\\',
      '\u0000',
      '😀',
      '\ud800',
      '../..',
    ],
    ...['%', '%zz', '%ff', '%00', ';', '//[', 'a=b&c', 'x'.repeat(5000), '('.repeat(3000), '['.repeat(3000)],
    ...[
      '2026-02-30T00:00:00Z',
      '0000-00-00',
      '9999-12-31T23:59:59Z',
      '-000001-01-01T00:00:00Z',
      '5m',
      '300y',
      '-5m',
    ],
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
);
const seconds = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.integer({ min: -100, max: 3700 }).map((offset) => String(BASE / 1000 + offset)),
  },
  { weight: 1, arbitrary: oddText },
);
const step = fc.oneof(fc.constantFrom('15', '1m', '7', '0.5', '1h'), oddText);
const duration = fc.constantFrom(
  '5m',
  '1m',
  '1s',
  '1ms',
  '1h',
  '30d',
  '1y',
  '292y',
  '300y',
  '0s',
  '-5m',
  '17',
  'NaN',
);
const label = fc.constantFrom('app', 'pod', 'code', 'le', '__name__', 'nosuch', 'job', '__proto__');
const pattern = fc.oneof(
  fc.constantFrom(
    'a|b',
    '.*',
    '.+',
    '([a-z0-9-]+)+!',
    '(?i:A)',
    '(',
    '(?=a)',
    '(.*)*',
    '\\',
    '[',
    'a{1000}',
    '(a{100}){100}',
    '\\pL',
    '^$',
  ),
  oddText,
);
const number = fc.oneof(
  fc.constantFrom('0', '1', '-1', '0.5', '2', '1e99', 'NaN', 'Inf', '-Inf', '1e-300', '9223372036854775807'),
  fc.double().map(String),
);
const selector = fc
  .tuple(
    fc.constantFrom(
      'http_requests_total',
      'request_seconds_bucket',
      'app_info',
      'young_total',
      'nosuch',
      'up',
      '',
    ),
    fc.array(
      fc
        .tuple(label, fc.constantFrom('=', '!=', '=~', '!~'), pattern)
        .map(([name, op, value]) => `${name}${op}${JSON.stringify(value)}`),
      { maxLength: 2 },
    ),
    fc.constantFrom(
      '',
      '',
      '',
      ' offset 5m',
      ' offset -1y',
      ' @ 0',
      ' @ end()',
      ' @ start()',
      ' @ 1e99',
      ' @ NaN',
      ` @ ${at}`,
    ),
  )
  .map(([name, matchers, modifier]) => ({
    text: `${name}${matchers.length > 0 ? `{${matchers.join(',')}}` : ''}`,
    modifier,
  }));
const aggregations = [
  'sum',
  'avg',
  'count',
  'min',
  'max',
  'stddev',
  'topk',
  'bottomk',
  'quantile',
  'count_values',
  'group',
  'limitk',
  'limit_ratio',
];

const { promql } = fc.letrec<{ promql: string; range: string; argument: string }>((tie) => ({
  promql: fc.oneof(
    { maxDepth: 5, withCrossShrink: false },
    selector.map(({ text, modifier }) => text + modifier),
    number,
    fc
      .tuple(
        fc.constantFrom(...functions.keys(), 'absent', 'nosuch'),
        fc.array(tie('argument'), { maxLength: 3 }),
      )
      .map(([name, args]) => `${name}(${args.join(', ')})`),
    tie('promql').chain((inner) =>
      fc.constantFrom(`(${inner})`, `-${inner}`, `sum by (app) (${inner})`, `vector(${inner})`),
    ),
    fc.tuple(fc.constantFrom(...functions.keys()), tie('range')).map(([name, inner]) => `${name}(${inner})`),
    fc
      .tuple(
        fc.constantFrom(...aggregations),
        fc.constantFrom('', 'by (app)', 'without (pod)', 'by ("x y")'),
        fc.array(tie('argument'), { minLength: 1, maxLength: 2 }),
      )
      .map(([op, by, args]) => `${op} ${by} (${args.join(', ')})`),
    fc
      .tuple(
        tie('promql'),
        fc.constantFrom(
          '+',
          '-',
          '*',
          '/',
          '%',
          '^',
          '==',
          '> bool',
          'and',
          'or',
          'unless',
          'atan2',
          '* on (app)',
          '* on (app) group_left (pod)',
          '/ ignoring (code)',
        ),
        tie('promql'),
      )
      .map(([left, op, right]) => `${left} ${op} ${right}`),
  ),
  range: fc.oneof(
    fc.tuple(selector, duration).map(([{ text, modifier }, range]) => `${text}[${range}]${modifier}`),
    fc
      .tuple(tie('promql'), duration, fc.option(duration, { nil: '' }))
      .map(([inner, range, every]) => `(${inner})[${range}:${every}]`),
  ),
  argument: fc.oneof(
    tie('promql'),
    tie('range'),
    number,
    oddText.map((text) => JSON.stringify(text)),
    label.map((name) => `"${name}"`),
  ),
}));

/** A text with a few characters left out, doubled or put in. */
const damaged = (text: fc.Arbitrary<string>) =>
  fc
    .tuple(
      text,
      fc.array(
        fc.tuple(
          fc.nat(),
          fc.constantFrom('', '', '(', ')', '[', ']', '{', '}', '"', '@', ':', '9', '^', '\u0000', '💥'),
        ),
        { maxLength: 3 },
      ),
    )
    .map(([original, changes]) =>
      changes.reduce((now, [place, insert]) => {
        const index = place % (now.length + 1);
        return now.slice(0, index) + insert + now.slice(index + (insert === '' ? 1 : 0));
      }, original),
    );
const query = fc.oneof(
  { weight: 4, arbitrary: promql as fc.Arbitrary<string> },
  { weight: 3, arbitrary: damaged(fc.constantFrom(...EXPRESSIONS, ...WRONG)) },
  { weight: 1, arbitrary: oddText },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'http_requests_total[5m:1m]',
      'max_over_time(http_requests_total[1y:1s])',
      'max_over_time(http_requests_total[292y:1ms])',
      'count_over_time(vector(1)[1y:1s])',
      'sum_over_time((sum_over_time(vector(1)[1d:1s]))[1d:1s])',
      `${'('.repeat(2000)}1${')'.repeat(2000)}`,
      Array.from({ length: 3000 }, () => 'up').join(' or '),
      'label_join(label_join(label_join(app_info,"a","","app","app"),"a","","a","a"),"a","","a","a")',
      `label_replace(app_info, "a", "${'$1'.repeat(1000)}", "app", "(.*)")`,
    ),
  },
);

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
