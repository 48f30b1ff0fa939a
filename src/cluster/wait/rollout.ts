import type { V1DaemonSetStatus, V1StatefulSetSpec, V1StatefulSetStatus } from '@kubernetes/client-node';
import type { ClusterObject } from '../cluster.ts';

/** Kinds that are rolled out, all of the group `apps`. */
export const rolloutKinds: readonly string[] = ['deployment', 'statefulset', 'daemonset'];

/** How far a rollout is. */
export interface RolloutState {
  complete: boolean;
  /** In words, e.g. "2 of 3 pods new, 2 available". */
  seen: string;
  /** Pods of the latest template. */
  updated: number;
}

type Spec = Partial<V1StatefulSetSpec>;

type Status = Partial<Omit<V1DaemonSetStatus, 'conditions'> & V1StatefulSetStatus>;

/**
 * Whether a rollout is complete, by the rules of `kubectl rollout status` (kubectl's polymorphichelpers/rollout_status.go).
 * More updated pods than wanted are fine: what is scaled down is not waited for. A strategy that kubectl has no rule for
 * (OnDelete) is judged by its pods alone.
 */
export function rolloutState(object: ClusterObject): RolloutState {
  const spec = (object.spec ?? {}) as Spec;
  const status = (object.status ?? {}) as Status;
  const rules = { DaemonSet: daemonSet, StatefulSet: statefulSet }[object.kind] ?? deployment;
  const { done, updated, wanted, available } = rules(spec, status);
  const observed = (status.observedGeneration ?? 0) >= (object.metadata.generation ?? 0);
  const late = status.conditions?.some(({ reason }) => reason === 'ProgressDeadlineExceeded') === true;
  const words = [
    `${updated} of ${wanted} pods new`,
    `${available} available`,
    ...(observed ? [] : ['the latest change not yet seen by its controller']),
    ...(late ? ['its deadline is over'] : []),
  ];
  return { complete: observed && done && !late, seen: words.join(', '), updated };
}

interface Judged {
  done: boolean;
  updated: number;
  wanted: number;
  available: number;
}

function deployment({ replicas = 1 }: Spec, status: Status): Judged {
  const { updatedReplicas: updated = 0, availableReplicas: available = 0, replicas: total = 0 } = status;
  const done = updated >= replicas && total <= updated && available >= updated;
  return { done, updated, wanted: replicas, available };
}

function daemonSet(_: Spec, status: Status): Judged {
  const { updatedNumberScheduled: updated = 0, desiredNumberScheduled: wanted = 0 } = status;
  const { numberAvailable: available = 0 } = status;
  return { done: updated >= wanted && available >= wanted, updated, wanted, available };
}

function statefulSet({ replicas = 1, updateStrategy }: Spec, status: Status): Judged {
  const { updatedReplicas: updated = 0, readyReplicas: available = 0 } = status;
  const judged = { updated, wanted: replicas, available };
  if (available < replicas) return { ...judged, done: false };
  const { partition = 0 } = updateStrategy?.rollingUpdate ?? {};
  if (partition > 0) return { ...judged, done: updated >= replicas - partition };
  // kubectl waits for the revisions to be one; without one (nothing was ever rolled out again) there is nothing to wait for.
  return { ...judged, done: status.updateRevision === status.currentRevision };
}
