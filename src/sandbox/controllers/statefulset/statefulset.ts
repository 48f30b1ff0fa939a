import { claim } from '../claim.ts';
import { queueClaimants } from '../claimants.ts';
import type { ControllerContext } from '../context.ts';
import type { ControllerRevision, Pod, StatefulSet, StatefulSetStatus } from '../kinds.ts';
import { millisUntilAvailable } from '../pod-state.ts';
import { presentRevision, revisionsOf, trimRevisions } from '../revisions.ts';
import { isEmptySelector } from '../selector.ts';
import { keyOf, splitKey } from '../work-queue.ts';
import { writeStatus } from '../write-status.ts';
import { COMPONENT, ordinalOf, revisionName } from './members.ts';
import { stepPods } from './step.ts';

const HASH_LABEL = 'controller.kubernetes.io/hash';

/** Keeps the numbered pods of StatefulSets, in order. */
export function startStatefulSetController(context: ControllerContext): () => void {
  const { api, dispatcher, clock } = context;
  const queue = dispatcher.queue('statefulset', (key) => {
    const { namespace, name } = splitKey(key);
    const set = api.get('statefulsets.apps', namespace, name) as StatefulSet | undefined;
    if (!set || isEmptySelector(set.spec.selector)) return;
    reconcile(context, set);
    const waitMs = nextAvailability(podsOf(context, set), set.spec.minReadySeconds ?? 0, clock.now());
    if (waitMs !== undefined) queue.addAfter(key, waitMs);
  });
  const stops = [
    api.watch('statefulsets.apps', ({ object }) => queue.add(keyOf(object))),
    api.watch('pods', ({ object }) =>
      queueClaimants(api, queue, { resource: 'statefulsets.apps', kind: 'StatefulSet' }, object),
    ),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

function reconcile(context: ControllerContext, set: StatefulSet): void {
  const { api } = context;
  const known = revisionsOf(context, set);
  const { revision: update, collisionCount } = presentRevision(context, set, known, HASH_LABEL);
  const current = known.find(({ metadata }) => metadata.name === set.status.currentRevision) ?? update;
  const pods = podsOf(context, set);
  const { conditions } = set.status;
  const { status, failure } = stepPods(context, set, pods, { current, update });
  writeStatus(context, ['statefulsets.apps', COMPONENT], set, {
    ...completed(set, { ...status, collisionCount }),
    ...(conditions && { conditions }),
  });
  const inUse = new Set([...pods.map(revisionName), current.metadata.name, update.metadata.name]);
  const isLive = ({ metadata }: ControllerRevision) => inUse.has(metadata.name);
  trimRevisions(api, set, known, isLive);
  if (failure) throw failure;
}

function podsOf({ api }: ControllerContext, set: StatefulSet): Pod[] {
  return claim<Pod>(api, set, set.spec.selector, 'pods', (pod) => ordinalOf(set, pod) !== undefined);
}

/** When every pod has the new template and is ready, the new revision becomes the current one. */
function completed({ spec }: StatefulSet, status: StatefulSetStatus): StatefulSetStatus {
  const { replicas } = spec;
  const isDone =
    spec.updateStrategy.type === 'RollingUpdate' &&
    status.replicas === replicas &&
    (status.updatedReplicas ?? 0) === replicas &&
    (status.readyReplicas ?? 0) === replicas;
  if (!isDone) return status;
  return {
    ...status,
    ...(replicas > 0 && { currentReplicas: replicas }),
    currentRevision: status.updateRevision,
  };
}

function nextAvailability(pods: readonly Pod[], minReadySeconds: number, now: number): number | undefined {
  const waits = pods
    .map((pod) => millisUntilAvailable(pod, minReadySeconds, now))
    .filter((wait) => wait !== undefined && wait > 0) as number[];
  return waits.length > 0 ? Math.min(...waits) : undefined;
}
