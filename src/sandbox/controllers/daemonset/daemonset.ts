import { claim } from '../claim.ts';
import { queueClaimants } from '../claimants.ts';
import type { ControllerContext } from '../context.ts';
import type { ControllerRevision, DaemonSet, DaemonSetStatus, Node, Pod } from '../kinds.ts';
import { isReady, millisUntilAvailable } from '../pod-state.ts';
import { presentRevision, revisionsOf, trimRevisions } from '../revisions.ts';
import { isEmptySelector } from '../selector.ts';
import { keyOf, splitKey } from '../work-queue.ts';
import { writeStatus } from '../write-status.ts';
import { COMPONENT, HASH_LABEL, isUpdated, nodeOf } from './members.ts';
import { placement, placePods } from './placement.ts';
import { rollPods } from './rolling.ts';

/** Keeps one pod of each DaemonSet on every node that it fits. */
export function startDaemonSetController(context: ControllerContext): () => void {
  const { api, dispatcher, clock } = context;
  const queue = dispatcher.queue('daemonset', (key) => {
    const { namespace, name } = splitKey(key);
    const set = api.get('daemonsets.apps', namespace, name) as DaemonSet | undefined;
    if (!set || isEmptySelector(set.spec.selector)) return;
    reconcile(context, set);
    const waits = podsOf(context, set)
      .map((pod) => millisUntilAvailable(pod, set.spec.minReadySeconds ?? 0, clock.now()) ?? 0)
      .filter((wait) => wait > 0);
    if (waits.length > 0) queue.addAfter(key, Math.min(...waits));
  });
  const all = () => {
    for (const set of api.list('daemonsets.apps')) queue.add(keyOf(set));
  };
  const stops = [
    api.watch('daemonsets.apps', ({ object }) => queue.add(keyOf(object))),
    api.watch('nodes', all),
    api.watch('pods', ({ object }) =>
      queueClaimants(api, queue, { resource: 'daemonsets.apps', kind: 'DaemonSet' }, object),
    ),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

function reconcile(context: ControllerContext, set: DaemonSet): void {
  const { api } = context;
  if (set.metadata.deletionTimestamp !== undefined) return;
  const known = revisionsOf(context, set);
  const { revision, collisionCount } = presentRevision(context, set, known, HASH_LABEL);
  const hash = revision.metadata.labels?.[HASH_LABEL] ?? '';
  let failure: unknown;
  try {
    placePods(context, set, podsOf(context, set), hash);
    if (set.spec.updateStrategy.type === 'RollingUpdate') rollPods(context, set, podsOf(context, set), hash);
  } catch (error) {
    // The counts are written all the same.
    failure = error;
  }
  const pods = podsOf(context, set);
  const inUse = new Set([hash, ...pods.map((pod) => pod.metadata.labels?.[HASH_LABEL])]);
  const isLive = ({ metadata }: ControllerRevision) => inUse.has(metadata.labels?.[HASH_LABEL]);
  trimRevisions(api, set, known, isLive);
  const counts = countsOf(context, set, pods, hash);
  const { conditions } = set.status;
  writeStatus(context, ['daemonsets.apps', COMPONENT], set, {
    ...counts,
    ...(collisionCount > 0 && { collisionCount }),
    ...(conditions && { conditions }),
  });
  if (failure) throw failure;
}

function podsOf({ api }: ControllerContext, set: DaemonSet): Pod[] {
  return claim<Pod>(api, set, set.spec.selector, 'pods');
}

/** Of several pods on one node the oldest counts. */
function countsOf(
  context: ControllerContext,
  set: DaemonSet,
  pods: readonly Pod[],
  hash: string,
): DaemonSetStatus {
  const { api, clock } = context;
  const counts = { desired: 0, current: 0, misscheduled: 0, ready: 0, available: 0, updated: 0 };
  for (const node of api.list('nodes') as readonly Node[]) {
    const onNode = pods
      .filter((pod) => nodeOf(pod) === node.metadata.name)
      .sort((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? -1 : 1));
    if (!placement(set, node).run) {
      if (onNode.length > 0) counts.misscheduled += 1;
      continue;
    }
    counts.desired += 1;
    if (onNode.length > 0) counts.current += 1;
    const [pod] = onNode;
    if (!pod) continue;
    if (isReady(pod)) counts.ready += 1;
    if (millisUntilAvailable(pod, set.spec.minReadySeconds ?? 0, clock.now()) === 0) counts.available += 1;
    if (isUpdated(set, pod, hash)) counts.updated += 1;
  }
  const unavailable = counts.desired - counts.available;
  return {
    currentNumberScheduled: counts.current,
    numberMisscheduled: counts.misscheduled,
    desiredNumberScheduled: counts.desired,
    numberReady: counts.ready,
    observedGeneration: set.metadata.generation,
    ...(counts.updated > 0 && { updatedNumberScheduled: counts.updated }),
    ...(counts.available > 0 && { numberAvailable: counts.available }),
    ...(unavailable > 0 && { numberUnavailable: unavailable }),
  };
}
