import { describe, expect, it } from 'vitest';
import type { ClusterObject } from '../../../src/cluster/cluster.ts';
import { rolloutState } from '../../../src/cluster/wait/rollout.ts';

const of = (kind: string, spec: object, status: object): ClusterObject => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name: 'x', generation: 4 },
  spec,
  status: { observedGeneration: 4, ...status },
});
const pods = (replicas: number, updatedReplicas = replicas, availableReplicas = updatedReplicas) => ({
  ...{ replicas, updatedReplicas, availableReplicas },
});

/** By the rules of kubectl: polymorphichelpers/rollout_status.go. */
describe('case Q14: a rollout', () => {
  it.each<[string, boolean, ClusterObject]>([
    ['scaled down, the others still there', true, of('Deployment', { replicas: 1 }, pods(3))],
    ['all new and available', true, of('Deployment', { replicas: 3 }, pods(3))],
    ['replicas that nobody set are one', true, of('Deployment', {}, pods(1))],
    ['scaled to nothing', true, of('Deployment', { replicas: 0 }, {})],
    ['too few new', false, of('Deployment', { replicas: 3 }, pods(3, 2, 2))],
    ['old pods still there', false, of('Deployment', { replicas: 2 }, pods(3, 2, 2))],
    ['a new one not available', false, of('Deployment', { replicas: 2 }, pods(2, 2, 1))],
    [
      'not seen by its controller',
      false,
      of('Deployment', { replicas: 3 }, { ...pods(3), observedGeneration: 3 }),
    ],
    [
      'its deadline over',
      false,
      of(
        'Deployment',
        { replicas: 3 },
        {
          ...pods(3),
          conditions: [{ type: 'Progressing', reason: 'ProgressDeadlineExceeded' }],
        },
      ),
    ],
    [
      'a DaemonSet on all nodes',
      true,
      of('DaemonSet', {}, { desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 2 }),
    ],
    [
      'a DaemonSet with a pod that is not available',
      false,
      of('DaemonSet', {}, { desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 1 }),
    ],
    [
      'a StatefulSet of one revision',
      true,
      of('StatefulSet', { replicas: 2 }, { readyReplicas: 2, updateRevision: 'b', currentRevision: 'b' }),
    ],
    [
      'a StatefulSet between two revisions',
      false,
      of('StatefulSet', { replicas: 2 }, { readyReplicas: 2, updateRevision: 'b', currentRevision: 'a' }),
    ],
    [
      'a StatefulSet that is done down to its partition',
      true,
      of(
        'StatefulSet',
        { replicas: 3, updateStrategy: { rollingUpdate: { partition: 2 } } },
        {
          ...{ readyReplicas: 3, updatedReplicas: 1, updateRevision: 'b', currentRevision: 'a' },
        },
      ),
    ],
  ])('%s: complete %s', (_, complete, object) => {
    expect(rolloutState(object).complete).toBe(complete);
  });
});
