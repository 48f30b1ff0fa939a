import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
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

/** A monitor of the test file's own, which has scraped one pod and evaluated its rules. */
export interface SmallMonitor {
  folder: string;
  cluster: SmallCluster;
  monitor: Monitor;
  /** Of Prometheus. */
  api: string;
}

export function smallMonitor(): SmallMonitor {
  const on = {} as SmallMonitor;
  beforeAll(async () => {
    on.folder = mkdtempSync(join(tmpdir(), 'monitor-'));
    mkdirSync(join(on.folder, 'dashboards'));
    const dashboard = (uid: string, title: string) =>
      JSON.stringify({ uid, title, tags: ['shop'], panels: [] });
    writeFileSync(join(on.folder, 'dashboards', 'one.json'), dashboard('shop-overview', 'Shop overview'));
    writeFileSync(join(on.folder, 'dashboards', 'two.json'), dashboard('edge', 'Edge'));
    writeFileSync(join(on.folder, 'rules.yml'), RULES);
    writeFileSync(
      join(on.folder, 'alertmanager.yml'),
      'route: { receiver: team, group_by: [alertname] }\nreceivers: [{ name: team }]\n',
    );
    on.cluster = new SmallCluster();
    await on.cluster.pod('checkout-1', () => 'requests_total{code="200"} 5\nrequests_total{code="500"} 2\n');
    on.monitor = await startMonitor({
      ...on.cluster,
      signal: new AbortController().signal,
      ruleFiles: [join(on.folder, 'rules.yml')],
      dashboardsFolder: join(on.folder, 'dashboards'),
      alertmanagerConfig: join(on.folder, 'alertmanager.yml'),
      speed: 20,
    });
    on.api = `${on.monitor.prometheusUrl}/api/v1`;
    await until(async () => {
      const { result } = await data<{ result: unknown[] }>(`${on.api}/query?query=a:requests`);
      return result.length > 0;
    }, 'a recorded series');
  });
  afterAll(async () => {
    await on.monitor.close();
    on.cluster.close();
    rmSync(on.folder, { recursive: true, force: true });
  });
  return on;
}

export const json = async (url: string, init?: RequestInit) => {
  const answer = await fetch(url, init);
  return { status: answer.status, body: (await answer.json()) as unknown };
};
export const form = (params: Record<string, string>) => ({
  method: 'POST',
  body: new URLSearchParams(params),
});
export const posted = (body: unknown) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
