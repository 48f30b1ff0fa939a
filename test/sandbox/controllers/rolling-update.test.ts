import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KubeObject } from '../../../src/sandbox/api.ts';
import { type Cluster, deployment, startCluster } from './cluster.ts';

const isReady = ({ status }: KubeObject) =>
  status.conditions?.some(
    (one: { type: string; status: string }) => one.type === 'Ready' && one.status === 'True',
  );

const rollout = fc.record({
  replicas: fc.integer({ min: 1, max: 8 }),
  maxSurge: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom('0%', '25%', '50%', '100%')),
  maxUnavailable: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom('0%', '25%', '50%', '100%')),
  /** Which of the pods that wait for something is next to get it. */
  order: fc.array(fc.nat({ max: 1000 }), { minLength: 40, maxLength: 40 }),
  /** How many turns of the event loop the controllers get between two of these. */
  turns: fc.array(fc.nat({ max: 6 }), { minLength: 40, maxLength: 40 }),
  /** Templates tried one after the other without waiting. */
  changes: fc.integer({ min: 1, max: 3 }),
});

function portion(value: number | string, replicas: number, round: (n: number) => number): number {
  return typeof value === 'number' ? value : round((Number.parseInt(value, 10) * replicas) / 100);
}

/** Lets one pod that is not yet ready, or not yet gone, get on. False if there is none. */
function step(cluster: Cluster, choice: number): boolean {
  const pending = cluster
    .list('pods')
    .filter((pod) => pod.metadata.deletionTimestamp || (pod.spec.nodeName && !isReady(pod)));
  const pod = pending[choice % Math.max(1, pending.length)];
  if (!pod) return false;
  if (pod.metadata.deletionTimestamp) cluster.kubelet.terminate(pod);
  else cluster.kubelet.run(pod);
  return true;
}

test('a rolling update never leaves fewer pods available nor has more than its limits say', async () => {
  await fc.assert(
    fc.asyncProperty(rollout, async ({ replicas, maxSurge, maxUnavailable, order, turns, changes }) => {
      const surge = portion(maxSurge, replicas, Math.ceil);
      const asked = portion(maxUnavailable, replicas, Math.floor);
      // Both 0 is refused by the API server when they are numbers; in percent one may be unavailable.
      fc.pre(
        !(Number.parseInt(String(maxSurge), 10) === 0 && Number.parseInt(String(maxUnavailable), 10) === 0),
      );
      const unavailable = Math.min(surge === 0 && asked === 0 ? 1 : asked, replicas);
      const cluster = startCluster({ auto: false });
      const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } };
      cluster.api.create('deployments.apps', deployment('web', { replicas, strategy }));
      await cluster.settle();
      for (const pod of cluster.pods()) cluster.kubelet.run(pod);
      await cluster.settle();
      const worst = { available: replicas, total: replicas };
      const stop = cluster.api.watch('pods', () => {
        const pods = cluster.pods();
        worst.available = Math.min(worst.available, pods.filter(isReady).length);
        worst.total = Math.max(worst.total, pods.length);
      });
      let change = 0;
      for (const [index, choice] of order.entries()) {
        if (change < changes && index % 7 === 0) {
          change++;
          cluster.patch('deployments.apps', 'web', (draft) => {
            draft.spec.template.metadata.labels.version = String(change);
          });
        }
        step(cluster, choice);
        for (let turn = 0; turn < (turns[index] ?? 0); turn++)
          await new Promise((resolve) => setImmediate(resolve));
      }
      for (let left = 500; left > 0; left--) {
        await cluster.settle();
        if (!step(cluster, 0)) break;
      }
      stop();
      expect(worst.available).toBeGreaterThanOrEqual(replicas - unavailable);
      expect(worst.total).toBeLessThanOrEqual(replicas + surge);
      expect(cluster.get('deployments.apps', 'web').status).toMatchObject({
        updatedReplicas: replicas,
        availableReplicas: replicas,
      });
      expect(cluster.pods(`version=${changes}`)).toHaveLength(replicas);
      cluster.stop();
    }),
    { numRuns: 15, interruptAfterTimeLimit: 40_000 },
  );
}, 90_000);
