import { ApiError } from '../../api.ts';
import type { ControllerContext } from '../context.ts';
import type { Deployment, ReplicaSet } from '../kinds.ts';
import { controllerOf, controllerReference } from '../owner.ts';
import { findCondition } from '../pod-state.ts';
import { newestSetAnnotations, sizeAnnotations } from './annotations.ts';
import { newSetReplicas } from './limits.ts';
import { COMPONENT } from './scaling.ts';
import { hasDeadline, PROGRESSING } from './status.ts';
import { HASH_LABEL, sameTemplate, templateHash, withHash } from './template-hash.ts';
import { writeCondition, writeDeployment } from './write.ts';

/** Makes the ReplicaSet of the present template, as large as the rollout allows. */
export function createSet(
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
    writeDeployment(context, deployment, { revision });
    return existing;
  }
  if (wanted.spec.replicas > 0) {
    const message = `Scaled up replica set ${name} from 0 to ${wanted.spec.replicas}`;
    context.events.record(COMPONENT, deployment, 'Normal', 'ScalingReplicaSet', message);
  }
  // The real controller's write of this condition is refused right after a resume, and not repeated.
  const resumed = findCondition(deployment.status.conditions, PROGRESSING)?.reason === 'DeploymentResumed';
  if (hasDeadline(deployment) && !resumed) {
    const message = `Created new replica set "${name}"`;
    const reason = 'NewReplicaSetCreated';
    writeCondition(context, deployment, { type: PROGRESSING, status: 'True', reason, message }, revision);
  } else writeDeployment(context, deployment, { revision });
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
    const collisionCount = (deployment.status.collisionCount ?? 0) + 1;
    writeDeployment(context, deployment, { status: (status) => ({ ...status, collisionCount }) });
    return;
  }
  const message = `Failed to create new replica set "${name}": ${(error as Error).message}`;
  const reason = 'ReplicaSetCreateError';
  if (hasDeadline(deployment)) {
    writeCondition(context, deployment, { type: PROGRESSING, status: 'False', reason, message });
  }
  context.events.record(COMPONENT, deployment, 'Warning', reason, message);
}
