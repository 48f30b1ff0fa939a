import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { realClock } from '../../src/clock.ts';
import { loadCredentials } from '../../src/cluster/connection/credentials.ts';
import { responderMonitoring } from '../../src/game/start/responder-monitoring.ts';
import type { Action } from '../../src/recorder/action.ts';
import type { MonitorTarget } from '../../src/recorder/monitor-proxy.ts';
import { type Recorder, startRecorder } from '../../src/recorder/recorder.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Received {
  method?: string;
  url?: string;
  authorization?: string;
  tenant?: string;
  body: string;
}

/** A server that keeps what it is asked; for the recorder it is an API server, or a Prometheus. */
async function startServer(
  answer: (method: string | undefined, url: string | undefined) => string = () => '{"status":"success"}',
): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method, url, headers } = request;
    received.push({
      method,
      url,
      authorization: headers.authorization,
      ...(headers['x-scope-orgid'] && { tenant: String(headers['x-scope-orgid']) }),
      body: Buffer.concat(chunks).toString(),
    });
    response.end(answer(method, url));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

async function startRecorderBefore(
  prometheus: string | MonitorTarget,
  api: string,
  more: { alertmanager?: MonitorTarget; grafana?: MonitorTarget } = {},
): Promise<{ recorder: Recorder; actions: Action[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'monitor-'));
  closing.push(() => rmSync(folder, { recursive: true, force: true }));
  const kubeconfig = join(folder, 'config');
  const cluster = { name: 'staging', cluster: { server: api, 'insecure-skip-tls-verify': true } };
  writeFileSync(
    kubeconfig,
    stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [cluster],
      users: [{ name: 'alex', user: { token: 'alex-own' } }],
      contexts: [{ name: 'staging', context: { cluster: 'staging', user: 'alex' } }],
    }),
  );
  const actions: Action[] = [];
  const recorder = await startRecorder({
    credentials: await loadCredentials({ kubeconfig, context: 'staging' }),
    monitoring: { prometheus: typeof prometheus === 'string' ? { url: prometheus } : prometheus, ...more },
    sink: { actions: async (batch) => void actions.push(...batch), preimages: async () => undefined },
    who: 'alex',
    clock: realClock,
    folder: join(folder, 'recorder'),
  });
  closing.push(() => recorder.close());
  return { recorder, actions };
}

const proxied = '/api/v1/namespaces/monitoring/services/prometheus:9090/proxy';
const ask = (recorder: Recorder, headers: Record<string, string> = {}) =>
  fetch(`${recorder.env.PROMETHEUS_URL}/api/v1/query`, {
    method: 'POST',
    body: new URLSearchParams({ query: 'up == 0' }),
    headers,
  });

it('reaches a Prometheus behind the API server with the responder’s own credentials, and sees the query', async () => {
  const api = await startServer();
  const { recorder, actions } = await startRecorderBefore(api.url + proxied, api.url);
  expect((await ask(recorder)).status).toBe(200);
  expect(api.received).toEqual([
    {
      method: 'POST',
      url: `${proxied}/api/v1/query`,
      authorization: 'Bearer alex-own',
      body: 'query=up+%3D%3D+0',
    },
  ]);
  await expect.poll(() => actions.map(({ title }) => title)).toEqual(['query up == 0']);
});

it('never hands a header meant for Prometheus to the API server as a token', async () => {
  const api = await startServer();
  const { recorder } = await startRecorderBefore(api.url + proxied, api.url);
  await ask(recorder, { authorization: 'Bearer of-prometheus' });
  expect(api.received[0]?.authorization).toBe('Bearer alex-own');
});

it('keeps the credentials of the cluster to itself where Prometheus is elsewhere', async () => {
  const [api, prometheus] = [await startServer(), await startServer()];
  const { recorder } = await startRecorderBefore(prometheus.url, api.url);
  await ask(recorder);
  expect(api.received).toEqual([]);
  expect(prometheus.received).toMatchObject([{ url: '/api/v1/query', authorization: undefined }]);
});

it('adds headers and the token of the file, read anew, and shows neither', async () => {
  const [api, prometheus] = [await startServer(), await startServer()];
  const folder = mkdtempSync(join(tmpdir(), 'token-'));
  closing.push(() => rmSync(folder, { recursive: true, force: true }));
  const tokenFile = join(folder, 'token');
  const { recorder, actions } = await startRecorderBefore(
    { url: prometheus.url, headers: { 'x-scope-orgid': 'tenant-7' }, tokenFile },
    api.url,
  );
  writeFileSync(tokenFile, 'first-secret\n');
  await ask(recorder);
  writeFileSync(tokenFile, 'second-secret\n');
  await ask(recorder);
  await ask(recorder, { authorization: 'Bearer my-own' });
  expect(prometheus.received.map(({ authorization, tenant }) => [authorization, tenant])).toEqual([
    ['Bearer first-secret', 'tenant-7'],
    ['Bearer second-secret', 'tenant-7'],
    ['Bearer my-own', 'tenant-7'],
  ]);
  rmSync(tokenFile);
  const answer = await ask(recorder);
  expect([answer.status, await answer.text()]).toEqual([
    502,
    expect.stringContaining(`the token file ${tokenFile} of prometheus cannot be read`),
  ]);
  await expect.poll(() => actions).not.toEqual([]);
  expect(JSON.stringify([actions, recorder.env])).not.toMatch(/secret|tenant-7|my-own/);
});

