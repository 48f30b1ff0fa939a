/** Claims, volumes and classes, of the client's types; and what the sandbox's own class is called. */
import type {
  V1PersistentVolumeClaimSpec,
  V1PersistentVolumeClaimStatus,
  V1PersistentVolumeSpec,
  V1PersistentVolumeStatus,
} from '@kubernetes/client-node';
import type { Json } from '../../../kubernetes.ts';
import type { KubeObject } from '../../api.ts';
import type { Pod } from '../kinds.ts';

export interface Claim extends KubeObject {
  spec: Json<V1PersistentVolumeClaimSpec>;
  status?: Json<V1PersistentVolumeClaimStatus>;
}

export interface Volume extends KubeObject {
  spec: Json<V1PersistentVolumeSpec>;
  status?: Json<V1PersistentVolumeStatus>;
}

export const CLAIMS = 'persistentvolumeclaims';
export const VOLUMES = 'persistentvolumes';
export const CLASSES = 'storageclasses.storage.k8s.io';

/** Keeps a folder of this machine for each volume. */
export const PROVISIONER = 'storage.local/folder';
export const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';
/** Which node the scheduler has in mind for the first Pod that uses the claim. */
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

/** Names of the claims that a Pod's volumes are made of. */
export function claimsOf({ spec }: Pick<Pod, 'spec'>): string[] {
  return (spec.volumes ?? []).flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []);
}

/** Whether the volume is kept for this very claim, or for one of its name. */
export function isKeptFor({ spec: { claimRef } }: Volume, { metadata }: Claim): boolean {
  if (claimRef?.namespace !== metadata.namespace || claimRef?.name !== metadata.name) return false;
  return claimRef?.uid === undefined || claimRef.uid === metadata.uid;
}
