import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAlertmanagerConfig } from '../../src/alerting/config.ts';
import { captureBaseline, emptyBaseline } from '../../src/check/baseline.ts';
import { evaluate, evaluateOracle } from '../../src/check/evaluate.ts';
import { type Check, checkSchema } from '../../src/check/grammar.ts';
import type { CheckContext } from '../../src/check/kind.ts';
import type { Cluster, ClusterObject } from '../../src/cluster/cluster.ts';
import { connect } from '../../src/cluster/connection/connect.ts';
import type { Alertmanager, Prometheus, Sample, Silence } from '../../src/signal/series.ts';
import { startTestServer, type TestServer } from '../sandbox/apiserver/test-server.ts';

let server: TestServer;
let cluster: Cluster;
beforeAll(async () => {
  server = await startTestServer();
  cluster = await connect({ kubeconfig: server.kubeconfig });
  await fill();
});
afterAll(async () => {
  cluster?.close();
  await server?.close();
});

const labels = { app: 'checkout' };
const pod = (name: string, owner: { kind: string; name: string }, more: object): ClusterObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: 'default',
    labels,
    ownerReferences: [{ apiVersion: 'v1', uid: `uid-${owner.name}`, controller: true, ...owner }],
  },
  spec: { containers: [{ name: 'app', image: 'node:20' }] },
  ...more,
});
const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };

/** A deployment with two of two pods, a job with one pod that runs and one that is done. */
async function fill(): Promise<void> {
  const namespace = 'default';
  const template = { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'node:20' }] } };
  const replicas = { replicas: 2, selector: { matchLabels: labels }, template };
  const settings = { metadata: { name: 'settings', namespace }, data: { file: 'limit=5\nwait=3\n' } };
  await cluster.create({ apiVersion: 'v1', kind: 'ConfigMap', ...settings });
  const apps = { apiVersion: 'apps/v1', metadata: { name: 'checkout', namespace } };
  await cluster.create({ ...apps, kind: 'Deployment', spec: replicas });
  const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'checkout', uid: 'u', controller: true };
  const set = { name: 'checkout-1', namespace, ownerReferences: [owner] };
  await cluster.create({ ...apps, kind: 'ReplicaSet', metadata: set, spec: replicas });
  const job = {
    metadata: { name: 'report', namespace },
    spec: { template: { spec: { ...template.spec, restartPolicy: 'Never' } } },
  };
  await cluster.create({ apiVersion: 'batch/v1', kind: 'Job', ...job });
  const status = { observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
  await setStatus('deployments.apps', 'checkout', status);
  for (const name of ['checkout-1-a', 'checkout-1-b']) {
    await cluster.create(pod(name, { kind: 'ReplicaSet', name: 'checkout-1' }, {}));
    await setStatus('pods', name, ready);
  }
  await cluster.create(pod('report-1', { kind: 'Job', name: 'report' }, {}));
  await setStatus('pods', 'report-1', ready);
  await cluster.create(pod('report-0', { kind: 'Job', name: 'report' }, {}));
  await setStatus('pods', 'report-0', { phase: 'Succeeded' });
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'checkout-x', namespace, labels: { 'kubernetes.io/service-name': 'checkout' } },
    addressType: 'IPv4',
    ports: [],
    endpoints: ['checkout-1-a', 'checkout-1-b'].map((name, index) => ({
      addresses: [`10.0.0.${index + 1}`],
      conditions: { ready: true },
      targetRef: { kind: 'Pod', name, namespace },
    })),
  };
  await cluster.create(slice);
}

async function setStatus(resource: string, name: string, status: object): Promise<void> {
  server.api.update(resource, 'default', name, (draft) => ({ ...draft, status }), { subresource: 'status' });
}

const samples = (...values: number[]): Sample[] =>
  values.map((value, index) => ({ labels: { pod: `p${index}` }, at: 0, value }));

function context(given: Sample[] | Error = [], more: Partial<CheckContext> = {}): CheckContext {
  const query = async () => {
    if (given instanceof Error) throw given;
    return given;
  };
  return { cluster, prometheus: { query } as unknown as Prometheus, baseline: emptyBaseline, ...more };
}

const run = (written: unknown, given?: CheckContext) =>
  evaluate(checkSchema.parse(written) as Check, given ?? context());

