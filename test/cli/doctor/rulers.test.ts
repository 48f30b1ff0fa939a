import { afterAll, beforeAll, expect, it } from 'vitest';
import { rulerFindings } from '../../../src/cli/commands/doctor/rulers.ts';
import { connectMonitoring } from '../../../src/signal/monitoring.ts';
import { readAllRules } from '../../../src/signal/rules/all.ts';
import { answering } from '../../signal/http-server.ts';

let server: Awaited<ReturnType<typeof answering>>;
const rule = (name: string, query: string) => ({ type: 'alerting', name, query, health: 'ok' });
const rules: Record<string, object[]> = {
  '/api/v1/rules': [rule('Slow', 'p95 > 0.5')],
  '/loki/api/v1/rules': [rule('ManyErrors', 'sum(rate({app="till"} |= "error" [5m])) > 1')],
  '/thanos/api/v1/rules': [rule('Slow', 'p95 > 0.5')],
  '/grafana/api/prometheus/grafana/api/v1/rules': [rule('Checkout is slow', 'p95')],
};
beforeAll(async () => {
  server = await answering(({ path }) => {
    if (path.startsWith('/mimir/')) return { status: 401, body: 'no org id' };
    if (path.startsWith('/closed/')) return { status: 403, body: { message: 'Forbidden' } };
    const found = rules[path];
    if (!found) return { status: 404, body: { message: 'not found' } };
    return { body: { status: 'success', data: { groups: [{ name: 'g', rules: found }] } } };
  });
});
afterAll(() => server.close());

async function findings(rulers: string[], grafana: string) {
  const monitoring = connectMonitoring({
    prometheus: { url: server.url },
    grafana: { url: `${server.url}/${grafana}` },
    rulers: rulers.map((name) => ({ url: `${server.url}/${name}`, name })),
  });
  return rulerFindings(monitoring.rulers ?? [], await readAllRules(monitoring));
}

it('the doctor counts the rules of other evaluators, and says which are not evaluated here', async () => {
  expect(await findings(['loki'], 'grafana')).toEqual([
    {
      ...{ what: 'ruler loki', state: 'ok' },
      seen: '1 alerting rules; 1 not in PromQL: they are counted, but not evaluated',
    },
    expect.objectContaining({ what: 'Grafana alerting', state: 'ok' }),
  ]);
});

it('the doctor misses a ruler that was named and does not tell; a Grafana that may not be asked is a warning', async () => {
  const [mimir, thanos, grafana] = await findings(['mimir', 'thanos'], 'closed');
  expect(mimir).toMatchObject({ what: 'ruler mimir', state: 'missing' });
  expect(mimir?.seen).toContain('X-Scope-OrgID');
  expect(thanos).toMatchObject({ what: 'ruler thanos', state: 'warning' });
  expect(grafana).toMatchObject({ what: 'Grafana alerting', state: 'warning' });
});

it('the doctor says nothing of a Grafana without alert rules', async () => {
  expect(await findings([], 'without')).toEqual([]);
});
