import { isDeepStrictEqual } from 'node:util';
import { ApiError, type KubeObject } from '../../api.ts';
import type { ControllerContext } from '../context.ts';
import type { Condition, Deployment, DeploymentStatus, ReplicaSet } from '../kinds.ts';
import { controllerOf, controllerReference } from '../owner.ts';
import { findCondition } from '../pod-state.ts';
import { timestamp } from '../time.ts';
import { newestSetAnnotations, REVISION, revisionOf, sizeAnnotations } from './annotations.ts';
import { withCondition } from './conditions.ts';
import { newSetReplicas } from './limits.ts';
import { COMPONENT } from './scaling.ts';
import { hasDeadline, PROGRESSING, type Sets } from './status.ts';
import { HASH_LABEL, sameTemplate, templateHash, withHash } from './template-hash.ts';

/** The owned sets, oldest first, split into the one of the present template and the others. */
export function splitSets(deployment: Deployment, owned: readonly ReplicaSet[]): Sets {
  const sorted = [...owned].sort(byCreation);
  const newest = sorted.find((set) => sameTemplate(set.spec.template, deployment.spec.template));
  return { newest, old: sorted.filter((set) => set !== newest) };
}

/** As splitSets, with the revision numbers brought up to date and, with `create`, the newest set made. */
export function syncSets(
  context: ControllerContext,
  deployment: Deployment,
  owned: readonly ReplicaSet[],
  create: boolean,
): Sets {
  const { newest, old } = splitSets(deployment, owned);
  const revision = Math.max(0, ...old.map(revisionOf)) + 1;
  if (newest) return { newest: refresh(context, deployment, newest, revision), old };
  return { newest: create ? createSet(context, deployment, old, revision) : undefined, old };
}

/** Writes a status condition or another change of the status at once. */
export function writeStatus(
  { api }: ControllerContext,
  deployment: Deployment,
  change: (status: DeploymentStatus) => DeploymentStatus,
): void {
  api.update(
    'deployments.apps',
    deployment.metadata.namespace,
    deployment.metadata.name,
    (draft) => {
      const status = change(draft.status ?? {});
      if (draft.metadata.uid !== deployment.metadata.uid || isDeepStrictEqual(status, draft.status))
        return undefined;
      return { ...draft, status };
    },
    { subresource: 'status', by: COMPONENT },
  );
}

export function writeCondition(
  context: ControllerContext,
  deployment: Deployment,
  condition: Condition,
): void {
  const now = timestamp(context.clock);
  writeStatus(context, deployment, (status) => ({
    ...status,
    conditions: withCondition(status.conditions ?? [], condition, now),
  }));
}

function refresh(
  context: ControllerContext,
  deployment: Deployment,
  set: ReplicaSet,
  revision: number,
): ReplicaSet {
  const { minReadySeconds } = deployment.spec;
  const annotations = newestSetAnnotations(deployment, set.metadata.annotations ?? {}, revision);
  const stale = !isDeepStrictEqual(annotations, set.metadata.annotations ?? {});
  let current = set;
  if (stale || (set.spec.minReadySeconds ?? 0) !== (minReadySeconds ?? 0)) {
    current = (context.api.update('replicasets.apps', set.metadata.namespace, set.metadata.name, (draft) => {
      draft.metadata.annotations = newestSetAnnotations(
        deployment,
        draft.metadata.annotations ?? {},
        revision,
      );
      if (minReadySeconds) draft.spec.minReadySeconds = minReadySeconds;
      else delete draft.spec.minReadySeconds;
      return draft;
    }) ?? set) as ReplicaSet;
  }
  noteRevision(context, deployment, revisionOf(current));
  if (hasDeadline(deployment) && !findCondition(deployment.status.conditions, PROGRESSING)) {
    const message = `Found new replica set "${set.metadata.name}"`;
    writeCondition(context, deployment, {
      type: PROGRESSING,
      status: 'True',
      reason: 'FoundNewReplicaSet',
      message,
    });
  }
  return current;
}

