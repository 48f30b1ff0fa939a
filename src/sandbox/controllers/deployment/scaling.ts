import type { ControllerContext } from '../context.ts';
import type { Deployment, ReplicaSet } from '../kinds.ts';
import { millis } from '../time.ts';
import { notedSize, sizeAnnotations } from './annotations.ts';
import { limitsOf, wantedReplicas } from './limits.ts';
import type { Sets } from './status.ts';

export const COMPONENT = 'deployment-controller';

/** Gives `set` a new size and notes the Deployment's size on it. True if its size changed. */
export function scaleSet(
  { api, events }: ControllerContext,
  deployment: Deployment,
  set: ReplicaSet,
  replicas: number,
): boolean {
  const from = set.spec.replicas;
  api.update('replicasets.apps', set.metadata.namespace, set.metadata.name, (draft) => {
    draft.spec.replicas = replicas;
    draft.metadata.annotations = { ...draft.metadata.annotations, ...sizeAnnotations(deployment) };
    return draft;
  });
  if (from === replicas) return false;
  const direction = replicas > from ? 'up' : 'down';
  const message = `Scaled ${direction} replica set ${set.metadata.name} from ${from} to ${replicas}`;
  events.record(COMPONENT, deployment, 'Normal', 'ScalingReplicaSet', message);
  return true;
}

/** Whether somebody changed the Deployment's size since its sets were last scaled. */
export function isResized(deployment: Deployment, sets: readonly ReplicaSet[]): boolean {
  return sets.filter(isInUse).some((set) => {
    const { desired } = notedSize(set);
    return desired !== undefined && desired !== deployment.spec.replicas;
  });
}

export function isInUse(set: ReplicaSet): boolean {
  return set.spec.replicas > 0;
}

/** Brings the sets to the Deployment's size outside a rollout step; in the middle of one, in proportion. */
export function resize(context: ControllerContext, deployment: Deployment, sets: Sets): void {
  const { newest, old } = sets;
  const only = onlySetInUse(sets);
  if (only) {
    if (only.spec.replicas !== deployment.spec.replicas || isResized(deployment, [only])) {
      scaleSet(context, deployment, only, deployment.spec.replicas);
    }
    return;
  }
  if (newest && isSaturated(deployment, newest)) {
    for (const set of old.filter(isInUse)) scaleSet(context, deployment, set, 0);
    return;
  }
  if (deployment.spec.strategy.type !== 'RollingUpdate') return;
  const inUse = [...old, ...(newest ? [newest] : [])].filter(isInUse);
  for (const [set, replicas] of proportionalSizes(deployment, inUse)) {
    scaleSet(context, deployment, set, replicas);
  }
}

function onlySetInUse({ newest, old }: Sets): ReplicaSet | undefined {
  const inUse = [...old, ...(newest ? [newest] : [])].filter(isInUse);
  if (inUse.length === 1) return inUse[0];
  if (inUse.length > 1) return undefined;
  return newest ?? [...old].sort((a, b) => age(b) - age(a))[0];
}

function isSaturated({ spec }: Deployment, set: ReplicaSet): boolean {
  return (
    set.spec.replicas === spec.replicas &&
    notedSize(set).desired === spec.replicas &&
    (set.status.availableReplicas ?? 0) === spec.replicas
  );
}

/** The sizes after spreading the change over the sets in proportion to theirs; the largest takes the rest. */
function proportionalSizes(deployment: Deployment, inUse: ReplicaSet[]): Map<ReplicaSet, number> {
  const { replicas } = deployment.spec;
  const allowed = replicas > 0 ? replicas + limitsOf(deployment).surge : 0;
  const change = allowed - wantedReplicas(inUse);
  const order = [...inUse].sort(
    (a, b) => b.spec.replicas - a.spec.replicas || (change > 0 ? age(b) - age(a) : age(a) - age(b)),
  );
  let spread = 0;
  const sizes = new Map<ReplicaSet, number>();
  for (const set of order) {
    const share = proportion(deployment, set, change - spread);
    spread += share;
    sizes.set(set, set.spec.replicas + share);
  }
  const [largest] = order;
  if (largest) sizes.set(largest, Math.max(0, (sizes.get(largest) ?? 0) + change - spread));
  return sizes;
}

function proportion(deployment: Deployment, set: ReplicaSet, left: number): number {
  const { replicas } = set.spec;
  if (replicas === 0 || left === 0) return 0;
  const share = fraction(deployment, set);
  return left > 0 ? Math.min(share, left) : Math.max(share, left);
}

function fraction(deployment: Deployment, set: ReplicaSet): number {
  const { replicas } = set.spec;
  if (deployment.spec.replicas === 0) return -replicas;
  const before = notedSize(set).max ?? deployment.status.replicas ?? 0;
  if (before === 0) return 0;
  const max = deployment.spec.replicas + limitsOf(deployment).surge;
  return Math.round((replicas * max) / before) - replicas;
}

function age(set: ReplicaSet): number {
  return millis(set.metadata.creationTimestamp);
}
