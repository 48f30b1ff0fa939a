import { afterEach, describe, expect, it } from 'vitest';
import { connectMonitoring } from '../../src/signal/monitoring.ts';
import { MergedAlerts, readAllAlerts, readAllRules } from '../../src/signal/rules/all.ts';
import { isPromql } from '../../src/signal/rules/language.ts';
import type { AlertInstance } from '../../src/signal/series.ts';
import { type Asked, answering } from './http-server.ts';

const servers: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((one) => one.close()));
});

type Given = { status?: number; body: unknown };

/** Answers the paths that are given, and 404 to all others. */
async function serve(paths: Record<string, Given | ((asked: Asked) => Given)>) {
  const server = await answering((asked) => {
    const given = paths[asked.path] ?? { status: 404, body: '404 page not found' };
    return typeof given === 'function' ? given(asked) : given;
  });
  servers.push(server);
  return server;
}
const success = (data: unknown): Given => ({ body: { status: 'success', data } });
const groups = (...rules: object[]) => success({ groups: [{ name: 'g', file: 'f', interval: 60, rules }] });
const alerting = (name: string, query: string, rest: object = {}) => ({
  ...{ type: 'alerting', name, query, state: 'inactive', health: 'ok', duration: 60, alerts: [] },
  ...{ labels: {}, annotations: {}, ...rest },
});
const firing = (labels: Record<string, string>, state = 'firing') => ({
  ...{ labels, annotations: {}, state, activeAt: '2026-11-22T00:00:00Z', value: '1e+00' },
});
const own = () =>
  serve({
    '/api/v1/rules': groups(alerting('Slow', 'p95 > 0.5')),
    '/api/v1/alerts': success({ alerts: [firing({ alertname: 'Slow' })] }),
  });

