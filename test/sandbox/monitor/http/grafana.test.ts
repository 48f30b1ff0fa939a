import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { form, json, posted, smallMonitor } from './small-monitor.ts';

const on = smallMonitor();

describe('the paths of Grafana', () => {
  const get = async (path: string) => (await json(`${on.monitor.grafanaUrl}/api/${path}`)).body;

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
    expect(await json(`${on.monitor.grafanaUrl}/api/dashboards/uid/x`)).toEqual({
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
    const { body } = await json(
      `${on.monitor.grafanaUrl}/api/${proxy}`,
      form({ query: 'sum(requests_total)' }),
    );
    expect(body).toMatchObject(expected);
    expect(await json(`${on.monitor.grafanaUrl}/api/datasources/proxy/uid/other/api/v1/query`)).toMatchObject(
      {
        status: 404,
      },
    );
  });

  test('answers panels with frames, and a wrong expression with its error', async () => {
    const ask = (queries: unknown[]) =>
      json(`${on.monitor.grafanaUrl}/api/ds/query`, posted({ queries, from: 'now-5m', to: 'now' }));
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
    expect(await json(`${on.monitor.grafanaUrl}/api/annotations`, posted(note))).toEqual({
      status: 200,
      body: { id: 1, message: 'Annotation added' },
    });
    expect(await get('annotations?dashboardUID=edge&tags=note')).toMatchObject([note]);
    expect(await get('annotations?from=2000')).toEqual([]);
    expect(await json(`${on.monitor.grafanaUrl}/api/annotations`, posted({}))).toMatchObject({ status: 400 });
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
    for (const url of [on.monitor.prometheusUrl, on.monitor.alertmanagerUrl, on.monitor.grafanaUrl]) {
      expect(await asked(`${url}/-/healthy`, { host: 'evil.example' })).toBe(403);
      expect(await asked(`${url}/nothing`, { host: `localhost:${new URL(url).port}` })).toBe(404);
    }
  });

  test('no page of another origin makes a silence', async () => {
    const url = `${on.monitor.alertmanagerUrl}/api/v2/silences`;
    expect(await asked(url, { origin: 'https://evil.example' }, 'POST')).toBe(403);
    expect(await asked(url, { 'sec-fetch-site': 'cross-site' }, 'POST')).toBe(403);
    expect(await asked(url, { 'content-type': 'text/plain' }, 'POST')).toBe(415);
    expect(await asked(url, { 'content-type': 'application/json' }, 'POST')).toBe(400);
  });
});
