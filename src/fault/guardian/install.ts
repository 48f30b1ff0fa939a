import { leasePlace, leaseRef } from '../../cluster/access/lease.ts';
import type { Cluster, ClusterObject, Permission } from '../../cluster/cluster.ts';
import { refOf } from '../../cluster/ref.ts';
import { acknowledgedAnnotation, hindranceAnnotation } from './acknowledge.ts';
import { createAnew, removeGuardian } from './bring.ts';
import { guardianManifests } from './manifests.ts';
import { type GuardianSettings, guardianName } from './settings.ts';

type Settings = GuardianSettings & { mode: 'installed' };

/** All that an admin installs, the namespace first. `permissions`: those of all scenarios that are to be played. */
export function installManifests(
  settings: Settings,
  permissions: readonly Permission[],
  programText: string,
): ClusterObject[] {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: settings.namespace } };
  return [namespace, ...guardianManifests(settings, permissions, programText)];
}

/** Installs a guardian, or replaces one. The namespace stays as it is. Throws ClusterError. */
export async function installGuardian(
  settings: Settings,
  permissions: readonly Permission[],
  programText: string,
  cluster: Cluster,
): Promise<void> {
  const [namespace, ...objects] = installManifests(settings, permissions, programText);
  if (namespace && !(await cluster.get(refOf(namespace)))) await cluster.create(namespace);
  for (const object of objects) await createAnew(object, cluster);
}

/** Removes it and its rights in these namespaces; its own namespace stays: copies of ledgers may be there. Throws ClusterError. */
export async function uninstallGuardian(
  settings: Settings,
  namespaces: readonly string[],
  cluster: Cluster,
): Promise<void> {
  const group = 'rbac.authorization.k8s.io';
  const name = guardianName('installed');
  const everywhere = new Set([settings.namespace, leasePlace.namespace, ...namespaces]);
  await removeGuardian(guardianManifests(settings, [], '').map(refOf), cluster);
  for (const namespace of everywhere)
    for (const kind of ['rolebinding', 'role']) await cluster.delete({ kind, group, namespace, name });
  for (const kind of ['clusterrolebinding', 'clusterrole']) await cluster.delete({ kind, group, name });
}

/** What a guardian says of itself. */
export interface GuardianStatus {
  /** The pod that says so. */
  pod: string;
  /** When it last said so, as it wrote it. */
  renewed: string;
  /** Seconds since then, by this machine's clock against the cluster's. */
  age: number;
  /** A ledger is acknowledged. */
  acknowledged: boolean;
  /** Why one is not. */
  hindrance?: string;
}

/** undefined: there is no such guardian, or it has never been heard of. Throws ClusterError. */
export async function guardianStatus(
  mode: 'game' | 'installed',
  namespace: string,
  cluster: Cluster,
  now: number,
): Promise<GuardianStatus | undefined> {
  const ref = leaseRef({ namespace, name: guardianName(mode) });
  const lease = await cluster.get(ref);
  const { holderIdentity, renewTime } = (lease?.spec ?? {}) as {
    holderIdentity?: string;
    renewTime?: string;
  };
  if (!holderIdentity || !renewTime) return undefined;
  const { annotations = {} } = lease!.metadata;
  const hindrance = annotations[hindranceAnnotation];
  return {
    pod: holderIdentity.replace(/_\d+_[0-9a-f]+$/, ''),
    renewed: renewTime,
    age: Math.max(0, Math.round((now - Date.parse(renewTime)) / 1000)),
    acknowledged: annotations[acknowledgedAnnotation] !== undefined,
    ...(hindrance && { hindrance }),
  };
}
