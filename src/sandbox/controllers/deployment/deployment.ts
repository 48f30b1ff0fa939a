import { claim } from '../claim.ts';
import { queueClaimants } from '../claimants.ts';
import type { ControllerContext } from '../context.ts';
import type { Deployment, ReplicaSet } from '../kinds.ts';
import { controllerOf } from '../owner.ts';
import { findCondition } from '../pod-state.ts';
import { isEmptySelector } from '../selector.ts';
import { timestamp } from '../time.ts';
import { keyOf, splitKey } from '../work-queue.ts';
import { revisionOf } from './annotations.ts';
import { hasOldPods, scaleDownOld } from './recreate.ts';
import { splitSets, syncSets } from './replica-sets.ts';
import { rollingStep } from './rolling.ts';
import { isResized, resize, scaleSet } from './scaling.ts';
import {
  allSets,
  countedStatus,
  hasDeadline,
  isComplete,
  millisUntilDeadline,
  PROGRESSING,
  rolloutStatus,
  type Sets,
} from './status.ts';
import { writeCondition, writeDeployment } from './write.ts';

/** Rolls Deployments out through ReplicaSets. */
export function startDeploymentController(context: ControllerContext): () => void {
  const { api, dispatcher, clock } = context;
  const queue = dispatcher.queue(
    'deployment',
    (key) => {
      const { namespace, name } = splitKey(key);
      const read = () => api.get('deployments.apps', namespace, name) as Deployment | undefined;
      const deployment = read();
      if (!deployment || isEmptySelector(deployment.spec.selector)) return;
      reconcile(context, deployment);
      const after = read();
      const waitMs = after && !after.spec.paused ? millisUntilDeadline(after, clock.now()) : undefined;
      if (waitMs !== undefined) queue.addAfter(key, waitMs);
    },
    { last: true },
  );
  const stops = [
    api.watch('deployments.apps', ({ object }) => queue.add(keyOf(object))),
    api.watch('replicasets.apps', ({ object }) =>
      queueClaimants(api, queue, { resource: 'deployments.apps', kind: 'Deployment' }, object),
    ),
    api.watch('pods', ({ type, object: pod }) => {
      // Recreate waits for the last old pod to go.
      const set = type === 'DELETED' ? controllerOf(pod) : undefined;
      if (set?.kind !== 'ReplicaSet') return;
      const owner = api.get('replicasets.apps', pod.metadata.namespace, set.name);
      const controller = owner && controllerOf(owner);
      if (controller?.kind === 'Deployment') queue.add(`${pod.metadata.namespace}/${controller.name}`);
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

function reconcile(context: ControllerContext, original: Deployment): void {
  const { api } = context;
  const { namespace, name } = original.metadata;
  const owned = claim<ReplicaSet>(api, original, original.spec.selector, 'replicasets.apps');
  if (original.metadata.deletionTimestamp !== undefined) {
    writeCounts(context, original, splitSets(original, owned));
    return;
  }
  notePause(context, original);
  const deployment = api.get('deployments.apps', namespace, name) as Deployment | undefined;
  if (!deployment) return;
  const present = splitSets(deployment, owned);
  if (deployment.spec.paused || isResized(deployment, allSets(present))) {
    const sets = syncSets(context, deployment, owned, false);
    resize(context, deployment, sets);
    if (deployment.spec.paused) trimHistory(context, deployment, sets.old);
    writeCounts(context, deployment, sets);
  } else if (deployment.spec.strategy.type === 'Recreate') recreate(context, deployment, owned);
  else roll(context, deployment, owned);
}

function roll(context: ControllerContext, deployment: Deployment, owned: ReplicaSet[]): void {
  const sets = syncSets(context, deployment, owned, true);
  const scaled = rollingStep(context, deployment, sets);
  if (!scaled && isComplete(deployment, deployment.status)) trimHistory(context, deployment, sets.old);
  writeRollout(context, deployment, sets);
}

function recreate(context: ControllerContext, deployment: Deployment, owned: ReplicaSet[]): void {
  let sets = syncSets(context, deployment, owned, false);
  if (scaleDownOld(context, deployment, sets.old) || hasOldPods(context, sets.old)) {
    writeRollout(context, deployment, sets);
    return;
  }
  if (!sets.newest) sets = syncSets(context, deployment, owned, true);
  const { newest } = sets;
  if (newest && newest.spec.replicas !== deployment.spec.replicas) {
    scaleSet(context, deployment, newest, deployment.spec.replicas);
  }
  if (isComplete(deployment, deployment.status)) trimHistory(context, deployment, sets.old);
  writeRollout(context, deployment, sets);
}

/** A pause stops the clock of the deadline; the condition says so. A missed deadline is not overwritten. */
function notePause(context: ControllerContext, deployment: Deployment): void {
  if (!hasDeadline(deployment)) return;
  const current = findCondition(deployment.status.conditions, PROGRESSING);
  if (current?.reason === 'ProgressDeadlineExceeded') return;
  const noted = current?.reason === 'DeploymentPaused';
  const paused = deployment.spec.paused ?? false;
  if (paused === noted) return;
  writeCondition(context, deployment, {
    type: PROGRESSING,
    status: 'Unknown',
    reason: paused ? 'DeploymentPaused' : 'DeploymentResumed',
    message: paused ? 'Deployment is paused' : 'Deployment is resumed',
  });
}

/** Deletes the oldest sets beyond the history limit that have nothing left to do. */
function trimHistory({ api }: ControllerContext, deployment: Deployment, old: readonly ReplicaSet[]): void {
  const limit = deployment.spec.revisionHistoryLimit;
  if (limit === undefined) return;
  const kept = old.filter((set) => set.metadata.deletionTimestamp === undefined);
  const surplus = [...kept]
    .sort((a, b) => revisionOf(a) - revisionOf(b))
    .slice(0, Math.max(0, kept.length - limit));
  for (const { metadata, spec, status } of surplus) {
    const settled = (status.observedGeneration ?? 0) >= (metadata.generation ?? 0);
    if (spec.replicas > 0 || status.replicas > 0 || !settled) continue;
    api.delete('replicasets.apps', metadata.namespace, metadata.name, { uid: metadata.uid });
  }
}

/** The deployment as it is now; conditions written earlier in the same pass count as standing ones. */
function reread({ api }: ControllerContext, { metadata }: Deployment): Deployment | undefined {
  const current = api.get('deployments.apps', metadata.namespace, metadata.name) as Deployment | undefined;
  return current?.metadata.uid === metadata.uid ? current : undefined;
}

function writeCounts(context: ControllerContext, deployment: Deployment, sets: Sets): void {
  const current = reread(context, deployment);
  if (!current) return;
  // Generation of what was acted on, not of what may have been changed since.
  const acted = { ...deployment, status: current.status };
  const status = countedStatus(acted, sets, timestamp(context.clock));
  writeDeployment(context, deployment, { status: () => status });
}

function writeRollout(context: ControllerContext, deployment: Deployment, sets: Sets): void {
  const current = reread(context, deployment);
  if (!current) return;
  const acted = { ...deployment, status: current.status };
  const now = { ms: context.clock.now(), text: timestamp(context.clock) };
  const status = rolloutStatus(acted, sets, now);
  writeDeployment(context, deployment, { status: () => status });
}
