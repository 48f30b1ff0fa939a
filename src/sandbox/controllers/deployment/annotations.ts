import type { Deployment, ReplicaSet } from '../kinds.ts';
import { limitsOf } from './limits.ts';

export const REVISION = 'deployment.kubernetes.io/revision';
const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';
const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas';
/** Longest revision history kept, in characters (as in Kubernetes). */
const HISTORY_LENGTH = 2000;

/** Annotations of a Deployment that mean something else on a ReplicaSet. */
const NOT_COPIED = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  'deprecated.deployment.rollback.to',
]);

type Annotations = Record<string, string>;

export function revisionOf(object: { metadata: { annotations?: Annotations } }): number {
  return Number.parseInt(object.metadata.annotations?.[REVISION] ?? '0', 10) || 0;
}

/** The annotations of the set that is now the newest: the Deployment's own and a revision not below `revision`. */
export function newestSetAnnotations(
  deployment: Deployment,
  present: Annotations,
  revision: number,
): Annotations {
  const annotations = { ...present };
  for (const [key, value] of Object.entries(deployment.metadata.annotations ?? {})) {
    if (!NOT_COPIED.has(key)) annotations[key] = value;
  }
  const former = present[REVISION];
  const formerNumber = Number.parseInt(former ?? '0', 10) || 0;
  if (formerNumber < revision) {
    annotations[REVISION] = String(revision);
    if (former !== undefined)
      annotations[REVISION_HISTORY] = extendHistory(present[REVISION_HISTORY], former);
  }
  return annotations;
}

function extendHistory(history: string | undefined, revision: string): string {
  const revisions = history ? history.split(',') : [];
  revisions.push(revision);
  while (revisions.length > 1 && revisions.join(',').length > HISTORY_LENGTH) revisions.shift();
  return revisions.join(',');
}

/** What a set notes about its Deployment's size, from which proportional scaling later starts. */
export function sizeAnnotations(deployment: Deployment): Annotations {
  const { replicas } = deployment.spec;
  return {
    [DESIRED_REPLICAS]: String(replicas),
    [MAX_REPLICAS]: String(replicas + limitsOf(deployment).surge),
  };
}

/** The size of the Deployment when the set was last scaled, or undefined. */
export function notedSize(set: ReplicaSet): { desired?: number; max?: number } {
  const read = (key: string) => {
    const value = Number.parseInt(set.metadata.annotations?.[key] ?? '', 10);
    return Number.isNaN(value) ? undefined : value;
  };
  return { desired: read(DESIRED_REPLICAS), max: read(MAX_REPLICAS) };
}