describe('the rules of other evaluators', () => {
  it('of a Mimir are found under /prometheus, with the tenant’s header', async () => {
    const [prometheus, mimir] = [
      await own(),
      await serve({
        '/prometheus/api/v1/rules': ({ headers }) =>
          headers['x-scope-orgid'] === 'team-a'
            ? groups(alerting('TillsBusy', 'sum(rate(sales[5m])) > 9', { labels: { team: 'a' } }))
            : { status: 401, body: 'no org id' },
        '/prometheus/api/v1/alerts': success({ alerts: [firing({ alertname: 'TillsBusy' }, 'pending')] }),
      }),
    ];
    const connect = (headers?: Record<string, string>) =>
      connectMonitoring({
        prometheus: { url: prometheus.url },
        rulers: [{ url: mimir.url, name: 'mimir', headers }],
      });
    const monitoring = connect({ 'X-Scope-OrgID': 'team-a' });
    const rules = await readAllRules(monitoring);
    expect(rules.alerting).toMatchObject([
      { name: 'Slow' },
      { name: 'TillsBusy', for: 60, interval: 60, labels: { team: 'a' }, ruler: 'ruler mimir' },
    ]);
    expect(rules.alerting[0]).not.toHaveProperty('ruler');
    expect(rules.alerting[1]).not.toHaveProperty('notPromql');
    expect((await readAllAlerts(monitoring)).map(({ name, state }) => [name, state])).toEqual([
      ['Slow', 'firing'],
      ['TillsBusy', 'pending'],
    ]);
    // Without a tenant it costs this ruler, and says what is missing.
    const without = await readAllRules(connect());
    expect(without.alerting.map(({ name }) => name)).toEqual(['Slow']);
    expect(without.silent).toMatchObject([
      {
        part: 'ruler mimir',
        why: { code: 'ruler-unavailable', todo: 'Name the tenant under headers: X-Scope-OrgID.' },
      },
    ]);
  });

  it.each(['', '/', '/prometheus', '/prometheus/', '/prometheus/api/v1/rules'])(
    'are found by the address of a Mimir with %j behind it',
    async (behind) => {
      const mimir = await serve({ '/prometheus/api/v1/rules': groups(alerting('A', 'up == 0')) });
      const { url } = await own();
      const rulers = [{ url: mimir.url + behind }];
      const { alerting: found, silent } = await readAllRules(
        connectMonitoring({ prometheus: { url }, rulers }),
      );
      expect(silent).toEqual([]);
      expect(found.map(({ name }) => name)).toEqual(['Slow', 'A']);
    },
  );

  it('of two tenants of one Mimir are told apart by the tenant', async () => {
    const mimir = await serve({
      '/prometheus/api/v1/rules': ({ headers }) =>
        groups(alerting('Busy', 'sales > 9', { labels: { tenant: headers['x-scope-orgid'] } })),
      '/prometheus/api/v1/alerts': ({ headers }) =>
        success({ alerts: [firing({ alertname: 'Busy', tenant: String(headers['x-scope-orgid']) })] }),
    });
    const { url } = await own();
    const rulers = ['a', 'b'].map((tenant) => ({ url: mimir.url, headers: { 'X-Scope-OrgID': tenant } }));
    const monitoring = connectMonitoring({ prometheus: { url }, rulers });
    const address = mimir.url.replace('http://', '');
    expect(monitoring.rulers?.map(({ part }) => part)).toEqual([
      `ruler ${address} of a`,
      `ruler ${address} of b`,
    ]);
    expect((await readAllAlerts(monitoring)).map(({ labels }) => labels.tenant)).toEqual([
      ...[undefined, 'a', 'b'],
    ]);
  });

  it('of a Cortex, whose /api/v1/rules is YAML for people, are found under /prometheus', async () => {
    const cortex = await serve({
      '/api/v1/rules': { body: 'team-a:\n  - name: g\n    rules: []\n' },
      '/prometheus/api/v1/rules': groups(alerting('A', 'up == 0')),
    });
    const { url } = await own();
    const monitoring = connectMonitoring({ prometheus: { url }, rulers: [{ url: cortex.url }] });
    expect((await readAllRules(monitoring)).alerting.map(({ name }) => name)).toEqual(['Slow', 'A']);
  });

  it('of a Thanos are there once, if Prometheus tells them as well; so are their alerts', async () => {
    const external = { cluster: 'staging', replica: 'a' };
    const thanos = await serve({
      '/api/v1/rules': groups(
        { ...alerting('Slow', 'p95>0.5', { labels: external }), partialResponseStrategy: 'ABORT' },
        alerting('AllSlow', 'avg(p95) > 0.4', { partialResponseStrategy: 'WARN' }),
        { type: 'recording', name: 'p95:avg', query: 'avg(p95)', health: 'ok' },
      ),
      '/api/v1/alerts': success({
        alerts: [firing({ alertname: 'Slow', ...external }), firing({ alertname: 'AllSlow' })],
      }),
    });
    const { url } = await own();
    const monitoring = connectMonitoring({ prometheus: { url }, rulers: [{ url: thanos.url }] });
    const rules = await readAllRules(monitoring);
    expect(rules.alerting.map(({ name, ruler }) => [name, ruler === undefined])).toEqual([
      ['Slow', true],
      ['AllSlow', false],
    ]);
    expect(rules.recording.map(({ name }) => name)).toEqual(['p95:avg']);
    expect((await readAllAlerts(monitoring)).map(({ labels }) => labels)).toEqual([
      { alertname: 'Slow' },
      { alertname: 'AllSlow' },
    ]);
  });

  it('of a Loki count, and are marked as no PromQL', async () => {
    const loki = await serve({
      '/prometheus/api/v1/rules': groups(
        alerting('ManyErrors', 'sum(rate({app="till"} |= "error" [5m])) > 1'),
        alerting('ManyLines', 'count_over_time({app="till"}[5m]) > 100', { labels: null, annotations: null }),
      ),
    });
    const { url } = await own();
    const monitoring = connectMonitoring({ prometheus: { url }, rulers: [{ url: loki.url }] });
    const { alerting: found } = await readAllRules(monitoring);
    expect(found.map(({ name, notPromql = false }) => [name, notPromql])).toEqual([
      ['Slow', false],
      ['ManyErrors', true],
      ['ManyLines', true],
    ]);
    expect(found[2]).toMatchObject({ labels: {}, annotations: {} });
  });

  it('are no PromQL where the configuration says LogQL', async () => {
    const loki = await serve({ '/api/v1/rules': groups(alerting('Always', 'vector(1)')) });
    const { url } = await own();
    const rulers = [{ url: loki.url, language: 'logql' as const }];
    const { alerting: found } = await readAllRules(connectMonitoring({ prometheus: { url }, rulers }));
    expect(found[1]).toMatchObject({ name: 'Always', notPromql: true });
  });

  it('that Grafana manages count, with its words for states and health', async () => {
    const grafana = await serve({
      '/api/prometheus/grafana/api/v1/rules': groups(
        alerting('Checkout is slow', 'p95 | vector(1)', {
          ...{ uid: 'r1', folderUid: 'f1', health: 'nodata', queriedDatasourceUIDs: ['prom'] },
          labels: { team: 'checkout', grafana_folder: 'Shop' },
          annotations: { __dashboardUid__: 'u1', __panelId__: '2', wiki: 'https://wiki.example/slow' },
        }),
        alerting('Broken', '[{"refId":"A"}]', { health: 'error', lastError: 'no such table' }),
        alerting('Off', 'up', { isPaused: true }),
        { type: 'recording', name: 'kept', query: 'p95' },
      ),
      '/api/prometheus/grafana/api/v1/alerts': success({
        alerts: [
          ...['Normal', 'Normal (NoData)', 'NoData', 'Error'].map((state) =>
            firing({ alertname: state }, state),
          ),
          firing({ alertname: 'A' }, 'Alerting'),
          firing({ alertname: 'B' }, 'Alerting (NoData)'),
          firing({ alertname: 'C' }, 'Pending'),
          firing({ alertname: 'D' }, 'Recovering'),
        ],
      }),
    });
    const { url } = await own();
    const monitoring = connectMonitoring({
      prometheus: { url },
      grafana: { url: grafana.url, headers: { 'X-Grafana-Org-Id': '2' } },
      annotations: { runbook: ['wiki'] },
    });
    const { alerting: found, recording } = await readAllRules(monitoring);
    expect(found.slice(1)).toMatchObject([
      {
        ...{ name: 'Checkout is slow', health: 'unknown', ruler: 'Grafana alerting', notPromql: true },
        annotations: { runbook_url: 'https://wiki.example/slow', __dashboardUid__: 'u1' },
      },
      { name: 'Broken', health: 'err', lastError: 'no such table' },
      { name: 'Off', health: 'err', lastError: 'the rule is paused' },
    ]);
    expect(recording).toEqual([]);
    expect((await readAllAlerts(monitoring)).slice(1).map(({ name, state }) => name + state)).toEqual([
      'Afiring',
      'Bfiring',
      'Cpending',
      'Dfiring',
    ]);
    expect(grafana.asked[0]?.headers).toMatchObject({ 'x-grafana-org-id': '2' });
  });

  it('of a Grafana without alerting are none, and it is not asked again', async () => {
    const grafana = await serve({});
    const { url } = await own();
    const monitoring = connectMonitoring({ prometheus: { url }, grafana: { url: grafana.url } });
    const { alerting: found, silent } = await readAllRules(monitoring);
    expect([found.length, silent]).toEqual([1, []]);
    await readAllAlerts(monitoring);
    expect(grafana.asked).toHaveLength(1);
  });

  it.each([
    [401, { message: 'Unauthorized' }],
    [403, { status: 'error', errorType: 'forbidden', error: 'no access' }],
    [500, 'internal error'],
    [200, '<html>Sign in</html>'],
    [200, { status: 'error', error: 'too many requests for the store' }],
  ])('that cannot be read (HTTP %d, %j) cost that evaluator, and no other', async (status, body) => {
    const bad = await serve(
      Object.fromEntries(
        ['', '/prometheus', '/api/prometheus/grafana'].flatMap((prefix) =>
          ['rules', 'alerts'].map((what) => [`${prefix}/api/v1/${what}`, { status, body }]),
        ),
      ),
    );
    const good = await serve({
      '/api/v1/rules': groups(alerting('A', 'up == 0')),
      '/api/v1/alerts': success({ alerts: [firing({ alertname: 'A' })] }),
    });
    const { url } = await own();
    const monitoring = connectMonitoring({
      ...{ prometheus: { url }, grafana: { url: bad.url } },
      rulers: [{ url: bad.url, name: 'bad' }, { url: good.url }],
    });
    const { alerting: found, silent } = await readAllRules(monitoring);
    expect(found.map(({ name }) => name)).toEqual(['Slow', 'A']);
    expect(silent.map(({ part }) => part)).toEqual(['ruler bad', 'Grafana alerting']);
    expect((await readAllAlerts(monitoring)).map(({ name }) => name)).toEqual(['Slow', 'A']);
  });

  it('of a Prometheus that does not answer are no rules at all', async () => {
    const broken = await serve({ '/api/v1/rules': { status: 500, body: 'no' } });
    const monitoring = connectMonitoring({
      prometheus: { url: broken.url },
      rulers: [{ url: (await own()).url }],
    });
    await expect(readAllRules(monitoring)).rejects.toMatchObject({ code: 'prometheus-unavailable' });
  });
});