it('hands on which cluster of which misfortune.yaml it is, and reads the secrets there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'config-'));
  closing.push(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'misfortune.yaml');
  writeFileSync(
    file,
    `apiVersion: misfortune/v1
kind: Config
clusters:
  staging:
    context: staging
    namespaces: [shop]
    prometheus: { url: 'https://prometheus.example', headers: { X-Scope-OrgID: tenant-7 } }
    grafana: { url: 'https://grafana.example', tokenFile: ./grafana-token }
`,
  );
  const access = {
    kubeconfig: '',
    context: 'staging',
    namespace: 'shop',
    prometheus: 'https://prometheus.example',
    grafana: 'https://grafana.example',
    config: { file, cluster: 'staging' },
  };
  expect(await responderMonitoring(access)).toEqual({
    prometheus: { url: 'https://prometheus.example', headers: { 'X-Scope-OrgID': 'tenant-7' } },
    grafana: { url: 'https://grafana.example', tokenFile: join(folder, 'grafana-token') },
  });
});

it.each([
  ['alertmanager', ''],
  ['grafana', '/api/alertmanager/grafana'],
] as const)(
  'says what was silenced and until when, and what is not any more, through %s',
  async (kind, path) => {
    const silence = {
      matchers: [
        { name: 'alertname', value: 'CheckoutLatencyHigh', isRegex: false, isEqual: true },
        { name: 'team', value: 'a|b', isRegex: true },
      ],
      endsAt: '2026-11-28T14:05:30.000Z',
      comment: 'known',
    };
    const server = await startServer((method) =>
      method === 'GET' ? JSON.stringify(silence) : '{"silenceID":"1"}',
    );
    const { recorder, actions } = await startRecorderBefore(server.url, server.url, {
      [kind]: { url: server.url },
    });
    const base = recorder.env[`${kind.toUpperCase()}_URL`] + path;
    const headers = { 'content-type': 'application/json' };
    await fetch(`${base}/api/v2/silences`, { method: 'POST', headers, body: JSON.stringify(silence) });
    await fetch(`${base}/api/v2/silence/5f0c`, { method: 'DELETE' });
    const what = 'alertname="CheckoutLatencyHigh", team=~"a|b" until 14:05 UTC ("known")';
    await expect
      .poll(() => actions.map(({ title, effect }) => `${effect}: ${title}`))
      .toEqual([`mutate: silence ${what}`, `mutate: expire the silence of ${what}`]);
  },
);

it('a proxy serves its own host, takes no write from a page of another origin, and passes on its own page as one of the server', async () => {
  const { url, received } = await startServer();
  const { recorder } = await startRecorderBefore(url, url);
  const own = recorder.env.PROMETHEUS_URL ?? '';
  const asked = (headers: Record<string, string>, method = 'GET') =>
    new Promise<number | undefined>((resolve, reject) => {
      http
        .request(`${own}/api/v1/query?query=up`, { method, headers }, (answer) =>
          resolve(answer.resume().statusCode),
        )
        .on('error', reject)
        .end();
    });
  expect(await asked({ host: 'evil.example' })).toBe(403);
  expect(await asked({ origin: 'https://evil.example' }, 'POST')).toBe(403);
  expect(received).toEqual([]);
  expect(await asked({ origin: own }, 'POST')).toBe(200);
  expect(received).toHaveLength(1);
});

it('records each query that Grafana hands on by what it asks: PromQL, logs, traces', async () => {
  const { url } = await startServer();
  const { recorder, actions } = await startRecorderBefore(url, url, { grafana: { url } });
  const grafana = recorder.env.GRAFANA_URL ?? '';
  const queries = [
    { refId: 'A', expr: 'up == 0', datasource: { type: 'prometheus', uid: 'p' } },
    { refId: 'B', expr: '{app="edge"} |= "refused"', datasource: { type: 'loki', uid: 'l' } },
    { refId: 'C', query: '{ duration > 1s }', datasource: { type: 'tempo', uid: 't' } },
    { refId: 'D', expr: 'rate(x[1m])' },
    { refId: 'E', expression: 'A', datasource: { type: '__expr__', uid: '__expr__' } },
    null,
  ];
  const headers = { 'content-type': 'application/json' };
  await fetch(`${grafana}/api/ds/query`, { method: 'POST', headers, body: JSON.stringify({ queries }) });
  const loki = '/api/datasources/proxy/uid/l/loki/api/v1/query_range';
  await fetch(`${grafana}${loki}?query=${encodeURIComponent('{app="db"}')}`);
  await expect
    .poll(() => actions.map(({ surface, title, promql }) => [surface, title, promql?.metrics]))
    .toEqual([
      ['prometheus', 'query up == 0', ['up']],
      ['grafana', 'query loki {app="edge"} |= "refused"', undefined],
      ['grafana', 'query tempo { duration > 1s }', undefined],
      ['prometheus', 'query rate(x[1m])', ['x']],
      ['grafana', 'query loki {app="db"}', undefined],
    ]);
});

it.each(['{"queries":{}}', '{"queries":[3]}', 'null', '{'])(
  'passes on a query that is none: %s',
  async (body) => {
    const { url, received } = await startServer();
    const { recorder, actions } = await startRecorderBefore(url, url, { grafana: { url } });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${recorder.env.GRAFANA_URL}/api/ds/query`, { method: 'POST', headers, body });
    expect([answer.status, received.length, actions]).toEqual([200, 1, []]);
  },
);
