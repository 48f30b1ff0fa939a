import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prometheusError, prometheusRoutes } from '../../../src/sandbox/monitor/http/prometheus.ts';
import { serve } from '../../../src/sandbox/monitor/http/server.ts';
import { BASE, corpusSamples, corpusStorage } from '../../promql/corpus.ts';
import { skipsWithout } from './installed.ts';
import { startRealPrometheus } from './real-prometheus.ts';

const skip = skipsWithout('prometheus', 'prometheus');

const moment = String(BASE / 1000 + 1800);
const times = fc.constantFrom(
  ...[
    moment,
    moment,
    `${moment}.5`,
    '0',
    '-1',
    '',
    ' ',
    'abc',
    'NaN',
    'nan',
    'Inf',
    '-Inf',
    'infinity',
    '1e99',
    '-1e99',
    '1e400',
  ],
  ...[
    '1_000',
    '1.',
    '.5',
    '1e3',
    '0b1',
    '2026-01-01T00:30:00Z',
    '2026-01-01T00:30:00.5Z',
    '2026-01-01T01:30:00+01:00',
  ],
  ...[
    '2026-01-01',
    '20260101',
    '2026-01-01T00:00:00',
    '2026-02-30T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-01 00:00:00Z',
  ],
);
const steps = fc.constantFrom(
  ...[
    '15',
    '60',
    '1m',
    '1d',
    '1y1d',
    '0',
    '-1',
    'NaN',
    'Inf',
    '-Inf',
    '1e99',
    '1e-9',
    '0.0001',
    '300y',
    'abc',
    '',
    '-1s',
    '1ms',
    '1e400',
    '1h1h',
    '1.5h',
  ],
);
const queries = fc.constantFrom(
  ...[
    '1',
    'vector(1)',
    '"text"',
    'http_requests_total',
    'http_requests_total{code=~"([a-z0-9-]+)+!"}',
    'http_requests_total{code=~"(?i:A)"}',
  ],
  ...[
    'sum(rate(http_requests_total[5m]))',
    'http_requests_total[5m]',
    'http_requests_total[5m:1m]',
    'max_over_time(http_requests_total[1y:1m])',
  ],
  ...[
    'http_requests_total[300y]',
    'http_requests_total offset 300y',
    'http_requests_total @ 1e99',
    'http_requests_total @ NaN',
    'http_requests_total @ 1e15',
  ],
  ...[
    'http_requests_total{code=~"("}',
    'topk(-1, http_requests_total)',
    'topk(1e99, http_requests_total)',
    'quantile(NaN, http_requests_total)',
    'up[',
    '',
    '{}',
    ' ',
  ],
);
const matches = fc.constantFrom(
  'http_requests_total',
  '{app="a"}',
  '{}',
  '',
  'up[5m]',
  'up offset 5m',
  '1',
  '{app=~"("}',
  '{app=~".*"}',
);
const timeouts = fc.constantFrom(
  undefined,
  undefined,
  undefined,
  '1',
  '0',
  '-1',
  'NaN',
  'abc',
  '10s',
  '',
  '1e99',
);

const record = (of: Record<string, fc.Arbitrary<string | undefined>>) => fc.record(of);
const asked = fc.oneof(
  fc.tuple(fc.constant('query'), record({ query: queries, time: times, timeout: timeouts })),
  fc.tuple(fc.constant('query_range'), record({ query: queries, start: times, end: times, step: steps })),
  fc.tuple(
    fc.constant('query_range'),
    record({ query: queries, start: fc.constant(moment), end: times, step: steps }),
  ),
  fc.tuple(
    fc.constantFrom('series', 'labels', 'label/app/values'),
    record({ 'match[]': matches, start: times, end: times }),
  ),
  fc.tuple(
    fc.constantFrom(
      ...[
        'label/%ff/values',
        'label/%zz/values',
        'label/a-b/values',
        'label/__proto__/values',
        'label//values',
        'nosuch',
      ],
    ),
    record({}),
  ),
  fc.tuple(
    fc.constantFrom('rules', 'alerts', 'targets', 'metadata'),
    record({ type: fc.constantFrom(undefined, 'alert', 'x'), state: fc.constantFrom('active', 'x') }),
  ),
);

describe.skipIf(skip)('the API answers odd requests as the real Prometheus does', () => {
  let real: Awaited<ReturnType<typeof startRealPrometheus>>;
  let ours: Awaited<ReturnType<typeof serve>>;

  beforeAll(async () => {
    real = await startRealPrometheus(corpusSamples());
    const clock = { now: () => Date.now(), setTimeout: () => () => {}, setInterval: () => () => {} };
    const parts = {
      storage: corpusStorage(),
      clock,
      limits: {},
      groups: [],
      targets: () => [],
      alertmanagerUrl: () => '',
      scrapeIntervalMs: 15_000,
      startedAt: BASE,
    };
    ours = await serve(prometheusRoutes(parts), prometheusError);
  });

  afterAll(async () => {
    await ours?.close();
    await real?.stop();
  });

  test('with the same status, kind of error and shape', async () => {
    const shape = async (url: string, path: string, params: Record<string, string | undefined>) => {
      const pairs = Object.entries(params).filter((pair): pair is [string, string] => pair[1] !== undefined);
      const answer = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(pairs)}`);
      const text = await answer.text();
      if (!text.startsWith('{')) return String(answer.status);
      const { status, errorType, data } = JSON.parse(text);
      const many =
        Array.isArray(data?.result) && data.resultType !== 'scalar' && data.resultType !== 'string';
      const list = Array.isArray(data) ? data.length : undefined;
      return [answer.status, status, errorType ?? data?.resultType, many ? data.result.length : list].join(
        ' ',
      );
    };
    const differing = new Map<string, string>();
    for (const [path, params] of fc.sample(asked, { numRuns: 1500, seed: 11 })) {
      const [expected, got] = await Promise.all([
        shape(real.url, path, params),
        shape(ours.url, path, params),
      ]);
      if (expected !== got)
        differing.set(`${path} ${JSON.stringify(params)}`, `expected ${expected}, got ${got}`);
    }
    expect(Object.fromEntries(differing)).toEqual({});
  });
});
