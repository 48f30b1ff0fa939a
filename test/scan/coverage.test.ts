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
