import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startMonitor } from '../../../../src/sandbox/monitor/start.ts';
import { data } from '../cluster.ts';
import { form, json, posted, smallMonitor } from './small-monitor.ts';

const on = smallMonitor();

test('case R9: nothing starts with a rule file that Prometheus refuses', async () => {
  const starting = startMonitor({
    ...on.cluster,
    signal: new AbortController().signal,
    ruleFiles: ['test/fixtures/rules/broken-expr.yaml'],
    dashboardsFolder: join(on.folder, 'dashboards'),
    alertmanagerConfig: join(on.folder, 'alertmanager.yml'),
    speed: 20,
  });
  await expect(starting).rejects.toThrow(
    'test/fixtures/rules/broken-expr.yaml:4:34: TillRate: parse error: unexpected end of input',
  );
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
    expect(await json(`${on.api}/query?query=sum(requests_total)`)).toEqual(expected);
    expect(await json(`${on.api}/query`, form({ query: 'sum(requests_total)' }))).toEqual(expected);
  });

  test('answers scalars, strings, raw samples and ranges in their shapes', async () => {
    expect(await data(`${on.api}/query?query=1%2B1&time=5`)).toEqual({
      resultType: 'scalar',
      result: [5, '2'],
    });
    expect(await data(`${on.api}/query?query="x"&time=5.5`)).toEqual({
      resultType: 'string',
      result: [5.5, 'x'],
    });
    expect(await data(`${on.api}/query?query=requests_total[1m]`)).toMatchObject({
      resultType: 'matrix',
      result: [{ metric: { code: '200' }, values: expect.arrayContaining([[expect.any(Number), '5']]) }, {}],
    });
    expect(await data(`${on.api}/query_range?query=vector(time())&start=10&end=30&step=10`)).toEqual({
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
    expect(await json(`${on.api}/query_range`, form(range))).toMatchObject({
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
    expect(await json(`${on.api}/${path}`)).toEqual({
      status,
      body: { status: 'error', errorType, error: message },
    });
  });

  test('lists series, label names and values, and limits them with a warning', async () => {
    expect(await data(`${on.api}/series?match[]=requests_total{code="500"}`)).toMatchObject([
      { __name__: 'requests_total', code: '500' },
    ]);
    expect(await data(`${on.api}/labels?match[]=requests_total`)).toEqual([
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
    expect(await data(`${on.api}/label/code/values`)).toEqual(['200', '500']);
    expect(await data(`${on.api}/label/code/values?match[]=nosuch`)).toEqual([]);
    expect(await data(`${on.api}/label/code/values?end=1`)).toEqual([]);
    expect(await json(`${on.api}/label/code/values?limit=1`)).toMatchObject({
      body: { data: ['200'], warnings: ['results truncated due to limit'] },
    });
  });

  test('shows rules with state, health and the error of a broken one', async () => {
    const { groups } = await data<{ groups: { rules: Record<string, unknown>[] }[] }>(`${on.api}/rules`);
    expect(groups).toMatchObject([
      { name: 'shop', interval: 0.25, file: join(on.folder, 'rules.yml'), limit: 0 },
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
      const found = await data<{ groups: { rules: { name: string }[] }[] }>(`${on.api}/rules?${filter}`);
      return found.groups.flatMap(({ rules }) => rules.map(({ name }) => name));
    };
    expect(await names('type=record')).toEqual(['a:requests']);
    expect(await names('rule_name[]=Always')).toEqual(['Always']);
    expect(await names('rule_group[]=other')).toEqual([]);
  });

  test('says in warnings and infos what may be wrong with a question', async () => {
    expect((await json(`${on.api}/query?query=quantile(2,up)`)).body).toMatchObject({
      warnings: ['PromQL warning: quantile value should be between 0 and 1, got 2 (1:10)'],
    });
    const range = `${on.api}/query_range?query=rate(up[5m])&start=${Date.now() / 1000 - 60}&end=${Date.now() / 1000}&step=15`;
    expect((await json(range)).body).toMatchObject({
      infos: [expect.stringContaining('metric might not be a counter')],
    });
    expect((await json(`${on.api}/query?query=up`)).body).not.toHaveProperty('warnings');
  });

  test('tells its state', async () => {
    expect(await data(`${on.api}/status/buildinfo`)).toMatchObject({
      version: expect.stringMatching(/^3\./),
    });
    expect(await data(`${on.api}/format_query?query=sum(a)by(b)`)).toBe('sum by (b) (a)');
    expect((await fetch(`${on.monitor.prometheusUrl}/-/ready`)).status).toBe(200);
    expect((await fetch(`${on.api}/nosuch`)).status).toBe(404);
    expect((await fetch(`${on.api}/rules`, { method: 'DELETE' })).status).toBe(405);
  });
});

describe('the API of Alertmanager', () => {
  const get = async <T>(path: string) =>
    (await json(`${on.monitor.alertmanagerUrl}/api/v2/${path}`)).body as T;

  test('takes alerts and gives them by filter, receiver and group', async () => {
    const alert = {
      labels: { alertname: 'Posted', app: 'x' },
      annotations: { summary: 's' },
      startsAt: new Date().toISOString(),
    };
    expect((await fetch(`${on.monitor.alertmanagerUrl}/api/v2/alerts`, posted([alert]))).status).toBe(200);
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
    const url = `${on.monitor.alertmanagerUrl}/api/v2`;
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
    const url = `${on.monitor.alertmanagerUrl}/api/v2`;
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
