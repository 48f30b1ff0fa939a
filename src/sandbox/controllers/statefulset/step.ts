import type { ControllerContext } from '../context.ts';
import type { ControllerRevision, Pod, StatefulSet, StatefulSetStatus } from '../kinds.ts';
import { isReady, isTerminal, millisUntilAvailable } from '../pod-state.ts';
import { COMPONENT, createMember, deleteMember, ordinalOf, revisionName } from './members.ts';

export interface Revisions {
  /** What pods had before the update that is under way. */
  current: ControllerRevision;
  /** What they shall have. */
  update: ControllerRevision;
}

export interface Step {
  /** With the counts as they are after what was created and deleted. */
  status: StatefulSetStatus;
  failure?: unknown;
}

/**
 * Brings the pods one step nearer to what the set asks for (pkg/controller/statefulset/stateful_set_control.go): missing
 * ones are created from the lowest number on, surplus ones deleted from the highest, then old ones replaced from the
 * highest. With OrderedReady each waits until the one before is ready.
 */
export function stepPods(
  context: ControllerContext,
  set: StatefulSet,
  pods: readonly Pod[],
  revisions: Revisions,
): Step {
  const counts = countsOf(context, set, pods, revisions);
  const work: Work = { context, set, revisions, counts };
  let failure: unknown;
  try {
    if (set.metadata.deletionTimestamp === undefined) move(work, pods);
  } catch (error) {
    // The counts are written all the same.
    failure = error;
  }
  return { status: statusOf(set, revisions, counts), failure };
}

interface Counts {
  replicas: number;
  ready: number;
  available: number;
  current: number;
  updated: number;
}

interface Work {
  context: ControllerContext;
  set: StatefulSet;
  revisions: Revisions;
  counts: Counts;
}

function move(work: Work, pods: readonly Pod[]): void {
  const { spec } = work.set;
  const start = spec.ordinals?.start ?? 0;
  const number = (pod: Pod) => ordinalOf(work.set, pod) ?? 0;
  const isWanted = (pod: Pod) => number(pod) >= start && number(pod) < start + spec.replicas;
  const members = Array.from({ length: spec.replicas }, (_, index) => ({
    ordinal: start + index,
    pod: pods.find((pod) => number(pod) === start + index),
  }));
  const surplus = pods.filter((pod) => !isWanted(pod)).sort((a, b) => number(b) - number(a));
  if (fill(work, members) || remove(work, surplus, members)) return;
  if (spec.updateStrategy.type === 'RollingUpdate') replaceOld(work, members);
}

interface Member {
  ordinal: number;
  pod: Pod | undefined;
}

const isOrdered = ({ set }: Work) => set.spec.podManagementPolicy === 'OrderedReady';

/** Returns whether the rest has to wait. */
function fill(work: Work, members: readonly Member[]): boolean {
  const { context, set, revisions, counts } = work;
  for (const { ordinal, pod } of members) {
    if (pod && isTerminal(pod) && !pod.metadata.deletionTimestamp) {
      const [type, reason, state] =
        pod.status.phase === 'Failed'
          ? (['Warning', 'RecreatingFailedPod', 'failed'] as const)
          : (['Normal', 'RecreatingTerminatedPod', 'terminated'] as const);
      const message = `StatefulSet ${set.metadata.namespace}/${set.metadata.name} is recreating ${state} Pod ${pod.metadata.name}`;
      context.events.record(COMPONENT, set, type, reason, message);
      drop(work, pod);
      return true;
    }
    if (!pod) {
      const revision = ordinal < partitionOf(set) ? revisions.current : revisions.update;
      createMember(context, set, ordinal, revision);
      counts.replicas += 1;
      if (isNamed(revision, revisions.current)) counts.current += 1;
      if (isNamed(revision, revisions.update)) counts.updated += 1;
    }
    if (isOrdered(work) && !(pod && isHealthy(work, pod))) return true;
  }
  return false;
}

/** One after the other, from the highest number; with OrderedReady only while all others are well. */
function remove(work: Work, surplus: readonly Pod[], members: readonly Member[]): boolean {
  const all = [...members.flatMap(({ pod }) => pod ?? []), ...surplus].sort(
    (a, b) => (ordinalOf(work.set, a) ?? 0) - (ordinalOf(work.set, b) ?? 0),
  );
  const firstUnhealthy = all.find((pod) => !isHealthy(work, pod));
  for (const pod of surplus) {
    if (pod.metadata.deletionTimestamp) {
      if (isOrdered(work)) return true;
      continue;
    }
    if (isOrdered(work) && !isHealthy(work, pod) && pod !== firstUnhealthy) return true;
    drop(work, pod);
    if (isOrdered(work)) return true;
  }
  return false;
}

/** One at a time, whatever the policy: the next goes when the last is back and well. */
function replaceOld(work: Work, members: readonly Member[]): void {
  for (const { ordinal, pod } of [...members].reverse()) {
    if (ordinal < partitionOf(work.set) || !pod) return;
    const isOld = revisionName(pod) !== work.revisions.update.metadata.name;
    if (isOld && !pod.metadata.deletionTimestamp) drop(work, pod);
    if (isOld || !isHealthy(work, pod)) return;
  }
}

/** Pods with a lower number stay at the current revision. */
function partitionOf({ spec }: StatefulSet): number {
  return spec.updateStrategy.type === 'RollingUpdate'
    ? (spec.updateStrategy.rollingUpdate?.partition ?? 0)
    : 0;
}

const isNamed = (one: ControllerRevision, other: ControllerRevision) =>
  one.metadata.name === other.metadata.name;

function drop({ context, set, revisions, counts }: Work, pod: Pod): void {
  deleteMember(context, set, pod);
  if (revisionName(pod) === revisions.current.metadata.name) counts.current -= 1;
  if (revisionName(pod) === revisions.update.metadata.name) counts.updated -= 1;
}

function isHealthy({ context, set }: Pick<Work, 'context' | 'set'>, pod: Pod): boolean {
  return !pod.metadata.deletionTimestamp && isRunning(pod) && isAvailable(context, set, pod);
}

const isRunning = (pod: Pod) => pod.status.phase === 'Running' && isReady(pod);

const isAvailable = ({ clock }: ControllerContext, { spec }: StatefulSet, pod: Pod) =>
  isRunning(pod) && millisUntilAvailable(pod, spec.minReadySeconds ?? 0, clock.now()) === 0;

function countsOf(
  context: ControllerContext,
  set: StatefulSet,
  pods: readonly Pod[],
  revisions: Revisions,
): Counts {
  const staying = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const at = ({ metadata }: ControllerRevision) =>
    staying.filter((pod) => revisionName(pod) === metadata.name).length;
  return {
    replicas: pods.length,
    ready: pods.filter(isRunning).length,
    available: pods.filter((pod) => isAvailable(context, set, pod)).length,
    current: at(revisions.current),
    updated: at(revisions.update),
  };
}

function statusOf(set: StatefulSet, { current, update }: Revisions, counts: Counts): StatefulSetStatus {
  return {
    observedGeneration: set.metadata.generation,
    replicas: counts.replicas,
    ...(counts.ready > 0 && { readyReplicas: counts.ready }),
    availableReplicas: counts.available,
    ...(counts.current > 0 && { currentReplicas: counts.current }),
    ...(counts.updated > 0 && { updatedReplicas: counts.updated }),
    currentRevision: current.metadata.name,
    updateRevision: update.metadata.name,
  };
}
