import { afterEach, expect, test } from 'vitest';
import { startControllers } from '../../src/sandbox/controllers/start.ts';
import { runKubectl } from '../kubectl.ts';
import { realClock, startTestServer, type TestServer } from './apiserver/test-server.ts';
import { deployment, node } from './controllers/cluster.ts';
import { paperKubelet } from './controllers/kubelet.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Two nodes, real HTTPS, real kubectl; pods that run on paper. */
async function startCluster(): Promise<TestServer> {
  const server = await startTestServer();
  closing.push(() => server.close());
  const { api } = server;
  const kubelet = paperKubelet(api, { ...realClock, advance: () => {} }, true);
  closing.push(() => kubelet.stop());
  const controllers = startControllers({
    api,
    clock: realClock,
    signal: new AbortController().signal,
    nodes: [node('node-a'), node('node-b')],
  });
  closing.push(() => controllers.stop());
  return server;
}

test('kubectl drain evicts what a budget lets go, waits for the rest, and leaves DaemonSets alone', async () => {
  const { api, responderKubeconfig } = await startCluster();
  const kubectl = (...args: string[]) => runKubectl(args, { kubeconfig: responderKubeconfig });
  api.create('daemonsets.apps', {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'agent', namespace: 'default' },
    spec: deployment('agent', { replicas: undefined }).spec,
  });
  expect((await kubectl('cordon', 'node-b')).exitCode).toBe(0);
  api.create('deployments.apps', deployment('web', { replicas: 2 }));
  api.create('poddisruptionbudgets.policy', {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'keep', namespace: 'default' },
    spec: { minAvailable: 2, selector: { matchLabels: { app: 'web' } } },
  });
  const pods = () => api.list('pods', { namespace: 'default', labelSelector: 'app=web' });
  const budget = () => api.get('poddisruptionbudgets.policy', 'default', 'keep')!;
  await expect.poll(() => budget().status.currentHealthy, { timeout: 10_000 }).toBe(2);

  const refused = await kubectl('drain', 'node-a', '--ignore-daemonsets', '--timeout=1s');
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toMatch(/ignoring DaemonSet-managed Pods: default\/agent-/i);
  expect(refused.stderr).toContain('error when evicting pods/"web-');
  expect(refused.stderr).toContain("Cannot evict pod as it would violate the pod's disruption budget.");
  expect(pods().map(({ spec }) => spec.nodeName)).toEqual(['node-a', 'node-a']);

  expect((await kubectl('uncordon', 'node-b')).exitCode).toBe(0);
  expect(
    await kubectl('patch', 'pdb', 'keep', '--type=merge', '-p', '{"spec":{"minAvailable":1}}'),
  ).toMatchObject({ stderr: '', stdout: 'poddisruptionbudget.policy/keep patched\n' });
  const drained = await kubectl('drain', 'node-a', '--ignore-daemonsets');
  expect(drained, drained.stderr).toMatchObject({ exitCode: 0 });
  expect(drained.stdout).toMatch(/node\/node-a drained\n$/);
  await expect
    .poll(() => pods().map(({ spec }) => spec.nodeName), { timeout: 10_000 })
    .toEqual(['node-b', 'node-b']);
  const agents = api.list('pods', { namespace: 'default', labelSelector: 'app=agent' });
  expect(agents.map(({ spec }) => spec.nodeName).sort()).toEqual(['node-a', 'node-b']);
});

test('kubectl shows, describes and makes quotas, limits, budgets and autoscalers', async () => {
  const { api, kubeconfig } = await startCluster();
  const kubectl = async (...args: string[]) => {
    const run = await runKubectl(args, { kubeconfig });
    expect(run, run.stderr).toMatchObject({ exitCode: 0 });
    return run.stdout;
  };
  await kubectl('create', 'quota', 'few', '--hard=pods=5,requests.cpu=1');
  await kubectl('create', 'pdb', 'keep', '--min-available=1', '--selector=app=web');
  api.create('deployments.apps', deployment('web', { replicas: 0 }));
  await kubectl('autoscale', 'deployment', 'web', '--min=1', '--max=3', '--cpu-percent=50');
  await expect
    .poll(() => api.get('resourcequotas', 'default', 'few')!.status.used?.pods, { timeout: 10_000 })
    .toBe('0');
  expect(await kubectl('get', 'quota')).toMatch(
    /^NAME +REQUEST +LIMIT +AGE\nfew +pods: 0\/5, requests.cpu: 0\/1 +\d+s\n$/,
  );
  expect(await kubectl('describe', 'quota', 'few')).toMatch(
    /Resource +Used +Hard\n-+ +-+ +-+\npods +0 +5\nrequests.cpu +0 +1\n/,
  );
  expect(await kubectl('get', 'pdb')).toMatch(
    /MIN AVAILABLE +MAX UNAVAILABLE +ALLOWED DISRUPTIONS +AGE\nkeep +1 +N\/A +0 /,
  );
  expect(await kubectl('describe', 'pdb', 'keep')).toMatch(
    /Min available: +1\nSelector: +app=web\nStatus:\n +Allowed disruptions: +0\n/,
  );
  expect(await kubectl('get', 'hpa')).toMatch(/web +Deployment\/web +cpu: <unknown>\/50% +1 +3 +0 /);
  expect(await kubectl('describe', 'hpa', 'web')).toMatch(
    /resource cpu on pods +\(as a percentage of request\): +<unknown> \/ 50%\nMin replicas: +1\nMax replicas: +3\n/,
  );
});
