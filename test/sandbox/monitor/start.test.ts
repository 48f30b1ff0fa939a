import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Monitor, startMonitor } from '../../../src/sandbox/monitor/start.ts';
import { data, SmallCluster, until } from './cluster.ts';

interface Vector {
  result: { metric: Record<string, string>; value: [number, string] }[];
}

let folder: string;
let cluster: SmallCluster;
let monitor: Monitor | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'monitor-'));
  mkdirSync(join(folder, 'dashboards'));
  cluster = new SmallCluster();
});

afterEach(async () => {
  await monitor?.close();
  cluster.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(
  rules: string,
  alertmanager = 'route: { receiver: none }\nreceivers: [{ name: none }]\n',
  speed = 20,
) {
  writeFileSync(join(folder, 'rules.yml'), rules);
  writeFileSync(join(folder, 'alertmanager.yml'), alertmanager);
  monitor = await startMonitor({
    api: cluster.api,
    network: cluster.network,
    kubelet: cluster.kubelet,
    clock: cluster.clock,
    signal: new AbortController().signal,
    ruleFiles: [join(folder, 'rules.yml')],
    dashboardsFolder: join(folder, 'dashboards'),
    alertmanagerConfig: join(folder, 'alertmanager.yml'),
    speed,
  });
  return monitor;
}

test('a scraped counter answers rate() over HTTP and makes an alert fire', async () => {
  let count = 0;
  const timer = setInterval(() => count++, 10);
  await cluster.pod(
    'checkout-1',
    () => `# TYPE requests_total counter\nrequests_total{code="200"} ${count}\n`,
  );
  const { prometheusUrl } = await start(`
groups:
  - name: shop
    interval: 5s
    rules:
      - { record: 'shop:requests:rate', expr: 'sum by (app) (rate(requests_total[20s]))' }
      - { alert: Busy, expr: 'shop:requests:rate > 10', for: 10s, labels: { severity: page }, annotations: { summary: '{{ $labels.app }} at {{ $value }}' } }
`);
  const rate = await until(async () => {
    const { result } = await data<Vector>(
      `${prometheusUrl}/api/v1/query?query=${encodeURIComponent('rate(requests_total[20s])')}`,
    );
    return result[0];
  }, 'a rate');
  expect(rate.metric).toMatchObject({
    code: '200',
    namespace: 'shop',
    pod: 'checkout-1',
    app: 'checkout',
    container: 'main',
  });
  const alert = await until(async () => {
    const { alerts } = await data<{ alerts: { state: string; labels: Record<string, string> }[] }>(
      `${prometheusUrl}/api/v1/alerts`,
    );
    return alerts.find(({ state }) => state === 'firing');
  }, 'a firing alert');
  expect(alert.labels).toEqual({ alertname: 'Busy', app: 'checkout', severity: 'page' });
  clearInterval(timer);
});