describe("Grafana's Alertmanager", () => {
  it('tells alerts, silences and receivers', async () => {
    const prefix = '/api/alertmanager/grafana';
    const grafana = await serve({
      [`${prefix}/api/v2/alerts`]: {
        body: [
          {
            labels: { alertname: 'A', grafana_folder: 'Shop', __alert_rule_uid__: 'r1' },
            ...{ startsAt: '2026-11-22T00:00:00Z', fingerprint: 'f', receivers: [{ name: 'on call' }] },
            status: { state: 'active' },
          },
        ],
      },
      [`${prefix}/api/v2/silences`]: { body: [] },
      [`${prefix}/config/api/v1/receivers`]: { body: [{ name: 'on call', active: true, integrations: [] }] },
    });
    const { rulers } = connectMonitoring({ prometheus: { url: 'http://x' }, grafana: { url: grafana.url } });
    const alertmanager = rulers?.[0]?.alertmanager;
    expect(await alertmanager?.alerts()).toMatchObject([{ state: 'active', receivers: ['on call'] }]);
    // As the alert itself has them: without labels of Grafana's own.
    expect((await alertmanager?.alerts())?.[0]?.labels).toEqual({ alertname: 'A', grafana_folder: 'Shop' });
    expect(await alertmanager?.silences()).toEqual([]);
    expect(await alertmanager?.receivers()).toEqual(['on call']);
  });
});

