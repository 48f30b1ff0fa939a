import type { ControllerContext } from '../context.ts';
import type { Deployment, ReplicaSet } from '../kinds.ts';
import { limitsOf, newSetReplicas, wantedReplicas } from './limits.ts';
import { isInUse, scaleSet } from './scaling.ts';
import { allSets, type Sets } from './status.ts';

/**
 * One step of a rolling update: grow the newest set as far as the surge allows, else shrink the old ones as
 * far as availability allows. True if something was scaled.
 */
export function rollingStep(context: ControllerContext, deployment: Deployment, sets: Sets): boolean {
  const { newest, old } = sets;
  if (!newest) return false;
  const wanted =
    newest.spec.replicas > deployment.spec.replicas
      ? deployment.spec.replicas
      : newSetReplicas(deployment, allSets(sets), newest);
  if (wanted !== newest.spec.replicas) return scaleSet(context, deployment, newest, wanted);
  let scaled = false;
  for (const [set, replicas] of shrunkSizes(deployment, newest, old)) {
    scaled = scaleSet(context, deployment, set, replicas) || scaled;
  }
  return scaled;
}

/**
 * The sets to shrink, with their new sizes: replicas that are not available go first, then oldest first, as
 * many as leave enough available even if no further pod of the newest set ever becomes so.
 */
function shrunkSizes(deployment: Deployment, newest: ReplicaSet, old: readonly ReplicaSet[]) {
  const sizes = new Map<ReplicaSet, number>();
  const inUse = old.filter(isInUse);
  const minAvailable = deployment.spec.replicas - limitsOf(deployment).unavailable;
  const newUnavailable = newest.spec.replicas - (newest.status.availableReplicas ?? 0);
  let budget = wantedReplicas([newest, ...inUse]) - minAvailable - newUnavailable;
  const shrink = (set: ReplicaSet, most: number) => {
    const count = Math.min(budget, most);
    if (count <= 0) return;
    sizes.set(set, (sizes.get(set) ?? set.spec.replicas) - count);
    budget -= count;
  };
  for (const set of inUse) shrink(set, set.spec.replicas - (set.status.availableReplicas ?? 0));
  for (const set of inUse) shrink(set, sizes.get(set) ?? set.spec.replicas);
  return sizes;
}
