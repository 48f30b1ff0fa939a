import type { ControllerContext } from '../context.ts';
import type { Deployment, Pod, ReplicaSet } from '../kinds.ts';
import { controllerOf } from '../owner.ts';
import { isTerminal } from '../pod-state.ts';
import { isInUse, scaleSet } from './scaling.ts';

/** Takes the old sets down to nothing. True if one was scaled. */
export function scaleDownOld(
  context: ControllerContext,
  deployment: Deployment,
  old: readonly ReplicaSet[],
): boolean {
  let scaled = false;
  for (const set of old.filter(isInUse)) scaled = scaleSet(context, deployment, set, 0) || scaled;
  return scaled;
}

/** Whether a pod of an old set is still there, be it terminating. */
export function hasOldPods({ api }: ControllerContext, old: readonly ReplicaSet[]): boolean {
  if (old.some((set) => set.status.replicas > 0)) return true;
  const owners = new Set(old.map((set) => set.metadata.uid));
  const namespace = old[0]?.metadata.namespace;
  if (namespace === undefined) return false;
  return (api.list('pods', { namespace }) as Pod[]).some(
    (pod) => owners.has(controllerOf(pod)?.uid ?? '') && !isTerminal(pod),
  );
}
