import type { Condition, Deployment, DeploymentStatus, ReplicaSet } from '../kinds.ts';
import { findCondition } from '../pod-state.ts';
import { millis } from '../time.ts';
import { withCondition, withoutCondition } from './conditions.ts';
import { counted, limitsOf, wantedReplicas } from './limits.ts';

export const PROGRESSING = 'Progressing';

/** Kubernetes takes a deadline of this many seconds for "none". */
const NO_DEADLINE = 2 ** 31 - 1;

export interface Sets {
  /** The set of the present template, once it exists. */
  newest: ReplicaSet | undefined;
  old: ReplicaSet[];
}

export function allSets({ newest, old }: Sets): ReplicaSet[] {
  return newest ? [...old, newest] : [...old];
}

export function hasDeadline({ spec }: Deployment): boolean {
  return spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds !== NO_DEADLINE;
}

/** Counts and the condition Available, as the sets' status gives them. */
export function countedStatus(deployment: Deployment, sets: Sets, now: string): DeploymentStatus {
  const all = allSets(sets);
  const newest = sets.newest ? [sets.newest] : [];
  const available = counted(all, 'availableReplicas');
  const minimum = deployment.spec.replicas - limitsOf(deployment).unavailable;
  const enough = available >= minimum;
  const collisionCount = deployment.status.collisionCount;
  const conditions = withCondition(
    deployment.status.conditions ?? [],
    {
      type: 'Available',
      status: enough ? 'True' : 'False',
      reason: enough ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
      message: `Deployment ${enough ? 'has' : 'does not have'} minimum availability.`,
    },
    now,
  );
  return {
    observedGeneration: deployment.metadata.generation ?? 0,
    ...nonZero('replicas', counted(all, 'replicas')),
    ...nonZero('updatedReplicas', counted(newest, 'replicas')),
    ...nonZero('readyReplicas', counted(all, 'readyReplicas')),
    ...nonZero('availableReplicas', available),
    ...nonZero('unavailableReplicas', Math.max(0, wantedReplicas(all) - available)),
    terminatingReplicas: counted(all, 'terminatingReplicas'),
    ...(collisionCount !== undefined && { collisionCount }),
    conditions,
  };
}

/** The whole status during a rollout: counts, Available, Progressing and ReplicaFailure. */
export function rolloutStatus(
  deployment: Deployment,
  sets: Sets,
  now: { ms: number; text: string },
): DeploymentStatus {
  const status = countedStatus(deployment, sets, now.text);
  let conditions = status.conditions ?? [];
  if (!hasDeadline(deployment)) conditions = withoutCondition(conditions, PROGRESSING);
  else conditions = progress(deployment, sets, { ...status, conditions }, now);
  const failure = replicaFailure(sets);
  conditions = failure
    ? withCondition(conditions, failure, now.text)
    : withoutCondition(conditions, 'ReplicaFailure');
  return { ...status, conditions };
}

function progress(
  deployment: Deployment,
  { newest }: Sets,
  status: DeploymentStatus,
  now: { ms: number; text: string },
): Condition[] {
  const conditions = status.conditions ?? [];
  const current = findCondition(deployment.status.conditions, PROGRESSING);
  if (status.replicas === status.updatedReplicas && current?.reason === 'NewReplicaSetAvailable')
    return conditions;
  const subject = newest
    ? `ReplicaSet "${newest.metadata.name}"`
    : `Deployment "${deployment.metadata.name}"`;
  if (isComplete(deployment, status)) {
    const message = `${subject} has successfully progressed.`;
    return withCondition(
      conditions,
      { type: PROGRESSING, status: 'True', reason: 'NewReplicaSetAvailable', message },
      now.text,
    );
  }
  if (hasProgressed(deployment.status, status)) {
    const message = `${subject} is progressing.`;
    const standing = current?.status === 'True' ? current.lastTransitionTime : now.text;
    // Written anew even with the same reason: the deadline counts from lastUpdateTime.
    return [
      ...withoutCondition(conditions, PROGRESSING),
      {
        type: PROGRESSING,
        status: 'True',
        lastUpdateTime: now.text,
        lastTransitionTime: standing,
        reason: 'ReplicaSetUpdated',
        message,
      },
    ];
  }
  if (hasTimedOut(deployment, now.ms)) {
    const message = `${subject} has timed out progressing.`;
    return withCondition(
      conditions,
      { type: PROGRESSING, status: 'False', reason: 'ProgressDeadlineExceeded', message },
      now.text,
    );
  }
  return conditions;
}

/** Every wanted replica is of the newest template and available, and no other is left. */
export function isComplete({ spec, metadata }: Deployment, status: DeploymentStatus): boolean {
  return (
    (status.updatedReplicas ?? 0) === spec.replicas &&
    (status.replicas ?? 0) === spec.replicas &&
    (status.availableReplicas ?? 0) === spec.replicas &&
    (status.observedGeneration ?? 0) >= (metadata.generation ?? 0)
  );
}

function hasProgressed(before: DeploymentStatus, after: DeploymentStatus): boolean {
  const outdated = (status: DeploymentStatus) => (status.replicas ?? 0) - (status.updatedReplicas ?? 0);
  return (
    (after.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    outdated(after) < outdated(before) ||
    (after.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (after.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

function hasTimedOut(deployment: Deployment, now: number): boolean {
  const current = findCondition(deployment.status.conditions, PROGRESSING);
  if (!current || current.reason === 'NewReplicaSetAvailable') return false;
  if (current.reason === 'ProgressDeadlineExceeded') return true;
  return now > deadline(deployment, current);
}

function deadline({ spec }: Deployment, progressing: Condition): number {
  return millis(progressing.lastUpdateTime) + (spec.progressDeadlineSeconds ?? 0) * 1000;
}

/** In how many milliseconds the deadline passes, if a rollout waits for something that may never come. */
export function millisUntilDeadline(deployment: Deployment, now: number): number | undefined {
  const current = findCondition(deployment.status.conditions, PROGRESSING);
  if (!hasDeadline(deployment) || !current || current.reason === 'ProgressDeadlineExceeded') return undefined;
  if (isComplete(deployment, deployment.status)) return undefined;
  // Conditions have whole seconds; one more makes sure that the deadline has passed.
  return Math.max(0, deadline(deployment, current) - now) + 1000;
}

function replicaFailure({ newest, old }: Sets): Condition | undefined {
  for (const set of newest ? [newest, ...old] : old) {
    const condition = findCondition(set.status.conditions, 'ReplicaFailure');
    if (condition) return condition;
  }
  return undefined;
}

function nonZero<K extends string>(key: K, value: number): Partial<Record<K, number>> {
  return value === 0 ? {} : ({ [key]: value } as Record<K, number>);
}
