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

/** The sets to shrink, with their new sizes: unavailable replicas go first, then oldest first. */
export function shrunkSizes(deployment: Deployment, newest: ReplicaSet, old: readonly ReplicaSet[]) {
  const sizes = new Map<ReplicaSet, number>();
  const inUse = old.filter(isInUse);
  const minAvailable = deployment.spec.replicas - limitsOf(deployment).unavailable;
  const newUnavailable = newest.spec.replicas - (newest.status.availableReplicas ?? 0);
  let budget = wantedReplicas([newest, ...inUse]) - minAvailable - newUnavailable;

  // A set that was just scaled down may still report more available pods than it asks for.
  const available = (set: ReplicaSet) => Math.min(set.status.availableReplicas ?? 0, set.spec.replicas);
  for (const set of inUse) {
    const count = Math.min(budget, set.spec.replicas - available(set));
    if (count <= 0) continue;
    sizes.set(set, set.spec.replicas - count);
    budget -= count;
  }

  let spare = [newest, ...inUse].reduce((sum, set) => sum + available(set), 0) - minAvailable;
  for (const set of inUse) {
    const size = sizes.get(set) ?? set.spec.replicas;
    const count = Math.min(spare, budget, size);
    if (count <= 0) continue;
    sizes.set(set, size - count);
    spare -= count;
    budget -= count;
  }
  return sizes;
}
