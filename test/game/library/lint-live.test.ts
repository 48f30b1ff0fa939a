import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LoadedLibrary, loadLibrary } from '../../../src/game/library/library.ts';
import { lintLive } from '../../../src/game/library/lint-live.ts';
import { connectMonitoring } from '../../../src/signal/monitoring.ts';
import { answering } from '../../signal/http-server.ts';
import { playbookText, scenarioText } from '../small-cluster.ts';

const home = mkdtempSync(join(tmpdir(), 'lint-live-'));
let server: Awaited<ReturnType<typeof answering>>;
/** The scraped series' names are near what the scenario asks for. */
const scraped = ['rudenes'];
let loaded: LoadedLibrary;
beforeAll(async () => {
  const config = 'apiVersion: misfortune/v1\nkind: Config\nscenarios: [.]\nplaybooks: [.]\nclusters:\n';
  const staging = '{ context: c, namespaces: [town], prometheus: { url: "http://x" } }';
  const alerts = 'alerts: { expected: [{ name: ManyErrors, receiver: night shift }] }';
  writeFileSync(join(home, 'misfortune.yaml'), `${config}  staging: ${staging}\n`);
  writeFileSync(join(home, 'scenario.yaml'), scenarioText.replace('diagnosis:', `${alerts}\ndiagnosis:`));
  writeFileSync(join(home, 'playbook.yaml'), playbookText);
  loaded = await loadLibrary({ config: join(home, 'misfortune.yaml'), cluster: 'staging' });
  server = await answering(({ path }) => {
    const success = (data: unknown) => ({ body: { status: 'success', data } });
    const rules = [{ type: 'alerting', name: 'ManyErrors', query: '{app="x"} |= "error"', health: 'ok' }];
    if (path.startsWith('/broken/')) return { status: 500, body: 'no' };
    if (/^\/(loki|api\/prometheus\/grafana)\/api\/v1\/rules$/.test(path))
      return success({ groups: [{ name: 'g', rules }] });
    if (path === '/recording/api/v1/rules')
      return success({
        groups: [
          { name: 'g', rules: [{ type: 'recording', name: 'rudeness', query: 'up == 0', health: 'ok' }] },
        ],
      });
    if (path === '/asking/api/v1/rules')
      return success({
        groups: [
          { name: 'g', rules: [{ type: 'alerting', name: 'Rude', query: 'rudeness > 1', health: 'ok' }] },
        ],
      });
    if (path.endsWith('/api/v1/rules')) return success({ groups: [] });
    if (path.endsWith('/values')) return success(scraped);
    if (path === '/api/search') return { body: [] };
    if (path === '/api/v2/receivers') return { body: [{ name: 'day shift' }] };
    if (path.endsWith('/grafana/config/api/v1/receivers')) return { body: [{ name: 'night shift' }] };
    return { status: 404, body: { message: 'not found' } };
  });
});
afterAll(async () => {
  await server.close();
  rmSync(home, { recursive: true });
});

async function unknown(parts: { ruler?: string; grafana?: boolean } = {}): Promise<string[]> {
  const monitoring = connectMonitoring({
    prometheus: { url: server.url },
    alertmanager: { url: server.url },
    ...(parts.grafana && { grafana: { url: server.url } }),
    ...(parts.ruler && { rulers: [{ url: `${server.url}/${parts.ruler}` }] }),
  });
  const problems = await lintLive(loaded, { monitoring });
  return problems.map(({ code }) => code).filter((code) => /alert|receiver/.test(code));
}

it('an alert of another evaluator is no unknown alert, and one of a ruler that does not answer may be there', async () => {
  expect(loaded.problems).toEqual([]);
  expect(await unknown()).toContain('unknown-alert');
  expect(await unknown({ ruler: 'loki' })).toEqual(['unknown-receiver']);
  expect(await unknown({ ruler: 'broken' })).toEqual(['unknown-receiver']);
});

it("receivers of Grafana's Alertmanager are known where Grafana manages rules", async () => {
  expect(await unknown({ grafana: true })).toEqual([]);
});

it('a metric that a rule records or asks for is no typo, though it has no series yet', async () => {
  const found = async (path: string) => {
    const monitoring = connectMonitoring({ prometheus: { url: `${server.url}${path}` } });
    const problems = await lintLive(loaded, { monitoring });
    return problems.filter(({ code }) => code === 'unknown-metric').map(({ message }) => message);
  };
  expect(await found('')).toEqual(['No series has the name rudeness.']);
  expect(await found('/recording')).toEqual([]);
  expect(await found('/asking')).toEqual([]);
});
