import type { Cluster, ClusterObject } from '../cluster/cluster.ts';
import { ClusterError } from '../cluster/cluster-error.ts';

/**
 * What is in a namespace that neither belongs to these objects (directly or through owners) nor is in every namespace, as
 * `Kind/name`; they may be gone already. A kind that may not be listed counts as one: nobody knows what is there. Throws ClusterError.
 */
export async function strangersIn(
  namespace: string,
  ours: readonly ClusterObject[],
  cluster: Cluster,
  signal?: AbortSignal,
): Promise<string[]> {
  const objects = new Map<string, ClusterObject>();
  const unseen: string[] = [];
  for (const { resource, apiVersion } of (await cluster.kinds()).filter(({ namespaced }) => namespaced)) {
    const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : '';
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
  const strangers = strange([...objects.values()], ours);
  return [...strangers.map(({ kind, metadata }) => `${kind}/${metadata.name}`), ...unseen];
}

/** Those that do not belong to `ours`, directly or through others. */
function strange(objects: readonly ClusterObject[], ours: readonly ClusterObject[]): ClusterObject[] {
  const known = new Set(ours.map(({ metadata }) => metadata.uid));
  const services = new Set(
    ours.filter(({ kind }) => kind === 'Service').map(({ metadata }) => metadata.name),
  );
  let rest = objects.filter((object) => !isEverywhere(object) && !known.has(object.metadata.uid));
  for (let before = -1; before !== rest.length; ) {
    before = rest.length;
    rest = rest.filter(({ kind, metadata }) => {
      const owned = metadata.ownerReferences?.some(({ uid }) => known.has(uid));
      // Endpoints have their Service's name, and no owner.
      const mine = owned || (kind === 'Endpoints' && services.has(metadata.name));
      if (mine) known.add(metadata.uid);
      return !mine;
    });
  }
  return rest;
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