describe('a promql check', () => {
  const slow = { id: 'fast', promql: { query: 'p95_seconds', below: 0.25 } };

  it.each([
    [[0.12], true, '120 ms (expected below 250 ms)'],
    [[1.9412], false, '1.94 s (expected below 250 ms)'],
    [[0.25], false, '250 ms (expected below 250 ms)'],
    [[0.1, 3, 0.2], false, '3 s at pod=p1 (expected below 250 ms)'],
  ])('of %j holds: %s', async (values, holds, seen) => {
    expect(await run(slow, context(samples(...values)))).toMatchObject({ id: 'fast', holds, seen });
  });

  it('says the bound in the unit of the value, and a share in percent, as the screen does', async () => {
    const ratio = { promql: { query: 'shop:customers:success_ratio', above: 0.98 } };
    expect(await run(ratio, context(samples(0.7724)))).toMatchObject({
      seen: '77.2 % (expected above 98 %)',
    });
    const rate = { promql: { query: 'x', above: 5, unit: '/s' } };
    expect(await run(rate, context(samples(4.98)))).toMatchObject({ seen: '4.98 /s (expected above 5 /s)' });
  });

  it.each([
    ['no series', []],
    ['NaN', samples(Number.NaN)],
    ['no answer', new Error('down')],
  ])('with %s is a gap, not a fault of the stack', async (_, given) => {
    expect(await run(slow, context(given))).toMatchObject({ holds: false, gap: true });
  });

  it('can want equality, a range, or nothing at all', async () => {
    const of = (bounds: object, ...values: number[]) =>
      run({ promql: { query: 'x', ...bounds } }, context(samples(...values)));
    expect(await of({ equals: 0.3 }, 0.1 + 0.2)).toMatchObject({ holds: true });
    expect(await of({ above: 1, below: 2 }, 1.5)).toMatchObject({ holds: true });
    expect(await of({ above: 1, below: 2 }, 2.5)).toMatchObject({
      holds: false,
      seen: '2.5 (expected below 2 and above 1)',
    });
    expect(await of({ absent: true }, 1)).toMatchObject({ holds: false });
  });
});

describe('a check of the cluster', () => {
  const checkout = 'deployment/default/checkout';
  const job = 'job.batch/default/report';

  it.each([
    ['enough pods', { workload: { ref: checkout, available: 2 } }, true, '2 of 2 pods available'],
    ['too few pods', { workload: { ref: checkout, available: 3 } }, false, '2 of 3 pods available'],
    [
      'no workload',
      { workload: { ref: 'deployment/default/none', available: 1 } },
      false,
      'deployment/default/none does not exist (expected 1 pod)',
    ],
    ['a job that runs', { stopped: { ref: job } }, false, '1 running: report-1'],
    ['a job that does not exist', { stopped: { ref: 'job.batch/default/none' } }, true, 'it is gone'],
    [
      'a deployment that runs',
      { stopped: { ref: checkout } },
      false,
      '2 running: checkout-1-a, checkout-1-b',
    ],
    ['a rollout that is done', { rollout: { ref: checkout } }, true, '2 of 2 pods new, 2 available'],
    [
      'endpoints that are the pods',
      { endpoints: { ref: 'service/default/checkout', are: checkout } },
      true,
      '2 ready endpoints, 2 ready pods',
    ],
    [
      'endpoints of others',
      { endpoints: { ref: 'service/default/checkout', are: job } },
      false,
      '2 ready endpoints, 1 ready pods; not in the service: report-1; not of job.batch/default/report: checkout-1-a, checkout-1-b',
    ],
    ['an object that is there', { absent: { ref: job } }, false, 'job.batch/default/report still exists'],
    [
      'a field that is equal',
      { field: { ref: checkout, path: 'spec.replicas', equals: 2 } },
      true,
      'spec.replicas is 2 (expected 2)',
    ],
    [
      'a field that matches',
      { field: { ref: checkout, path: 'spec.template.spec.containers[name=app].image', matches: '^node:' } },
      true,
      'spec.template.spec.containers[name=app].image is "node:20" (expected /^node:/)',
    ],
    [
      'a field of which one line matches',
      { field: { ref: 'configmap/default/settings', path: 'data.file', matches: '^wait=3$' } },
      true,
      'data.file is "limit=5\\nwait=3\\n" (expected /^wait=3$/)',
    ],
    [
      'a field that is not there',
      { field: { ref: checkout, path: 'spec.paused', absent: true } },
      true,
      'spec.paused is not set (expected no value)',
    ],
  ])('sees %s', async (_, check, holds, seen) => {
    expect(await run(check)).toMatchObject({ holds, seen });
  });

  it('of endpoints reads Endpoints where the cluster has no EndpointSlices', async () => {
    const older: Cluster = new Proxy(cluster, {
      get: (target, name: keyof Cluster) => {
        if (name !== 'list')
          return typeof target[name] === 'function' ? target[name].bind(target) : target[name];
        return (...[kind, ...rest]: Parameters<Cluster['list']>) =>
          target.list(kind.kind === 'endpointslices' ? { kind: 'unicorns' } : kind, ...rest);
      },
    });
    const check: Check = { endpoints: { ref: 'service/default/checkout', are: checkout } };
    expect(await run(check, context([], { cluster: older }))).toMatchObject({
      holds: false,
      seen: expect.stringContaining('0 ready endpoints, 2 ready pods'),
    });
    const addresses = ['checkout-1-a', 'checkout-1-b'].map((name, index) => ({
      ip: `10.0.0.${index + 1}`,
      targetRef: { kind: 'Pod', name, namespace: 'default' },
    }));
    await cluster.create({
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { name: 'checkout', namespace: 'default' },
      subsets: [{ addresses, ports: [] }],
    });
    expect(await run(check, context([], { cluster: older }))).toMatchObject({
      holds: true,
      seen: '2 ready endpoints, 2 ready pods',
    });
  });

  it('of a kind that is not there is a gap', async () => {
    expect(await run({ absent: { ref: 'unicorn/default/x' } })).toMatchObject({ holds: false, gap: true });
  });

  it('compares with the baseline', async () => {
    const check: Check = { workload: { ref: checkout, available: 'baseline' } };
    expect(await run(check)).toMatchObject({ holds: false, gap: true });
    const baseline = await captureBaseline([{ all: [{ not: check }] }], { cluster });
    expect(baseline).toEqual({ available: { [checkout]: 2 } });
    expect(await run(check, context([], { baseline }))).toMatchObject({ holds: true });
  });
});

