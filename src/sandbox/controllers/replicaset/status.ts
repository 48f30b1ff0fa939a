import type { Condition, Pod, ReplicaSet, ReplicaSetStatus } from '../kinds.ts';
import { findCondition, isReady, millisUntilAvailable } from '../pod-state.ts';
import { matchesLabels } from '../selector.ts';

export interface Failure {
  reason: 'FailedCreate' | 'FailedDelete';
  message: string;
}

/** What the status of `set` should say, given its active and terminating pods and what went wrong. */
export function replicaSetStatus(
  set: ReplicaSet,
  active: readonly Pod[],
  terminating: readonly Pod[],
  failure: Failure | undefined,
  now: { ms: number; text: string },
): ReplicaSetStatus {
  const templateLabels = set.spec.template.metadata?.labels ?? {};
  const ready = active.filter(isReady);
  const available = ready.filter(
    (pod) => millisUntilAvailable(pod, set.spec.minReadySeconds ?? 0, now.ms) === 0,
  );
  const fullyLabeled = active.filter((pod) => matchesLabels(templateLabels, pod.metadata.labels));
  const conditions = failureConditions(set.status.conditions ?? [], failure, now.text);
  return {
    replicas: active.length,
    ...(fullyLabeled.length > 0 && { fullyLabeledReplicas: fullyLabeled.length }),
    ...(ready.length > 0 && { readyReplicas: ready.length }),
    ...(available.length > 0 && { availableReplicas: available.length }),
    terminatingReplicas: terminating.length,
    observedGeneration: set.metadata.generation ?? 0,
    ...(conditions.length > 0 && { conditions }),
  };
}

function failureConditions(conditions: Condition[], failure: Failure | undefined, now: string): Condition[] {
  const others = conditions.filter((condition) => condition.type !== 'ReplicaFailure');
  if (!failure) return others;
  const standing = findCondition(conditions, 'ReplicaFailure');
  if (standing) return conditions;
  return [...others, { type: 'ReplicaFailure', status: 'True', lastTransitionTime: now, ...failure }];
}
