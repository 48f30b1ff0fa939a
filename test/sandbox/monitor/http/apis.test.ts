import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Monitor, startMonitor } from '../../../../src/sandbox/monitor/start.ts';
import { data, SmallCluster, until } from '../cluster.ts';

const RULES = `
groups:
  - name: shop
    interval: 5s
    rules:
      - { record: 'a:requests', expr: 'sum(requests_total)' }
      - { alert: Always, expr: 'vector(1)', labels: { owner: shop } }
      - { alert: Broken, expr: 'requests_total + on () requests_total' }
`;

let folder: string;
let cluster: SmallCluster;
let monitor: Monitor;
let api: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'monitor-'));
  mkdirSync(join(folder, 'dashboards'));
  const dashboard = (uid: string, title: string) =>
    JSON.stringify({ uid, title, tags: ['shop'], panels: [] });
  writeFileSync(join(folder, 'dashboards', 'one.json'), dashboard('shop-overview', 'Shop overview'));
  writeFileSync(join(folder, 'dashboards', 'two.json'), dashboard('edge', 'Edge'));
  writeFileSync(join(folder, 'rules.yml'), RULES);
  writeFileSync(
    join(folder, 'alertmanager.yml'),
    'route: { receiver: team, group_by: [alertname] }\nreceivers: [{ name: team }]\n',
  );
  cluster = new SmallCluster();
  await cluster.pod('checkout-1', () => 'requests_total{code="200"} 5\nrequests_total{code="500"} 2\n');
  monitor = await startMonitor({
    ...cluster,
    signal: new AbortController().signal,
    ruleFiles: [join(folder, 'rules.yml')],
    dashboardsFolder: join(folder, 'dashboards'),
    alertmanagerConfig: join(folder, 'alertmanager.yml'),
    speed: 20,
  });
  api = `${monitor.prometheusUrl}/api/v1`;
  await until(async () => {
    const { result } = await data<{ result: unknown[] }>(`${api}/query?query=a:requests`);
    return result.length > 0;
  }, 'a recorded series');
});

test('case R9: nothing starts with a rule file that Prometheus refuses', async () => {
  const starting = startMonitor({
    ...cluster,
    signal: new AbortController().signal,
    ruleFiles: ['test/fixtures/rules/broken-expr.yaml'],
    dashboardsFolder: join(folder, 'dashboards'),
    alertmanagerConfig: join(folder, 'alertmanager.yml'),
    speed: 20,
  });
  await expect(starting).rejects.toThrow(
    'test/fixtures/rules/broken-expr.yaml:4:34: TillRate: parse error: unexpected end of input',
  );
});

afterAll(async () => {
  await monitor.close();
  cluster.close();
  rmSync(folder, { recursive: true, force: true });
});

const json = async (url: string, init?: RequestInit) => {
  const answer = await fetch(url, init);
  return { status: answer.status, body: (await answer.json()) as unknown };
};
const form = (params: Record<string, string>) => ({ method: 'POST', body: new URLSearchParams(params) });
const posted = (body: unknown) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