describe('a check of routes', () => {
  const config = readAlertmanagerConfig(
    `route:
  receiver: platform
  routes:
    - { matchers: [owner="checkout", severity="info"], receiver: archive }
    - { matchers: [owner="checkout"], receiver: checkout }
    - { matchers: [owner="edge"], receiver: edge, mute_time_intervals: [always] }
receivers: [{ name: platform }, { name: checkout }, { name: edge }, { name: archive }]
time_intervals: [{ name: always, time_intervals: [{ times: [{ start_time: '00:00', end_time: '24:00' }] }] }]
`,
    { isForeign: true },
  );
  const silence = (matchers: string[], endsAt = Date.now() + 60_000): Silence => {
    return { id: '1', createdBy: 'ana', comment: '', startsAt: Date.now() - 60_000, endsAt, matchers };
  };
  const see = (labels: object, receiver: string, silences: Silence[] = []) => {
    const alertmanager = { routes: async () => config, silences: async () => silences };
    return run(
      { routed: { labels, receiver } },
      context([], { alertmanager: alertmanager as unknown as Alertmanager }),
    );
  };
  const critical = { owner: 'checkout', severity: 'critical' };

  it.each([
    [critical, 'checkout', true, 'sent to checkout'],
    [{ owner: 'checkout', severity: 'info' }, 'checkout', false, 'sent to archive (expected checkout)'],
    [{ owner: 'cellar' }, 'checkout', false, 'sent to platform (expected checkout)'],
    [{ owner: 'edge' }, 'edge', false, 'edge is muted by always (expected edge)'],
  ])('with labels %j sees whether %s is told', async (labels, receiver, holds, seen) => {
    expect(await see(labels, receiver)).toMatchObject({ holds, seen });
  });

  it('knows a silence of all such alerts, and none that asks for more or is over', async () => {
    expect(await see(critical, 'checkout', [silence(['owner="checkout"'])])).toMatchObject({
      holds: false,
      seen: 'silenced by ana (expected checkout)',
    });
    const others = [
      silence(['owner="checkout"', 'alertname="Slow"']),
      silence(['owner="checkout"'], Date.now() - 1),
    ];
    expect(await see(critical, 'checkout', others)).toMatchObject({ holds: true });
  });

  it('is a gap where no Alertmanager is configured', async () => {
    const routed = { labels: critical, receiver: 'checkout' };
    expect(await run({ routed })).toMatchObject({ holds: false, gap: true });
  });
});

describe('combined checks', () => {
  const yes = { id: 'yes', promql: { query: 'x', above: 0 } };
  const no = { id: 'no', promql: { query: 'x', below: 0 } };
  const unknown = { id: 'unknown', workload: { ref: 'deployment/default/checkout', available: 'baseline' } };

  it.each([
    [{ all: [yes, yes] }, true, undefined],
    [{ all: [yes, no] }, false, undefined],
    [{ all: [yes, unknown] }, false, true],
    [{ all: [no, unknown] }, false, undefined],
    [{ any: [no, yes] }, true, undefined],
    [{ any: [no, unknown] }, false, true],
    [{ not: no }, true, undefined],
    [{ not: yes }, false, undefined],
    [{ not: unknown }, false, true],
  ])('%j holds: %s, gap: %s', async (check, holds, gap) => {
    const result = await run(check, context(samples(1)));
    expect([result.holds, result.gap]).toEqual([holds, gap]);
  });

  it('name what fails', async () => {
    expect((await run({ all: [yes, no] }, context(samples(1)))).seen).toBe('no: 1 (expected below 0)');
  });

  it('of an oracle are told one by one', async () => {
    const { checks, holds } = await evaluateOracle({ all: [yes, no] as Check[] }, context(samples(1)));
    expect(holds).toBe(false);
    expect(checks.map(({ id, holds: each }) => [id, each])).toEqual([
      ['yes', true],
      ['no', false],
    ]);
  });

  it('end with the reason of the signal', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(run(yes, context(samples(1), { signal }))).rejects.toThrow('enough');
  });
});

it('case S1: an answer of the API server itself is none of the service', async () => {
  const asked = (status: number) =>
    evaluate(checkSchema.parse({ http: { service: 'service/default/nobody:80', path: '/', status } }), {
      cluster,
      baseline: emptyBaseline,
    } as CheckContext);
  for (const status of [200, 404]) {
    expect(await asked(status)).toMatchObject({
      holds: false,
      value: 404,
      seen: 'no answer of the service: services "nobody" not found',
    });
  }
});
