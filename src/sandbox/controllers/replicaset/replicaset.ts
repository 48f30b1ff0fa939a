import { claim } from '../claim.ts';
import { queueClaimants } from '../claimants.ts';
import type { ControllerContext } from '../context.ts';
import type { Pod, ReplicaSet } from '../kinds.ts';
import { controllerOf } from '../owner.ts';
import { createPod, deletePod } from '../pod-control.ts';
import { isActive, isTerminating, millisUntilAvailable } from '../pod-state.ts';
import { timestamp } from '../time.ts';
import { keyOf, splitKey } from '../work-queue.ts';
import { writeStatus } from '../write-status.ts';
import { podsToDelete } from './deletion-order.ts';
import { type Failure, replicaSetStatus } from './status.ts';

const COMPONENT = 'replicaset-controller';
/** At most so many pods are created or deleted before the status is written again. */
const BURST = 500;

/** Keeps as many pods of each ReplicaSet alive as it asks for. */
export function startReplicaSetController(context: ControllerContext): () => void {
  const { api, dispatcher } = context;
  const queue = dispatcher.queue('replicaset', (key) => {
    const { namespace, name } = splitKey(key);
    const set = api.get('replicasets.apps', namespace, name) as ReplicaSet | undefined;
    if (!set) return;
    const waitMs = reconcile(context, set);
    if (waitMs !== undefined) queue.addAfter(key, waitMs);
  });
  const stops = [
    api.watch('replicasets.apps', ({ object }) => queue.add(keyOf(object))),
    api.watch('pods', ({ object }) =>
      queueClaimants(api, queue, { resource: 'replicasets.apps', kind: 'ReplicaSet' }, object),
    ),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Returns in how many milliseconds a pod becomes available by the passing of time, if one does. */
function reconcile(context: ControllerContext, set: ReplicaSet): number | undefined {
  const { api, clock } = context;
  let failed: { failure: Failure; error: unknown } | undefined;
  const before = claim<Pod>(api, set, set.spec.selector, 'pods');
  if (set.metadata.deletionTimestamp === undefined) failed = manage(context, set, before.filter(isActive));
  const mine = podsOf(context, set);
  const active = mine.filter(isActive);
  const now = { ms: clock.now(), text: timestamp(clock) };
  const status = replicaSetStatus(set, active, mine.filter(isTerminating), failed?.failure, now);
  writeStatus(context, ['replicasets.apps', COMPONENT], set, status);
  if (failed) throw failed.error;
  return nextAvailability(active, set.spec.minReadySeconds ?? 0, now.ms);
}

function podsOf({ api }: ControllerContext, set: ReplicaSet): Pod[] {
  const pods = api.list('pods', { namespace: set.metadata.namespace }) as readonly Pod[];
  return pods.filter((pod) => controllerOf(pod)?.uid === set.metadata.uid);
}

function manage(context: ControllerContext, set: ReplicaSet, active: Pod[]) {
  const missing = set.spec.replicas - active.length;
  const attempt = (reason: Failure['reason'], action: () => void) => {
    try {
      action();
      return undefined;
    } catch (error) {
      return { failure: { reason, message: (error as Error).message }, error };
    }
  };
  if (missing > 0) {
    return attempt('FailedCreate', () => {
      for (let i = 0; i < Math.min(missing, BURST); i++)
        createPod(context, COMPONENT, set, set.spec.template);
    });
  }
  return attempt('FailedDelete', () => {
    for (const pod of podsToDelete(active, Math.min(-missing, BURST)))
      deletePod(context, COMPONENT, set, pod);
  });
}

function nextAvailability(active: readonly Pod[], minReadySeconds: number, now: number): number | undefined {
  const waits = active
    .map((pod) => millisUntilAvailable(pod, minReadySeconds, now))
    .filter((wait) => wait !== undefined && wait > 0) as number[];
  return waits.length > 0 ? Math.min(...waits) : undefined;
}
