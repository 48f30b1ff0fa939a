import { isDeepStrictEqual } from 'node:util';
import type { ControllerContext } from '../context.ts';
import type { Deployment, ReplicaSet } from '../kinds.ts';
import { findCondition } from '../pod-state.ts';
import { newestSetAnnotations, revisionOf } from './annotations.ts';
import { createSet } from './create-set.ts';
import { hasDeadline, PROGRESSING, type Sets } from './status.ts';
import { sameTemplate } from './template-hash.ts';
import { writeCondition, writeDeployment } from './write.ts';

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
  const noted = revisionOf(current);
  if (hasDeadline(deployment) && !findCondition(deployment.status.conditions, PROGRESSING)) {
    const message = `Found new replica set "${set.metadata.name}"`;
    const reason = 'FoundNewReplicaSet';
    writeCondition(context, deployment, { type: PROGRESSING, status: 'True', reason, message }, noted);
  } else if (revisionOf(deployment) !== noted) writeDeployment(context, deployment, { revision: noted });
  return current;
}

function byCreation(a: ReplicaSet, b: ReplicaSet): number {
  const [first, second] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp];
  return first === second ? (a.metadata.name < b.metadata.name ? -1 : 1) : first < second ? -1 : 1;
}