describe('the API of Prometheus', () => {
  test('answers queries by GET and by a posted form', async () => {
    const expected = {
      status: 200,
      body: {
        status: 'success',
        data: { resultType: 'vector', result: [{ metric: {}, value: [expect.any(Number), '7'] }] },
      },
    };
    expect(await json(`${api}/query?query=sum(requests_total)`)).toEqual(expected);
    expect(await json(`${api}/query`, form({ query: 'sum(requests_total)' }))).toEqual(expected);
  });

  test('answers scalars, strings, raw samples and ranges in their shapes', async () => {
    expect(await data(`${api}/query?query=1%2B1&time=5`)).toEqual({ resultType: 'scalar', result: [5, '2'] });
    expect(await data(`${api}/query?query="x"&time=5.5`)).toEqual({
      resultType: 'string',
      result: [5.5, 'x'],
    });
    expect(await data(`${api}/query?query=requests_total[1m]`)).toMatchObject({
      resultType: 'matrix',
      result: [{ metric: { code: '200' }, values: expect.arrayContaining([[expect.any(Number), '5']]) }, {}],
    });
    expect(await data(`${api}/query_range?query=vector(time())&start=10&end=30&step=10`)).toEqual({
      resultType: 'matrix',
      result: [
        {
          metric: {},
          values: [
            [10, '10'],
            [20, '20'],
            [30, '30'],
          ],
        },
      ],
    });
    const range = { query: '1', start: '1970-01-01T00:00:10Z', end: '20', step: '10s' };
    expect(await json(`${api}/query_range`, form(range))).toMatchObject({
      body: {
        data: {
          result: [
            {
              metric: {},
              values: [
                [10, '1'],
                [20, '1'],
              ],
            },
          ],
        },
      },
    });
  });

  test.each([
    [
      'query?query=sum(',
      400,
      'bad_data',
      'invalid parameter "query": 1:5: parse error: unexpected end of input',
    ],
    ['query', 400, 'bad_data', 'invalid parameter "query": 1:1: parse error: no expression found in input'],
    [
      'query?query=1&time=soon',
      400,
      'bad_data',
      'invalid parameter "time": cannot parse "soon" to a valid timestamp',
    ],
    ['query?query=topk(1e99,x)', 422, 'execution', 'Scalar value 1e+99 overflows int64'],
    [
      'query?query=up*on(job)requests_total',
      422,
      'execution',
      /duplicate series for the match group|many-to-one/,
    ],
    [
      'query_range?query=x&start=0&end=11001&step=1',
      400,
      'bad_data',
      /^exceeded maximum resolution of 11,000 points/,
    ],
    [
      'query_range?query=x&start=2&end=1&step=1',
      400,
      'bad_data',
      /end timestamp must not be before start time/,
    ],
    ['query_range?query=x&start=1&end=2&step=0', 400, 'bad_data', /zero or negative query resolution step/],
    [
      'query_range?query=x[1m]&start=1&end=2&step=1',
      400,
      'bad_data',
      /invalid expression type "range vector"/,
    ],
    ['series', 400, 'bad_data', 'no match[] parameter provided'],
    ['rules?type=x', 400, 'bad_data', /not supported value "x"/],
  ])('refuses %s as the real one does', async (path, status, errorType, error) => {
    const message = typeof error === 'string' ? error : expect.stringMatching(error);
    expect(await json(`${api}/${path}`)).toEqual({
      status,
      body: { status: 'error', errorType, error: message },
    });
  });

  test('lists series, label names and values, and limits them with a warning', async () => {
    expect(await data(`${api}/series?match[]=requests_total{code="500"}`)).toMatchObject([
      { __name__: 'requests_total', code: '500' },
    ]);
    expect(await data(`${api}/labels?match[]=requests_total`)).toEqual([
      '__name__',
      'app',
      'code',
      'container',
      'instance',
      'job',
      'namespace',
      'node',
      'pod',
    ]);
    expect(await data(`${api}/label/code/values`)).toEqual(['200', '500']);
    expect(await data(`${api}/label/code/values?match[]=nosuch`)).toEqual([]);
    expect(await data(`${api}/label/code/values?end=1`)).toEqual([]);
    expect(await json(`${api}/label/code/values?limit=1`)).toMatchObject({
      body: { data: ['200'], warnings: ['results truncated due to limit'] },
    });
  });

  test('shows rules with state, health and the error of a broken one', async () => {
    const { groups } = await data<{ groups: { rules: Record<string, unknown>[] }[] }>(`${api}/rules`);
    expect(groups).toMatchObject([
      { name: 'shop', interval: 0.25, file: join(folder, 'rules.yml'), limit: 0 },
    ]);
    expect(groups[0]!.rules).toMatchObject([
      { type: 'recording', name: 'a:requests', query: 'sum(requests_total)', health: 'ok' },
      {
        type: 'alerting',
        name: 'Always',
        state: 'firing',
        duration: 0,
        keepFiringFor: 0,
        labels: { owner: 'shop' },
        annotations: {},
        alerts: [{ state: 'firing', value: '1e+00', labels: { alertname: 'Always', owner: 'shop' } }],
      },
      {
        name: 'Broken',
        state: 'inactive',
        health: 'err',
        lastError: expect.stringContaining('found duplicate series for the match group'),
      },
    ]);
    const names = async (filter: string) => {
      const found = await data<{ groups: { rules: { name: string }[] }[] }>(`${api}/rules?${filter}`);
      return found.groups.flatMap(({ rules }) => rules.map(({ name }) => name));
    };
    expect(await names('type=record')).toEqual(['a:requests']);
    expect(await names('rule_name[]=Always')).toEqual(['Always']);
    expect(await names('rule_group[]=other')).toEqual([]);
  });

  test('says in warnings and infos what may be wrong with a question', async () => {
    expect((await json(`${api}/query?query=quantile(2,up)`)).body).toMatchObject({
      warnings: ['PromQL warning: quantile value should be between 0 and 1, got 2 (1:10)'],
    });
    const range = `${api}/query_range?query=rate(up[5m])&start=${Date.now() / 1000 - 60}&end=${Date.now() / 1000}&step=15`;
    expect((await json(range)).body).toMatchObject({
      infos: [expect.stringContaining('metric might not be a counter')],
    });
    expect((await json(`${api}/query?query=up`)).body).not.toHaveProperty('warnings');
  });

  test('tells its state', async () => {
    expect(await data(`${api}/status/buildinfo`)).toMatchObject({ version: expect.stringMatching(/^3\./) });
    expect(await data(`${api}/format_query?query=sum(a)by(b)`)).toBe('sum by (b) (a)');
    expect((await fetch(`${monitor.prometheusUrl}/-/ready`)).status).toBe(200);
    expect((await fetch(`${api}/nosuch`)).status).toBe(404);
    expect((await fetch(`${api}/rules`, { method: 'DELETE' })).status).toBe(405);
  });
});

