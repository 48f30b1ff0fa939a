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
let abort: AbortController;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'monitor-'));
  mkdirSync(join(folder, 'dashboards'));
  cluster = new SmallCluster();
  abort = new AbortController();
});

afterEach(async () => {
  await monitor?.close();
  cluster.close();
  rmSync(folder, { recursive: true, force: true });
});

const RULES = `
groups:
  - name: shop
    interval: 5s
    rules:
      - { record: 'shop:requests:rate', expr: 'sum by (app) (rate(requests_total[20s]))' }
      - { alert: Busy, expr: 'shop:requests:rate > 10', for: 10s, labels: { severity: page }, annotations: { summary: '{{ $labels.app }} at {{ $value }}' } }
`;
const ROUTES =
  'route: { receiver: team, group_by: [alertname], group_wait: 10s }\nreceivers: [{ name: team }]\n';

/** Text of a counter that rises a hundred times a second. */
function rising(): () => string {
  const start = Date.now();
  return () => `# TYPE requests_total counter\nrequests_total{code="200"} ${(Date.now() - start) / 10}\n`;
}

async function vector(url: string, query: string) {
  const { result } = await data<Vector>(`${url}/api/v1/query?query=${encodeURIComponent(query)}`);
  return result;
}

async function start(rules = RULES, alertmanager = ROUTES, speed = 20) {
  writeFileSync(join(folder, 'rules.yml'), rules);
  writeFileSync(join(folder, 'alertmanager.yml'), alertmanager);
  monitor = await startMonitor({
    api: cluster.api,
    network: cluster.network,
    kubelet: cluster.kubelet,
    clock: cluster.clock,
    signal: abort.signal,
    ruleFiles: [join(folder, 'rules.yml')],
    dashboardsFolder: join(folder, 'dashboards'),
    alertmanagerConfig: join(folder, 'alertmanager.yml'),
    speed,
  });
  return monitor;
}

test('a scraped counter answers rate() over HTTP, an alert fires and its receiver is told', async () => {
  await cluster.pod('checkout-1', rising());
  const { prometheusUrl, alertmanagerUrl } = await start();
  const rate = await until(
    async () => (await vector(prometheusUrl, 'rate(requests_total[20s])'))[0],
    'a rate',
  );
  expect(rate.metric).toEqual({
    code: '200',
    namespace: 'shop',
    pod: 'checkout-1',
    node: 'node-1',
    app: 'checkout',
    job: 'checkout',
    container: 'main',
    instance: '10.244.0.5:9100',
  });
  const alert = await until(async () => {
    const { alerts } = await data<{ alerts: { state: string; labels: Record<string, string> }[] }>(
      `${prometheusUrl}/api/v1/alerts`,
    );
    return alerts.find(({ state }) => state === 'firing');
  }, 'a firing alert');
  expect(alert.labels).toEqual({ alertname: 'Busy', app: 'checkout', severity: 'page' });
  const counter = 'alertmanager_notifications_total{receiver="team",integration="webhook"}';
  await until(async () => (await vector(prometheusUrl, counter))[0]?.value[1] === '1', 'a notification');
  const [notified] = (await (await fetch(`${alertmanagerUrl}/api/v2/alerts`)).json()) as Record<
    string,
    unknown
  >[];
  expect(notified).toMatchObject({
    labels: { alertname: 'Busy' },
    annotations: { summary: expect.stringMatching(/^checkout at 9|^checkout at 1/) },
    receivers: [{ name: 'team' }],
    status: { state: 'active', silencedBy: [], inhibitedBy: [], mutedBy: [] },
    generatorURL: expect.stringContaining(`${prometheusUrl}/graph?g0.expr=shop`),
  });
});

