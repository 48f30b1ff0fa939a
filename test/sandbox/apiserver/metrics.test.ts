import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Kubelet } from '../../../src/sandbox/api.ts';
import { runKubectl } from '../../kubectl.ts';
import { startTestServer, type TestServer } from './test-server.ts';

const reading = { windowSeconds: 15.5, at: Date.UTC(2026, 0, 1) };
const mebibyte = 2 ** 20;
const kubelet: Pick<Kubelet, 'usage' | 'nodeUsage'> = {
  usage: () => [
    { container: 'app', cpuCores: 0.25, memoryBytes: 50 * mebibyte, ...reading },
    { container: 'sidecar', cpuCores: 0.0000015, memoryBytes: 1024, ...reading },
  ],
  nodeUsage: () => ({ cpuCores: 2, memoryBytes: 1024 * mebibyte, ...reading }),
};

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ kubelet: () => kubelet as Kubelet });
  const { api } = server;
  const meta = { name: 'web', namespace: 'default', labels: { app: 'web' } };
  const spec = { containers: [{ name: 'app', image: 'node:20' }] };
  api.create('pods', { apiVersion: 'v1', kind: 'Pod', metadata: meta, spec });
  api.update('pods', 'default', 'web', (draft) => ({ ...draft, status: { phase: 'Running' } }), {
    subresource: 'status',
  });
  api.create('nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' } });
});
afterAll(() => server.close());

const get = async (...args: string[]) => (await runKubectl(['get', ...args], server)).stdout;

it('kubectl get shows what is measured with the columns of metrics-server, the containers of a pod together', async () => {
  const columns = 'NAME   CPU          MEMORY    WINDOW\nweb    250001500n   51201Ki   15.5s\n';
  expect(await get('podmetrics')).toBe(columns);
  expect(await get('podmetrics', 'web')).toBe(columns);
  expect(await get('pods.metrics.k8s.io', '-A', '-l', 'app=web')).toMatch(
    /^NAMESPACE .*\ndefault +web +2500/,
  );
  expect(await get('nodes.metrics.k8s.io')).toBe(
    'NAME     CPU   MEMORY   WINDOW\nnode-1   2     1Gi      15.5s\n',
  );
});

it('gives the measures themselves where no table is asked for', async () => {
  const list = JSON.parse(await get('--raw', '/apis/metrics.k8s.io/v1beta1/pods'));
  expect(list).toMatchObject({
    kind: 'PodMetricsList',
    items: [{ metadata: { name: 'web' }, window: '15.5s' }],
  });
  expect(JSON.parse(await get('pods.metrics.k8s.io', 'web', '-o', 'json'))).toMatchObject({
    kind: 'PodMetrics',
    containers: [{ name: 'app', usage: { memory: '51200Ki' } }, { name: 'sidecar' }],
  });
});