function createSet(
  context: ControllerContext,
  deployment: Deployment,
  old: ReplicaSet[],
  revision: number,
): ReplicaSet {
  const wanted = newSet(deployment, old, revision);
  const { name } = wanted.metadata;
  let set: ReplicaSet;
  try {
    set = context.api.create('replicasets.apps', wanted, COMPONENT) as ReplicaSet;
  } catch (error) {
    const existing = existingTwin(context, deployment, name, error);
    if (!existing) {
      reportFailure(context, deployment, name, error);
      throw error;
    }
    noteRevision(context, deployment, revision);
    return existing;
  }
  if (wanted.spec.replicas > 0) {
    const message = `Scaled up replica set ${name} from 0 to ${wanted.spec.replicas}`;
    context.events.record(COMPONENT, deployment, 'Normal', 'ScalingReplicaSet', message);
  }
  noteRevision(context, deployment, revision);
  if (hasDeadline(deployment)) {
    const message = `Created new replica set "${name}"`;
    writeCondition(context, deployment, {
      type: PROGRESSING,
      status: 'True',
      reason: 'NewReplicaSetCreated',
      message,
    });
  }
  return set;
}

function newSet(deployment: Deployment, old: ReplicaSet[], revision: number) {
  const { spec, metadata, status } = deployment;
  const hash = templateHash(spec.template, status.collisionCount);
  const template = withHash(spec.template, hash);
  const set = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${metadata.name}-${hash}`,
      namespace: metadata.namespace,
      labels: { ...template.metadata?.labels },
      annotations: { ...newestSetAnnotations(deployment, {}, revision), ...sizeAnnotations(deployment) },
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas: 0,
      ...(spec.minReadySeconds && { minReadySeconds: spec.minReadySeconds }),
      selector: { ...spec.selector, matchLabels: { ...spec.selector.matchLabels, [HASH_LABEL]: hash } },
      template,
    },
  };
  set.spec.replicas = newSetReplicas(deployment, old, set);
  return set;
}

/** The set that stands in the way of the name, if it is one of ours with the same template. */
function existingTwin(
  { api }: ControllerContext,
  deployment: Deployment,
  name: string,
  error: unknown,
): ReplicaSet | undefined {
  if (!(error instanceof ApiError) || error.reason !== 'AlreadyExists') return undefined;
  const set = api.get('replicasets.apps', deployment.metadata.namespace, name) as ReplicaSet | undefined;
  const ours = set && controllerOf(set)?.uid === deployment.metadata.uid;
  return ours && sameTemplate(set.spec.template, deployment.spec.template) ? set : undefined;
}

function reportFailure(
  context: ControllerContext,
  deployment: Deployment,
  name: string,
  error: unknown,
): void {
  if (error instanceof ApiError && error.reason === 'AlreadyExists') {
    // The next attempt, with a higher count, gets another hash.
    writeStatus(context, deployment, (status) => ({
      ...status,
      collisionCount: (status.collisionCount ?? 0) + 1,
    }));
    return;
  }
  const message = `Failed to create new replica set "${name}": ${(error as Error).message}`;
  const reason = 'ReplicaSetCreateError';
  if (hasDeadline(deployment)) {
    writeCondition(context, deployment, { type: PROGRESSING, status: 'False', reason, message });
  }
  context.events.record(COMPONENT, deployment, 'Warning', reason, message);
}

function noteRevision({ api }: ControllerContext, deployment: KubeObject, revision: number): void {
  if (revisionOf(deployment) === revision) return;
  api.update('deployments.apps', deployment.metadata.namespace, deployment.metadata.name, (draft) => {
    draft.metadata.annotations = { ...draft.metadata.annotations, [REVISION]: String(revision) };
    return draft;
  });
}

function byCreation(a: ReplicaSet, b: ReplicaSet): number {
  const [first, second] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp];
  return first === second ? (a.metadata.name < b.metadata.name ? -1 : 1) : first < second ? -1 : 1;
}
