import type { V1StatefulSetSpec } from '@kubernetes/client-node';
import type { Cluster, ClusterObject } from '../cluster/cluster.ts';
import { ClusterError } from '../cluster/cluster-error.ts';
import { groupOf } from '../cluster/ref.ts';

/** What is in a namespace, as far as it may be seen. */
export interface Contents {
  objects: ClusterObject[];
  /** A kind each that may not be listed: nobody knows what is there. */
  unseen: string[];
}

/** Throws ClusterError. */
export async function contentsOf(
  namespace: string,
  cluster: Cluster,
  signal?: AbortSignal,
): Promise<Contents> {
  const objects = new Map<string, ClusterObject>();
  const unseen: string[] = [];
  for (const { resource, apiVersion } of (await cluster.kinds()).filter(({ namespaced }) => namespaced)) {
    const group = groupOf(apiVersion);
    try {
      // What has no UID is not stored: metrics, reviews.
      for (const object of await cluster.list({ kind: resource, group }, { namespace }, signal))
        if (object.metadata.uid !== undefined) objects.set(object.metadata.uid, object);
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof ClusterError)) throw error;
      if (error.status === 404 || error.status === 405) continue;
      unseen.push(`${resource} that cannot be listed`);
    }
  }
  return { objects: [...objects.values()], unseen };
}

/** What is theirs, directly or through owners. Asked before they are deleted: then the owners in between go first. */
export function belongingsOf(ours: readonly ClusterObject[], { objects }: Contents): ClusterObject[] {
  const strangers = new Set(strange(objects, ours));
  return objects.filter((object) => !strangers.has(object));
}

/**
 * What neither belongs to these objects, nor is in every namespace, nor is being deleted, as `Kind/name`. What may not be
 * seen counts as such.
 */
export function strangersIn({ objects, unseen }: Contents, ours: readonly ClusterObject[]): string[] {
  const staying = objects.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  return [...strange(staying, ours).map(({ kind, metadata }) => `${kind}/${metadata.name}`), ...unseen];
}

/** Those that do not belong to `ours`, directly or through others. */
function strange(objects: readonly ClusterObject[], ours: readonly ClusterObject[]): ClusterObject[] {
  const known = new Set(ours.map(({ metadata }) => metadata.uid));
  const services = new Set(
    ours.filter(({ kind }) => kind === 'Service').map(({ metadata }) => metadata.name),
  );
  const claims = ours.flatMap(claimsOf);
  let rest = objects.filter((object) => !isEverywhere(object) && !known.has(object.metadata.uid));
  for (let before = -1; before !== rest.length; ) {
    before = rest.length;
    rest = rest.filter(({ kind, metadata }) => {
      const owned = metadata.ownerReferences?.some(({ uid }) => known.has(uid));
      // Endpoints have their Service's name, and no owner.
      const mine =
        owned ||
        (kind === 'Endpoints' && services.has(metadata.name)) ||
        (kind === 'PersistentVolumeClaim' && claims.some((claim) => claim.test(metadata.name)));
      if (mine) known.add(metadata.uid);
      return !mine;
    });
  }
  return rest;
}

/** The names of the claims that a StatefulSet makes, one of each template for each of its pods; they have no owner. */
function claimsOf({ kind, metadata, spec }: ClusterObject): RegExp[] {
  if (kind !== 'StatefulSet') return [];
  const { volumeClaimTemplates = [] } = (spec ?? {}) as Partial<V1StatefulSetSpec>;
  return volumeClaimTemplates.map((claim) => new RegExp(`^${claim.metadata?.name}-${metadata.name}-\\d+$`));
}

/** What Kubernetes itself puts into every namespace. */
function isEverywhere({ kind, metadata, ...object }: ClusterObject): boolean {
  switch (kind) {
    case 'Event':
      return true;
    case 'ConfigMap':
      return metadata.name === 'kube-root-ca.crt';
    case 'ServiceAccount':
      return metadata.name === 'default';
    case 'Secret':
      return object.type === 'kubernetes.io/service-account-token';
    default:
      return false;
  }
}