describe('the language of an expression', () => {
  it.each([
    'up == 0',
    'sum by (job) (rate(http_requests_total{code=~"5.."}[5m])) > 0.1',
    '{__name__="up", job="a"} == 0',
    '{"http.requests", job="a"} > 1',
    'absent(up{job="{x}"})',
    'vector(1)',
    'rate(a{b="c"}[5m]) # {not="this"}',
  ])('%s is PromQL', (query) => expect(isPromql(query)).toBe(true));

  it.each([
    '{app="till"} |= "error"',
    'sum(count_over_time({app="till"}[5m])) > 3',
    'sum by (level) (rate({app="till"} | json | level="error" [1m])) > 1',
    'up == 0 and on () sum(rate({app="till"}[5m]))',
    '[{"refId":"A","datasourceUid":"logs"}]',
    'SELECT 1',
    '',
  ])('%s is none', (query) => expect(isPromql(query)).toBe(false));
});

describe('alerts that two tell', () => {
  const alert = (name: string, labels: Record<string, string>, rest: Partial<AlertInstance> = {}) => ({
    ...{ name, labels, annotations: {}, state: 'pending' as const, activeAt: 1, value: 1, ...rest },
  });
  it('are one alert: the first one’s, also when the other tells it a moment longer', () => {
    const first = [alert('A', { pod: 'x' }), alert('A', { pod: 'y' })];
    const second = [alert('A', { pod: 'x', cluster: 'c' }, { state: 'firing' }), alert('B', {})];
    const merged = new MergedAlerts();
    expect(merged.merge([first, second])).toEqual([...first, second[1]]);
    expect(merged.merge([[], second])).toEqual([second[1]]);
  });

  it('that differ in a label are two', () => {
    const told = [[alert('A', { tenant: 'a' })], [alert('A', { tenant: 'b' })]];
    expect(new MergedAlerts().merge(told)).toEqual(told.flat());
  });

  it('of one evaluator are all kept', () => {
    expect(new MergedAlerts().merge([[alert('A', {}), alert('A', { pod: 'x' })]])).toHaveLength(2);
  });
});