test('a pod that goes takes its series with it at once; one that does not answer is down', async () => {
  await cluster.pod('checkout-1', rising());
  await cluster.pod('checkout-2', () => 'nonsense');
  const { prometheusUrl } = await start();
  await until(async () => (await vector(prometheusUrl, 'up{app="checkout"}')).length === 2, 'two targets');
  const up = await vector(prometheusUrl, 'up{app="checkout"}');
  expect(up.map(({ metric, value }) => [metric.pod, value[1]])).toEqual([
    ['checkout-1', '1'],
    ['checkout-2', '0'],
  ]);
  expect((await vector(prometheusUrl, 'scrape_samples_scraped{pod="checkout-1"}'))[0]?.value[1]).toBe('1');
  const { activeTargets } = await data<{ activeTargets: Record<string, unknown>[] }>(
    `${prometheusUrl}/api/v1/targets`,
  );
  expect(activeTargets).toMatchObject([
    { health: 'up', lastError: '', scrapeUrl: 'http://10.244.0.5:9100/metrics' },
    { health: 'down', lastError: expect.stringContaining('number as value in line 1') },
  ]);
  const metadata = await data(`${prometheusUrl}/api/v1/metadata?metric=requests_total`);
  expect(metadata).toEqual({ requests_total: [{ type: 'counter', help: '', unit: '' }] });
  cluster.remove('pods', 'shop', 'checkout-1');
  expect(await vector(prometheusUrl, 'requests_total')).toEqual([]);
  expect(await vector(prometheusUrl, 'up{pod="checkout-1"}')).toEqual([]);
});

test('labels of a target win over those it exposes, which are kept as exported_…', async () => {
  await cluster.pod('worker-1', () => 'jobs{pod="mine",queue="q"} 3\n', {
    'app.kubernetes.io/name': 'worker',
  });
  const { prometheusUrl } = await start();
  const sample = await until(async () => (await vector(prometheusUrl, 'jobs'))[0], 'a sample');
  expect(sample.metric).toMatchObject({ pod: 'worker-1', exported_pod: 'mine', queue: 'q', job: 'worker' });
});

test('objects and their usage are metrics with the names of the real exporters', async () => {
  const pod = await cluster.pod('checkout-1', rising());
  cluster.put('pods', {
    ...pod,
    spec: {
      ...pod.spec,
      containers: [
        { name: 'main', image: 'node:20', resources: { limits: { cpu: '500m', memory: '64Mi' } } },
      ],
    },
    status: {
      ...pod.status,
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [
        {
          name: 'main',
          image: 'node:20',
          ready: true,
          restartCount: 2,
          state: { running: {} },
          lastState: { terminated: { reason: 'OOMKilled', exitCode: 137 } },
        },
      ],
    },
  });
  cluster.put('deployments.apps', {
    kind: 'Deployment',
    metadata: { name: 'checkout', namespace: 'shop' },
    spec: { replicas: 3 },
    status: { replicas: 3, availableReplicas: 2 },
  });
  cluster.put('jobs.batch', {
    kind: 'Job',
    metadata: { name: 'export', namespace: 'batch' },
    spec: {},
    status: { active: 1 },
  });
  cluster.put('nodes', {
    kind: 'Node',
    metadata: { name: 'node-1' },
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  });
  cluster.put('endpoints', {
    kind: 'Endpoints',
    metadata: { name: 'checkout', namespace: 'shop' },
    subsets: [{ addresses: [{ ip: '10.244.0.5' }], ports: [{ name: 'http', port: 80 }] }],
  });
  cluster.usage = [
    { container: 'main', cpuCores: 0.25, memoryBytes: 1024, windowSeconds: 10, at: Date.now() },
  ];
  const { prometheusUrl } = await start();
  const value = async (query: string) =>
    (await vector(prometheusUrl, query)).map(({ value: [, text] }) => text);
  expect(await value('kube_deployment_spec_replicas{deployment="checkout"}')).toEqual(['3']);
  expect(await value('kube_deployment_status_replicas_available')).toEqual(['2']);
  expect(await value('kube_pod_status_ready{pod="checkout-1",condition="true"}')).toEqual(['1']);
  expect(await value('kube_pod_status_phase{pod="checkout-1"} == 1')).toEqual(['1']);
  expect(await value('kube_pod_container_status_restarts_total')).toEqual(['2']);
  expect(await value('kube_pod_container_status_last_terminated_reason{reason="OOMKilled"}')).toEqual(['1']);
  expect(await value('kube_pod_container_resource_limits{resource="cpu",unit="core",node="node-1"}')).toEqual(
    ['0.5'],
  );
  expect(await value('kube_pod_container_resource_limits{resource="memory"}')).toEqual(['67108864']);
  expect(await value('kube_job_status_active{job_name="export",namespace="batch"}')).toEqual(['1']);
  expect(await value('kube_node_status_condition{condition="Ready",status="true"}')).toEqual(['1']);
  expect(await value('kube_endpoint_address{endpoint="checkout",ready="true"}')).toEqual(['1']);
  expect(await value('container_memory_working_set_bytes{container="main"}')).toEqual(['1024']);
  expect(await value('container_cpu_usage_seconds_total{pod="checkout-1"}')).toEqual(['2.5']);
  expect(await value('count by (job) (kube_pod_info)')).toEqual(['1']);
});

