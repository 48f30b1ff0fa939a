import { describe, expect, it } from 'vitest';
import { preflight } from '../../../../src/fault/plan/preflight.ts';
import { bench } from '../../bench.ts';
import { guard } from '../../game.ts';

const at = bench();
const job = { group: 'batch', kind: 'job', namespace: 'batch', name: 'thumbnails' };
const stress = (more: Record<string, unknown> = {}) => ({
  stress: {
    target: 'deployment.apps/shop/checkout',
    cpu: 0.5,
    disguise: { name: 'thumbnails', namespace: 'batch' },
    ...more,
  },
});
/** A pod on the only node, in a namespace that is not open. */
async function stranger(owner?: { kind: string }): Promise<() => Promise<unknown>> {
  const ref = { kind: 'pod', namespace: 'default', name: 'neighbour' };
  await at.cluster.create({
    ...{ apiVersion: 'v1', kind: 'Pod' },
    metadata: {
      ...{ name: ref.name, namespace: ref.namespace },
      ...(owner && {
        ownerReferences: [
          { apiVersion: 'apps/v1', name: 'agents', uid: 'a-uid', controller: true, ...owner },
        ],
      }),
    },
    spec: { nodeName: 'node-a', containers: [{ name: 'main', image: 'node:20-slim' }] },
  });
  return () => at.cluster.delete(ref, { gracePeriodSeconds: 0 });
}

describe('a stress fault', () => {
  it('runs on the node of the pods, with small requests and limits at what it takes, and goes again', async () => {
    await at.break(stress({ cpu: 2.5, memory: '300Mi' }));
    const { spec } = (await at.cluster.get(job))! as unknown as {
      spec: { parallelism: number; activeDeadlineSeconds: number; template: { spec: object } };
    };
    expect(spec).toMatchObject({ parallelism: 3, activeDeadlineSeconds: 750, ttlSecondsAfterFinished: 600 });
    expect(spec.template.spec).toMatchObject({
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [
              { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node-a'] }] },
            ],
          },
        },
      },
      containers: [
        {
          resources: {
            requests: { cpu: '50m', memory: '64Mi' },
            limits: { cpu: '834m', memory: '228Mi' },
          },
          env: expect.arrayContaining([{ name: 'MEMORY_BYTES', value: String(100 * 2 ** 20) }]),
        },
      ],
    });
    const pods = await at.cluster.list({ kind: 'pods' }, { namespace: 'batch' });
    const nodes = pods.flatMap(({ metadata, spec }) =>
      metadata.name.startsWith('thumbnails-') ? [(spec as { nodeName: string }).nodeName] : [],
    );
    expect(nodes).toEqual(['node-a', 'node-a', 'node-a']);
    await at.mend();
  });

  it.each([
    ['too much CPU', { cpu: 1.2 }, 'Too much CPU is taken: 1.2 cores, and 1 are allowed.'],
    ['too much memory', { memory: '1Gi' }, 'Too much memory is taken: 1024Mi, and 512Mi is allowed.'],
  ])('is refused for %s', async (_, more, message) => {
    const { refusals } = await preflight(await at.plan(stress(more)), guard, at.cluster);
    expect(refusals).toMatchObject([{ code: 'over-limit', message }]);
  });

  it('counts its node, and what it takes, as what is touched', async () => {
    const plan = await at.plan(stress({ memory: '128Mi' }));
    expect(plan.blastRadius.lines).toEqual(
      expect.arrayContaining(['nodes: node-a', 'CPU taken: 0.5 cores', 'memory taken: 128Mi']),
    );
    const none = { ...guard, limits: { ...guard.limits, nodes: { count: 0 } } };
    expect((await preflight(plan, none, at.cluster)).refusals).toMatchObject([
      { message: 'Too many nodes: 1 of 1, and 0 are allowed.' },
    ]);
  });

  it('is refused beside pods of namespaces that are not open, unless each node has one of them', async () => {
    const remove = await stranger();
    await expect(at.plan(stress())).rejects.toMatchObject({
      code: 'disturbs-others',
      message: 'Node node-a also runs 1 pods of other namespaces, default/neighbour among them.',
    });
    await remove();
    const removeAgent = await stranger({ kind: 'DaemonSet' });
    await expect(at.plan(stress())).resolves.toBeDefined();
    await removeAgent();
  });

  it.each([
    ['nothing to take', { cpu: undefined }, 'Expected cpu, or memory, or both.'],
    ['no memory', { memory: '0' }, 'Expected memory to be above 0.'],
    ['a workload without pods', { target: 'deployment.apps/shop/nobody' }, 'does not exist'],
    ['a workload elsewhere', { target: 'deployment.apps/kube-system/coredns' }, 'may be touched'],
    ['a Job elsewhere', { disguise: { name: 'x', namespace: 'default' } }, 'may be touched'],
  ])('is refused with %s', async (_, more, said) => {
    await expect(at.plan(stress(more))).rejects.toThrow(said);
  });
});