describe('the API of Alertmanager', () => {
  const get = async <T>(path: string) => (await json(`${monitor.alertmanagerUrl}/api/v2/${path}`)).body as T;

  test('takes alerts and gives them by filter, receiver and group', async () => {
    const alert = {
      labels: { alertname: 'Posted', app: 'x' },
      annotations: { summary: 's' },
      startsAt: new Date().toISOString(),
    };
    expect((await fetch(`${monitor.alertmanagerUrl}/api/v2/alerts`, posted([alert]))).status).toBe(200);
    const found = await get<Record<string, unknown>[]>('alerts?filter=alertname%3D%22Posted%22');
    expect(found).toMatchObject([
      {
        labels: alert.labels,
        receivers: [{ name: 'team' }],
        fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
      },
    ]);
    expect(await get('alerts?receiver=other')).toEqual([]);
    expect(await get('alerts?active=false')).toEqual([]);
    expect(await get('alerts/groups?filter=app%3Dx')).toMatchObject([
      { labels: { alertname: 'Posted' }, receiver: { name: 'team' }, alerts: [{ labels: { app: 'x' } }] },
    ]);
    expect(await get('receivers')).toEqual([{ name: 'team' }]);
    expect(await get('status')).toMatchObject({
      config: { original: expect.stringContaining('receiver: team') },
    });
  });

  test('refuses what is no alert, matcher or silence, with the reason as text', async () => {
    const url = `${monitor.alertmanagerUrl}/api/v2`;
    expect(await json(`${url}/alerts`, posted({ not: 'a list' }))).toMatchObject({
      status: 400,
      body: expect.any(String),
    });
    expect(await json(`${url}/alerts?filter=x`)).toEqual({ status: 400, body: 'bad matcher format: x' });
    expect(await json(`${url}/silences`, posted({}))).toMatchObject({
      status: 400,
      body: expect.stringContaining('silence invalid'),
    });
    expect(await json(`${url}/silence/nope`)).toEqual({ status: 404, body: 'silence nope not found' });
  });

  test('silences an alert and lifts the silence', async () => {
    const url = `${monitor.alertmanagerUrl}/api/v2`;
    const silence = {
      matchers: [{ name: 'alertname', value: 'Always', isRegex: false, isEqual: true }],
      startsAt: new Date().toISOString(),
      endsAt: new Date(Date.now() + 60_000).toISOString(),
      createdBy: 'me',
      comment: 'c',
    };
    const { silenceID } = (await json(`${url}/silences`, posted(silence))).body as { silenceID: string };
    const status = async () =>
      (await get<{ status: unknown }[]>('alerts?filter=alertname%3DAlways'))[0]?.status;
    expect(await status()).toMatchObject({ state: 'suppressed', silencedBy: [silenceID] });
    expect(await get('silences?filter=alertname%3DAlways')).toMatchObject([
      { id: silenceID, status: { state: 'active' } },
    ]);
    expect((await fetch(`${url}/silence/${silenceID}`, { method: 'DELETE' })).status).toBe(200);
    expect(await status()).toMatchObject({ state: 'active', silencedBy: [] });
  });
});