test('Alertmanager takes what its ConfigMap comes to say into use, and refuses what is wrong', async () => {
  const configure = (data: Record<string, string>) =>
    cluster.put('configmaps', {
      kind: 'ConfigMap',
      metadata: { namespace: 'monitoring', name: 'alertmanager' },
      data,
    });
  configure({ 'alertmanager.yaml': ROUTES });
  const { prometheusUrl, alertmanagerUrl } = await start();
  const receivers = async () => (await fetch(`${alertmanagerUrl}/api/v2/receivers`)).json();
  const original = async () => {
    const status = (await (await fetch(`${alertmanagerUrl}/api/v2/status`)).json()) as {
      config: { original: string };
    };
    return status.config.original;
  };
  const loaded = async () =>
    (await vector(prometheusUrl, 'alertmanager_config_last_reload_successful'))[0]?.value[1];
  await until(async () => (await loaded()) === '1', 'a configuration that is loaded');

  const other = ROUTES.replaceAll('team', 'nobody');
  configure({ 'alertmanager.yaml': other });
  await until(async () => (await original()) === other, 'the other configuration', 2000);
  expect(await receivers()).toEqual([{ name: 'nobody' }]);

  configure({ 'alertmanager.yaml': 'route: { receiver: somebody }\nreceivers: []\n' });
  await until(async () => (await loaded()) === '0', 'that it was refused');
  expect(await original()).toBe(other);
  expect(cluster.api.list('events')).toMatchObject([
    {
      type: 'Warning',
      reason: 'ReloadFailed',
      message: expect.stringContaining('alertmanager.yaml: Expected receiver "somebody" to be defined'),
      involvedObject: { kind: 'ConfigMap', namespace: 'monitoring', name: 'alertmanager' },
    },
  ]);

  // One that was in use before is read again, as any other.
  configure({ 'alertmanager.yaml': other });
  await until(async () => (await loaded()) === '1', 'the last good one');
  configure({});
  await until(async () => (await loaded()) === '0', 'that the key is gone');
  cluster.remove('configmaps', 'monitoring', 'alertmanager');
  expect(await receivers()).toEqual([{ name: 'nobody' }]);
});

test('everything is stopped by close, and by the signal', async () => {
  await cluster.pod('checkout-1', rising());
  const { prometheusUrl, alertmanagerUrl, grafanaUrl, close } = await start();
  await close();
  for (const url of [prometheusUrl, alertmanagerUrl, grafanaUrl]) {
    await expect(fetch(`${url}/-/ready`)).rejects.toThrow();
  }
  const { prometheusUrl: second } = await start();
  abort.abort();
  await until(
    () =>
      fetch(second).then(
        () => false,
        () => true,
      ),
    'a stopped server',
  );
});

test('a rule file or a configuration that cannot be read stops the start and leaves nothing behind', async () => {
  await expect(start('groups: [')).rejects.toThrow('rules.yml:1:10');
  await expect(start(RULES, 'route: {}\n')).rejects.toThrow('alertmanager.yml');
});

test('scrapes at a speed that divides no interval', async () => {
  await cluster.pod('checkout-1', rising());
  const { prometheusUrl } = await start(RULES, ROUTES, 3);
  const up = await until(async () => (await vector(prometheusUrl, 'up{pod="checkout-1"}'))[0], 'a scrape');
  expect(up.value[1]).toBe('1');
});
