import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatPermission } from '../../../src/cluster/access/permissions.ts';
import type { Cluster } from '../../../src/cluster/cluster.ts';
import { type ControlPlane, startControlPlane } from '../control-plane.ts';
import { deadEntry, flood, planFor } from '../game.ts';

let plane: ControlPlane;
let cluster: Cluster;

beforeAll(async () => {
  plane = await startControlPlane();
  cluster = plane.cluster;
});
afterAll(() => plane.close());

const load = (more: Record<string, unknown>) =>
  planFor(cluster, { flood: { load: { ...flood.load, ...more } } });
const patch = (spec: Record<string, unknown>) =>
  planFor(cluster, { change: { patch: { ref: 'deployment.apps/shop/checkout', ...spec } } });
const only = async <T extends { operations: unknown[] }>(plan: Promise<T>) =>
  (await plan).operations[0] as Record<string, unknown>;

describe('a plan', () => {
  it('says what is done, which permissions it takes and how far it reaches', async () => {
    const plan = await planFor(cluster, { flood, deadEntry });
    expect(plan.operations.map(({ id, verb, ref }) => `${id} ${verb} ${ref.kind} ${ref.name}`)).toEqual([
      'flood-1 create configmap report-export-program',
      'flood-2 create job report-export',
      'deadEntry-1 patch configmap edge-upstreams',
    ]);
    expect(plan.permissions.map(formatPermission)).toEqual([
      'get services checkout in shop',
      'list endpointslices.discovery.k8s.io in shop',
      'list pods in shop',
      'create jobs.batch in batch',
      'get jobs.batch in batch',
      'delete jobs.batch in batch',
      'create configmaps in batch',
      'get configmaps in batch',
      'delete configmaps in batch',
      'list pods in batch',
      'get configmaps edge-upstreams in shop',
      'patch configmaps edge-upstreams in shop',
    ]);
    expect(plan.blastRadius.lines).toEqual([
      'namespaces: batch, shop',
      expect.stringMatching(
        /^workloads: 3 of \d+ \(deployment\/shop\/checkout, deployment\/shop\/edge, deployment\/shop\/edge-b\)$/,
      ),
      'load: 200 requests per second',
    ]);
  });

  it('lets every load end by itself, after the time-out of the game', async () => {
    const plan = await load({});
    const { seconds } = plan.deadlines.find(({ operation }) => operation === 'flood-2')!;
    expect(seconds).toBeGreaterThan(600);
    const job = plan.operations[1] as { object?: { spec?: Record<string, number> } };
    expect(job.object?.spec?.activeDeadlineSeconds).toBe(seconds);
    expect(job.object?.spec?.ttlSecondsAfterFinished).toBeGreaterThan(0);
  });

  it('gives away nothing in what it creates', async () => {
    const plan = await planFor(cluster, { flood, deadEntry });
    const seen = plan.operations.map((operation) => {
      if (operation.verb === 'create') return operation.object;
      return operation.verb === 'patch' ? operation.changes : operation;
    });
    expect(JSON.stringify(seen)).not.toMatch(
      /misfortune|chaos|\bfault|\bflood\b|\bdead\b|oracle|haymaker|game/i,
    );
  });

  it('shares the rate among the replicas', async () => {
    const job = (await load({ rate: 300, replicas: 3 })).operations[1] as unknown as {
      object: { spec: { parallelism: number; template: { spec: { containers: { env: object[] }[] } } } };
    };
    expect(job.object.spec.parallelism).toBe(3);
    expect(job.object.spec.template.spec.containers[0]!.env).toContainEqual({
      name: 'PER_SECOND',
      value: '100',
    });
  });
});

