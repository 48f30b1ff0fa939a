import { expect, it } from 'vitest';
import { scanCoverage } from '../../src/scan/coverage.ts';
import { connectMonitoring } from '../../src/signal/monitoring.ts';
import { foreign, tills } from '../signal/dashboard/tills.ts';

const names = ['fine', 'source-logs', 'var-refused', 'repeat-panel', 'schema-v2', 'expression'];

it('reads dashboards of others as they are drawn: what cannot be read or asked is said, and takes nothing else with it', async () => {
  const server = await tills([...names.map(foreign), { uid: 'refused' }], {
    instead: ({ path }) =>
      path.endsWith('/uid/refused') ? { status: 403, body: { message: 'no access' } } : undefined,
  });
  const monitoring = connectMonitoring({ prometheus: { url: server.url }, grafana: { url: server.url } });
  const till = { namespace: 'shop', name: 'first-till', port: 80, pods: [{ name: 'till-a' }] };
  const { services, skipped } = await scanCoverage([till], monitoring, 1_700_000_000);
  await server.close();
  // Each repeated panel is of its own till: the one of till-a covers the service.
  expect(services[0]?.panels.map(({ name }) => name).sort()).toEqual(
    ['fine/Up', 'repeat-panel/till-a', 'schema-v2/Queue', 'source-logs/Up', 'var-refused/Up'].sort(),
  );
  expect(skipped.map((line) => line.replace(server.url, 'Grafana')).sort()).toEqual([
    'dashboard refused: Grafana says: no access (HTTP 403)',
    'expression/Share of errors: computed by Grafana ($A / $B)',
    'source-logs/Error lines: of another source (Logs, loki)',
    'source-logs/Lines that look like metrics: of another source (Logs, loki)',
    'var-refused/By till: no value for $till: Prometheus refuses label_values(up > 0, pod)',
  ]);
});

it('takes a rule that is not PromQL for a service that its own labels name, and never by its expression', async () => {
  const rule = (name: string, labels: object) => ({
    ...{ type: 'alerting', name, health: 'ok', labels },
    query: 'sum(rate({pod="till-a"} |= "error" [5m])) > 1',
  });
  const server = await tills([], {
    instead: ({ path }) => {
      if (path === '/mimir/api/v1/rules') return { status: 500, body: 'broken' };
      if (path !== '/loki/api/v1/rules') return undefined;
      const rules = [rule('ManyErrors', { service: 'first-till' }), rule('Anything', {})];
      return { body: { status: 'success', data: { groups: [{ name: 'g', rules }] } } };
    },
  });
  const monitoring = connectMonitoring({
    prometheus: { url: server.url },
    rulers: ['loki', 'mimir'].map((name) => ({ url: `${server.url}/${name}`, name })),
  });
  const till = { namespace: 'shop', name: 'first-till', port: 80, pods: [{ name: 'till-a' }] };
  const { services, skipped } = await scanCoverage([till], monitoring, 1_700_000_000);
  await server.close();
  expect(services[0]?.alerts.map(({ name, because }) => [name, because])).toEqual([
    ['ManyErrors', 'its own label service="first-till"'],
  ]);
  expect(skipped.join()).toMatch(/^ruler mimir: .*HTTP 500/);
});
