import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Cluster } from '../../src/cluster/cluster.ts';
import { connectAlertmanager } from '../../src/signal/alertmanager.ts';
import { connectGrafana } from '../../src/signal/grafana.ts';
import { connectMonitoring } from '../../src/signal/monitoring.ts';
import { connectPrometheus } from '../../src/signal/prometheus.ts';
import { answering } from './http-server.ts';

let server: Awaited<ReturnType<typeof answering>> | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});
const serve = async (...given: Parameters<typeof answering>) => {
  server = await answering(...given);
  return server;
};
const success = (data: unknown) => ({ body: { status: 'success', data } });

describe('Prometheus', () => {
  it('gives samples, with the numbers that JSON has no words for', async () => {
    const { url, asked } = await serve(() =>
      success({
        resultType: 'vector',
        result: [
          { metric: { job: 'a' }, value: [10.5, '1.5'] },
          { metric: { job: 'b' }, value: [10.5, '+Inf'] },
          { metric: { job: 'c' }, value: [10.5, 'NaN'] },
        ],
      }),
    );
    const samples = await connectPrometheus({ url }).query('up', { at: 10.5 });
    expect(samples).toEqual([
      { labels: { job: 'a' }, at: 10.5, value: 1.5 },
      { labels: { job: 'b' }, at: 10.5, value: Number.POSITIVE_INFINITY },
      { labels: { job: 'c' }, at: 10.5, value: Number.NaN },
    ]);
    expect(asked[0]?.parameters.toString()).toBe('query=up&time=10.5');
  });

  it('gives a scalar as one sample', async () => {
    const { url } = await serve(() => success({ resultType: 'scalar', result: [1, '2'] }));
    expect(await connectPrometheus({ url }).query('2')).toEqual([{ labels: {}, at: 1, value: 2 }]);
  });

  it('gives series, rules and alerts', async () => {
    const rule = {
      type: 'alerting',
      name: 'Slow',
      query: 'x > 1',
      duration: 30,
      health: 'ok',
      labels: { severity: 'page' },
    };
    const alert = {
      labels: { alertname: 'Slow' },
      annotations: {},
      state: 'firing',
      activeAt: '2026-11-22T00:00:00Z',
      value: '2e+00',
    };
    const { url } = await serve(({ path }) => {
      if (path.endsWith('query_range')) {
        return success({
          resultType: 'matrix',
          result: [
            {
              metric: { a: 'b' },
              values: [
                [1, '2'],
                [2, '3'],
              ],
            },
          ],
        });
      }
      if (path.endsWith('rules'))
        return success({ groups: [{ name: 'g', file: 'f', interval: 5, rules: [rule] }] });
      return success({ alerts: [alert] });
    });
    const prometheus = connectPrometheus({ url });
    const range = { start: 1, end: 2, step: 1 };
    expect(await prometheus.queryRange('x', range)).toEqual([
      {
        labels: { a: 'b' },
        points: [
          [1, 2],
          [2, 3],
        ],
      },
    ]);
    const { alerting } = await prometheus.rules();
    expect(alerting[0]).toMatchObject({
      name: 'Slow',
      for: 30,
      keepFiringFor: 0,
      interval: 5,
      group: 'g',
      annotations: {},
    });
    expect(await prometheus.alerts()).toEqual([
      {
        name: 'Slow',
        state: 'firing',
        labels: alert.labels,
        annotations: {},
        activeAt: Date.UTC(2026, 10, 22),
        value: 2,
      },
    ]);
  });

  it('tells its own error with the query', async () => {
    const { url } = await serve(() => ({
      status: 400,
      body: { status: 'error', errorType: 'bad_data', error: 'parse error' },
    }));
    await expect(connectPrometheus({ url }).query('rate(')).rejects.toMatchObject({
      code: 'prometheus-error',
      message: 'Prometheus says: parse error (query: rate()',
    });
  });

  it('that is a web page, silent or not there is unavailable', async () => {
    const { url } = await serve(({ path }) =>
      path.endsWith('query') ? { status: 200, body: '<html>' } : undefined,
    );
    const unavailable = { code: 'prometheus-unavailable', exitCode: 4 };
    await expect(connectPrometheus({ url }).query('up')).rejects.toMatchObject(unavailable);
    await expect(connectPrometheus({ url, timeoutMs: 100 }).alerts()).rejects.toMatchObject(unavailable);
    await server!.close();
    server = undefined;
    await expect(connectPrometheus({ url }).query('up')).rejects.toMatchObject(unavailable);
  });

  it('is left alone when the signal aborts', async () => {
    const { url } = await serve(() => undefined);
    const stop = new AbortController();
    const query = connectPrometheus({ url }).query('up', { signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(query).rejects.toThrow('enough');
  });

  it('gets the headers and the token of a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'token-'));
    const tokenFile = join(folder, 'token');
    writeFileSync(tokenFile, 'secret\n');
    const { url, asked } = await serve(() => success({ resultType: 'vector', result: [] }));
    await connectPrometheus({ url, tokenFile, headers: { 'X-Scope-OrgID': 'team' } }).query('up');
    expect(asked[0]?.headers).toMatchObject({ authorization: 'Bearer secret', 'x-scope-orgid': 'team' });
    rmSync(folder, { recursive: true });
  });

  it('in the cluster is reached through the API server', async () => {
    const paths: string[] = [];
    const raw: Cluster['raw'] = async (path) => {
      paths.push(path);
      return { status: 200, body: JSON.stringify({ status: 'success', data: { version: '3.5.0' } }) };
    };
    const cluster = { server: 'https://api', raw } as unknown as Cluster;
    const { prometheus } = connectMonitoring(
      { prometheus: { service: 'monitoring/prometheus-operated:9090' } },
      cluster,
    );
    expect(await prometheus.buildInfo()).toEqual({ version: '3.5.0' });
    expect(paths).toEqual([
      '/api/v1/namespaces/monitoring/services/prometheus-operated:9090/proxy/api/v1/status/buildinfo',
    ]);
  });
});

describe('Alertmanager', () => {
  it('gives alerts with their receivers and why they are quiet', async () => {
    const raw = {
      labels: { alertname: 'Slow' },
      startsAt: '2026-11-22T00:00:00Z',
      endsAt: '0001-01-01T00:00:00Z',
      fingerprint: 'f',
      receivers: [{ name: 'checkout' }],
      status: { state: 'suppressed', silencedBy: ['s'], inhibitedBy: [] },
    };
    const { url } = await serve(({ path }) => ({
      body: path.endsWith('receivers') ? [{ name: 'checkout' }] : [raw],
    }));
    const alertmanager = connectAlertmanager({ url });
    const [alert] = await alertmanager.alerts();
    expect(alert).toEqual({
      labels: { alertname: 'Slow' },
      annotations: {},
      startsAt: Date.UTC(2026, 10, 22),
      state: 'suppressed',
      silencedBy: ['s'],
      inhibitedBy: [],
      mutedBy: [],
      receivers: ['checkout'],
      fingerprint: 'f',
    });
    expect(await alertmanager.receivers()).toEqual(['checkout']);
  });

  it('gives where alerts go, and what of it is not understood without the keys that it holds', async () => {
    let original =
      'route: { receiver: a }\nreceivers: [{ name: a, pagerduty_configs: [{ routing_key: hush }] }]';
    const { url } = await serve(() => ({ body: { config: { original } } }));
    const alertmanager = connectAlertmanager({ url });
    const config = await alertmanager.routes();
    expect(config.receivers).toMatchObject([{ name: 'a', integrations: [{ name: 'pagerduty' }] }]);
    expect(JSON.stringify(config)).not.toContain('hush');
    original = 'receivers: [{ name: hush }]';
    const failure = await alertmanager.routes().catch((error) => error);
    expect(failure).toMatchObject({ code: 'unreadable-routes' });
    expect(failure.message).toMatch(/is not understood\. alertmanager\.yml:1:1: route: (?!.*hush)/);
  });
});

describe('Grafana', () => {
  it('gives dashboards by uid, and its own error for one that is not there', async () => {
    const { url } = await serve(({ path }) => {
      if (path === '/api/search') return { body: [{ uid: 'edge', title: 'Edge' }] };
      if (path.endsWith('/edge'))
        return { body: { dashboard: { uid: 'edge', title: 'Edge', panels: [] }, meta: {} } };
      return { status: 404, body: { message: 'Dashboard not found' } };
    });
    const grafana = connectGrafana({ url });
    expect(await grafana.search()).toEqual([{ uid: 'edge', title: 'Edge', tags: [] }]);
    expect((await grafana.dashboard('edge')).model).toMatchObject({ title: 'Edge' });
    await expect(grafana.dashboard('none')).rejects.toMatchObject({
      code: 'grafana-error',
      message: expect.stringContaining('Dashboard not found'),
    });
  });
});