describe('a load', () => {
  it.each([
    [
      'a Service outside of the allowed namespaces',
      { target: 'service/default/kubernetes' },
      'namespace-not-allowed',
    ],
    ['a Service that is not there', { target: 'service/shop/nobody' }, 'unknown-target'],
    ['a path that leads to another host', { path: '//example.com/' }, 'target-outside'],
    ['a port that the Service lacks', { port: 9 }, 'unknown-port'],
    [
      'a Job outside of the allowed namespaces',
      { disguise: { name: 'x', namespace: 'default' } },
      'namespace-not-allowed',
    ],
  ])('is refused for %s', async (_, more, code) => {
    await expect(load(more)).rejects.toMatchObject({ code });
  });

  it.each(['https://example.com/', 'example.com', 'pod/shop/x'])(
    'takes no other target: %s',
    async (target) => {
      await expect(load({ target })).rejects.toThrow('service/namespace/name');
    },
  );

  it.each([
    ['an external name', { type: 'ExternalName', externalName: 'example.com' }],
    ['no selector', { ports: [{ port: 80 }] }],
  ])('is refused for a Service with %s', async (_, spec) => {
    const ref = { kind: 'service', namespace: 'shop', name: 'elsewhere' };
    await cluster.create({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'elsewhere', namespace: 'shop' },
      spec,
    });
    try {
      await expect(load({ target: 'service/shop/elsewhere' })).rejects.toMatchObject({
        code: 'target-outside',
      });
    } finally {
      await cluster.delete(ref);
    }
  });

  it('is either open or closed loop', async () => {
    await expect(load({ connections: 5 })).rejects.toThrow('exactly one of rate and connections');
    const plan = await planFor(cluster, {
      flood: { load: { ...flood.load, rate: undefined, connections: 5 } },
    });
    expect(plan.operations[1]!.describe).toContain('10 busy connections');
  });
});

describe('a dead upstream', () => {
  it("leads to an address in the pods' range that no pod has, with the port of before", async () => {
    const plan = await planFor(cluster, { deadEntry });
    const { changes } = plan.operations[0] as unknown as { changes: { to: string }[] };
    const address = /name: till-4\n {4}address: (10\.244\.0\.\d+):8004\n/.exec(changes[0]!.to)?.[1];
    const pods = await cluster.list({ kind: 'pods' }, { namespace: 'shop' });
    expect(pods.map((pod) => (pod.status as { podIP?: string }).podIP)).not.toContain(address);
    expect(address).toBeDefined();
  });

  it.each([
    ['an entry that is not there', { entry: 'till-9' }, 'unknown-upstream'],
    ['a key that is not there', { key: 'nginx.conf' }, 'unknown-list'],
    ['a ConfigMap of another namespace', { configMap: 'kube-system/x' }, 'namespace-not-allowed'],
  ])('is refused for %s', async (_, more, code) => {
    const spec = { upstream: { ...deadEntry.upstream, ...more } };
    await expect(planFor(cluster, { deadEntry: spec })).rejects.toMatchObject({ code });
  });

  it('can be wrong instead, or gone', async () => {
    const wrong = { ...deadEntry.upstream, becomes: 'wrong', service: 'service/shop/checkout' };
    const text = JSON.stringify(await only(planFor(cluster, { e: { upstream: wrong } })));
    expect(text).toContain('address: checkout.shop:8080');
    const removed = { ...deadEntry.upstream, becomes: 'removed' };
    const { changes } = await only(planFor(cluster, { e: { upstream: removed } }));
    expect(JSON.stringify(changes)).not.toContain('till-4');
  });
});

describe('a patch', () => {
  const image = ['spec', 'template', 'spec', 'containers', { name: 'checkout' }, 'image'];

  it('means the same fields in all its forms, with list items by their key', async () => {
    const containers = [{ name: 'checkout', image: 'x:1' }];
    const pointer = '/spec/template/spec/containers/0/image';
    const forms = [
      { set: { 'spec.template.spec.containers[name=checkout].image': 'x:1' } },
      { strategic: { spec: { template: { spec: { containers } } } } },
      { json: [{ op: 'replace', path: pointer, value: 'x:1' }] },
    ];
    for (const form of forms) expect((await only(patch(form))).changes).toEqual([{ path: image, to: 'x:1' }]);
    const merge = await only(patch({ merge: { spec: { replicas: 0 } } }));
    expect(merge.changes).toEqual([{ path: ['spec', 'replicas'], to: 0 }]);
  });

  it('refuses the fields by which an object is known, and a list index', async () => {
    await expect(patch({ set: { 'metadata.ownerReferences': [] } })).rejects.toMatchObject({
      code: 'untouchable-field',
    });
    await expect(patch({ set: { 'spec.containers[0].image': 'x' } })).rejects.toThrow('never by index');
  });

  it('is refused for an object that is not there', async () => {
    const spec = { ref: 'deployment.apps/shop/nobody', set: { 'spec.replicas': 0 } };
    await expect(planFor(cluster, { change: { patch: spec } })).rejects.toMatchObject({
      code: 'unknown-object',
    });
  });
});