describe('the paths of Grafana', () => {
  const get = async (path: string) => (await json(`${monitor.grafanaUrl}/api/${path}`)).body;

  test('lists and gives dashboards', async () => {
    expect(await get('health')).toMatchObject({ database: 'ok' });
    expect(await get('search?type=dash-db')).toMatchObject([
      { uid: 'edge' },
      { uid: 'shop-overview', url: '/d/shop-overview/shop-overview' },
    ]);
    expect(await get('search?query=over&tag=shop')).toMatchObject([
      { title: 'Shop overview', type: 'dash-db', tags: ['shop'] },
    ]);
    expect(await get('dashboards/uid/edge')).toMatchObject({
      dashboard: { uid: 'edge', title: 'Edge', panels: [] },
      meta: { slug: 'edge' },
    });
    expect(await json(`${monitor.grafanaUrl}/api/dashboards/uid/x`)).toEqual({
      status: 404,
      body: { message: 'Dashboard not found' },
    });
  });

  test('hands queries on to its data source', async () => {
    const [source] = (await get('datasources')) as { uid: string; type: string }[];
    expect(source).toMatchObject({ type: 'prometheus', isDefault: true });
    const proxy = `datasources/proxy/uid/${source!.uid}/api/v1/query`;
    const expected = { status: 'success', data: { result: [{ value: [expect.any(Number), '7'] }] } };
    expect(await get(`${proxy}?query=sum(requests_total)`)).toMatchObject(expected);
    const { body } = await json(`${monitor.grafanaUrl}/api/${proxy}`, form({ query: 'sum(requests_total)' }));
    expect(body).toMatchObject(expected);
    expect(await json(`${monitor.grafanaUrl}/api/datasources/proxy/uid/other/api/v1/query`)).toMatchObject({
      status: 404,
    });
  });

  test('answers panels with frames, and a wrong expression with its error', async () => {
    const ask = (queries: unknown[]) =>
      json(`${monitor.grafanaUrl}/api/ds/query`, posted({ queries, from: 'now-5m', to: 'now' }));
    const { status, body } = await ask([
      {
        refId: 'A',
        expr: 'sum by (code) (requests_total)',
        legendFormat: 'code {{code}}',
        maxDataPoints: 100_000,
        intervalMs: 200,
      },
      { refId: 'B', expr: 'sum(requests_total)', instant: true },
    ]);
    expect(status).toBe(200);
    const { results } = body as { results: Record<string, { frames: { data: { values: number[][] } }[] }> };
    expect(results.A!.frames).toMatchObject([
      { schema: { name: 'code 200', refId: 'A' } },
      { schema: { name: 'code 500' } },
    ]);
    expect(results.A!.frames[0]!.data.values[1]).toContain(5);
    expect(results.B!.frames[0]!.data.values[1]).toEqual([7]);
    expect(await ask([{ refId: 'A', expr: 'sum(' }])).toMatchObject({
      status: 400,
      body: { results: { A: { status: 400, error: '1:5: parse error: unexpected end of input' } } },
    });
  });

  test('keeps annotations', async () => {
    const note = { dashboardUID: 'edge', text: 'restarted', tags: ['note'], time: 1000 };
    expect(await json(`${monitor.grafanaUrl}/api/annotations`, posted(note))).toEqual({
      status: 200,
      body: { id: 1, message: 'Annotation added' },
    });
    expect(await get('annotations?dashboardUID=edge&tags=note')).toMatchObject([note]);
    expect(await get('annotations?from=2000')).toEqual([]);
    expect(await json(`${monitor.grafanaUrl}/api/annotations`, posted({}))).toMatchObject({ status: 400 });
  });
});

describe('requests of web pages', () => {
  // fetch sets Host itself: as a browser, it sends what it is told in Origin only.
  const asked = (url: string, headers: Record<string, string>, method = 'GET') =>
    new Promise<number | undefined>((resolve, reject) => {
      request(url, { method, headers }, (answer) => resolve(answer.resume().statusCode))
        .on('error', reject)
        .end(method === 'POST' ? '{}' : undefined);
    });

  test('no server answers for another host', async () => {
    for (const url of [monitor.prometheusUrl, monitor.alertmanagerUrl, monitor.grafanaUrl]) {
      expect(await asked(`${url}/-/healthy`, { host: 'evil.example' })).toBe(403);
      expect(await asked(`${url}/nothing`, { host: `localhost:${new URL(url).port}` })).toBe(404);
    }
  });

  test('no page of another origin makes a silence', async () => {
    const url = `${monitor.alertmanagerUrl}/api/v2/silences`;
    expect(await asked(url, { origin: 'https://evil.example' }, 'POST')).toBe(403);
    expect(await asked(url, { 'sec-fetch-site': 'cross-site' }, 'POST')).toBe(403);
    expect(await asked(url, { 'content-type': 'text/plain' }, 'POST')).toBe(415);
    expect(await asked(url, { 'content-type': 'application/json' }, 'POST')).toBe(400);
  });
});
