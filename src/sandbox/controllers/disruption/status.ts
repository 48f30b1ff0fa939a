import type { Condition, Pod, PodDisruptionBudget, PodDisruptionBudgetStatus } from '../kinds.ts';
import { findCondition, isReady } from '../pod-state.ts';
import type { Expected } from './expected-pods.ts';

const ALLOWED = 'DisruptionAllowed';

/** `disrupted`: pods that were evicted and are not yet marked for deletion, with the time of that. */
export function budgetStatus(
  { metadata, status }: PodDisruptionBudget,
  pods: readonly Pod[],
  expected: Expected,
  disrupted: Record<string, string>,
  now: string,
): PodDisruptionBudgetStatus {
  const healthy = pods.filter(
    (pod) => !pod.metadata.deletionTimestamp && !(pod.metadata.name in disrupted) && isReady(pod),
  ).length;
  const spare = Math.max(0, healthy - expected.healthy);
  const disruptionsAllowed = expected.count > 0 ? spare : 0;
  const isAllowed = disruptionsAllowed > 0;
  return {
    ...(metadata.generation !== undefined && { observedGeneration: metadata.generation }),
    ...(Object.keys(disrupted).length > 0 && { disruptedPods: disrupted }),
    disruptionsAllowed,
    currentHealthy: healthy,
    desiredHealthy: expected.healthy,
    expectedPods: expected.count,
    conditions: withCondition(status.conditions, {
      type: ALLOWED,
      status: isAllowed ? 'True' : 'False',
      observedGeneration: metadata.generation,
      lastTransitionTime: now,
      reason: isAllowed ? 'SufficientPods' : 'InsufficientPods',
      message: '',
    }),
  };
}

/** Where the pods cannot be counted, none may go. */
export function syncFailed(
  { metadata, status }: PodDisruptionBudget,
  message: string,
  now: string,
): PodDisruptionBudgetStatus {
  const conditions = withCondition(status.conditions, {
    type: ALLOWED,
    status: 'False',
    observedGeneration: status.observedGeneration ?? metadata.generation,
    lastTransitionTime: now,
    reason: 'SyncFailed',
    message,
  });
  return { ...status, disruptionsAllowed: 0, conditions };
}

function withCondition(conditions: Condition[] = [], wanted: Condition): Condition[] {
  const standing = findCondition(conditions, wanted.type);
  const same = standing?.status === wanted.status;
  const others = conditions.filter(({ type }) => type !== wanted.type);
  return [...others, same ? { ...wanted, lastTransitionTime: standing.lastTransitionTime } : wanted];
}
