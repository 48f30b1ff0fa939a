import { afterEach, describe, expect, it } from 'vitest';
import type { ClusterObject, Ref } from '../../../src/cluster/cluster.ts';
import { ownerOf } from '../../../src/cluster/fields/owner.ts';
import { refOf } from '../../../src/cluster/ref.ts';
import { readScales, targetOf } from '../../../src/cluster/scales.ts';
import { apply } from '../../../src/fault/apply/apply.ts';
import type { Plan } from '../../../src/fault/plan/plan.ts';
import { revert } from '../../../src/fault/revert/revert.ts';
import { bench } from '../bench.ts';
import { planFor } from '../game.ts';
import { respond } from '../responder.ts';

const storefront: Ref = { kind: 'deployment', group: 'apps', namespace: 'shop', name: 'storefront' };
const autoscaler = (replicas: number): ClusterObject => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'storefront', namespace: 'shop' },
  spec: {
    minReplicas: replicas,
    maxReplicas: replicas,
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'storefront' },
    metrics: [
      {
        type: 'Resource',
        resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
      },
    ],
  },
});
const hpa = refOf(autoscaler(1));
const made = { autoscaler: { apply: { manifests: [autoscaler(3)] } } };

const on = bench();
afterEach(async () => {
  await on.cluster.delete(hpa);
  await on.cluster.patch(storefront, 'merge', { spec: { replicas: 1 } });
});

describe('what an autoscaler did in a game', () => {
  it('case S2: is put back with the autoscaler that the fault had made', async () => {
    await begin(made);
    await scaledTo(3);
    await on.mend();
    expect(await revert(on.game.engine, { undoResponder: true })).toEqual({ differences: [], conflicts: [] });
  });

  it('stays where a person has scaled it since, and it is said who', async () => {
    await begin(made);
    await scaledTo(3);
    await on.cluster.delete(hpa);
    await byKubectl({ spec: { replicas: 2 } });
    const restored = await revert(on.game.engine, { undoResponder: false });
    expect(restored).toEqual({
      ...{ differences: [], conflicts: [] },
      left: ['deployment/shop/storefront spec.replicas: was 1, is 2: left to kubectl'],
    });
  });

  it('case F11: stays where the autoscaler was there before the game, and it is said to whom it is left', async () => {
    await on.cluster.create(autoscaler(1));
    await begin({ edit: { config: { configMap: 'shop/edge-upstreams', set: { a: '2' } } } });
    await on.cluster.patch(hpa, 'merge', { spec: { minReplicas: 6, maxReplicas: 6 } });
    await scaledTo(6);
    const line =
      'deployment/shop/storefront spec.replicas: was 1, is 6: left to horizontalpodautoscaler/storefront';
    expect(await revert(on.game.engine, { undoResponder: true })).toEqual({
      ...{ differences: [], conflicts: [] },
      left: [line],
    });
    expect(on.game.events.at(-1)).toMatchObject({ type: 'restore-verified', left: [line] });
    expect(on.game.ledger.entries.at(-1)).toMatchObject({ type: 'restored', left: [line] });
  });

  it('case F11: names the autoscaler that has scaled what the fault itself had set', async () => {
    await on.cluster.create(autoscaler(1));
    const { operations } = await begin({
      fewer: { workload: { ref: 'deployment/shop/storefront', replicas: 4 } },
    });
    expect(operations).toHaveLength(1);
    await on.cluster.patch(hpa, 'merge', { spec: { minReplicas: 6, maxReplicas: 6 } });
    await scaledTo(6);
    expect((await revert(on.game.engine, { undoResponder: true })).conflicts).toEqual([
      'deployment/shop/storefront spec.replicas: was 1, the game made it 4, horizontalpodautoscaler/storefront made it 6',
    ]);
  });

  it('is put back with an autoscaler that the responder had made, where their changes are undone', async () => {
    await begin({ edit: { config: { configMap: 'shop/edge-upstreams', set: { a: '2' } } } });
    const responder = await respond(on.plane, on.game.ledger);
    await responder.create(autoscaler(3));
    await scaledTo(3);
    await on.mend();
  });
});

describe('the scales before a game', () => {
  it('are those of all workloads, and of what an autoscaler of a kind of its own scales', async () => {
    const scales = await readScales(on.cluster, ['shop'], []);
    expect(scales.map(({ ref }) => ref.name)).toEqual(
      expect.arrayContaining(['checkout', 'edge', 'storefront']),
    );
    const scaler = { ...autoscaler(1), apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject' };
    expect(targetOf(scaler)).toEqual(storefront);
    expect(await readScales(on.cluster, [], [scaler])).toEqual([]);
  });

  it('know the manager that wrote a field last', () => {
    const entry = (manager: string, time: string, replicas: boolean) => ({
      ...{ manager, time, operation: 'Update', fieldsType: 'FieldsV1' },
      fieldsV1: { 'f:spec': { [replicas ? 'f:replicas' : 'f:paused']: {} } },
    });
    const managedFields = [
      entry('kubectl', '2026-01-01T10:00:00Z', true),
      entry('kube-controller-manager', '2026-01-01T11:00:00Z', true),
      entry('argocd', '2026-01-01T12:00:00Z', false),
    ];
    const object = { ...autoscaler(1), metadata: { name: 'a', managedFields } };
    expect(ownerOf(object, ['spec', 'replicas'])?.manager).toBe('kube-controller-manager');
    expect(ownerOf(object, ['spec', 'selector'])).toBeUndefined();
  });
});

async function begin(faults: Record<string, Record<string, unknown>>): Promise<Plan> {
  const plan = await planFor(on.cluster, faults);
  const objects = plan.operations.flatMap((operation) => ('object' in operation ? operation.object : []));
  await on.again({ scales: await readScales(on.cluster, ['shop', 'batch'], objects) });
  await apply(plan.operations, on.game.engine);
  return plan;
}

/** As the autoscaler's controller does it, without its fifteen seconds. */
async function scaledTo(replicas: number): Promise<void> {
  on.plane.server.api.update('deployments.apps', 'shop', 'storefront', (draft) => {
    return { ...draft, spec: { ...draft.spec, replicas } };
  });
}

/** As kubectl writes: with a field manager of its own. */
async function byKubectl(body: unknown): Promise<void> {
  const path = '/apis/apps/v1/namespaces/shop/deployments/storefront?fieldManager=kubectl';
  const headers = { 'content-type': 'application/merge-patch+json' };
  const { status } = await on.cluster.raw(path, { method: 'PATCH', body: JSON.stringify(body), headers });
  expect(status).toBe(200);
}
