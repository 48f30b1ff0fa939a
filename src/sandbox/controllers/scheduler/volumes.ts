/** What the claims of a pod say about where it can go. */
import type { Api } from '../../api.ts';
import type { Pod } from '../kinds.ts';
import {
  CLAIMS,
  CLASSES,
  type Claim,
  claimsOf,
  SELECTED_NODE,
  VOLUMES,
  type Volume,
} from '../volume/volume-types.ts';

export type VolumeNeeds =
  | { problem: string }
  /** `unbound`: claims that get their volume when the node is known. */
  | { volumes: Volume[]; unbound: Claim[] };

export function volumeNeeds(api: Api, pod: Pod): VolumeNeeds {
  const needs: { volumes: Volume[]; unbound: Claim[] } = { volumes: [], unbound: [] };
  for (const name of claimsOf(pod)) {
    const claim = api.get(CLAIMS, pod.metadata.namespace, name) as Claim | undefined;
    const named = `persistentvolumeclaim ${JSON.stringify(name)}`;
    if (!claim) return { problem: `${named} not found` };
    if (claim.metadata.deletionTimestamp) return { problem: `${named} is being deleted` };
    const { volumeName = '', storageClassName = '' } = claim.spec;
    const volume = api.get(VOLUMES, undefined, volumeName) as Volume | undefined;
    if (claim.status?.phase === 'Lost' || (claim.status?.phase === 'Bound' && !volume)) {
      return { problem: `${named} bound to non-existent persistentvolume ${JSON.stringify(volumeName)}` };
    }
    if (claim.status?.phase === 'Bound' && volume) needs.volumes.push(volume);
    else if (api.get(CLASSES, undefined, storageClassName)?.volumeBindingMode === 'WaitForFirstConsumer') {
      needs.unbound.push(claim);
    } else return { problem: 'pod has unbound immediate PersistentVolumeClaims' };
  }
  return needs;
}

/** Tells whoever makes or binds volumes where they are needed. */
export function selectNode(api: Api, claims: readonly Claim[], node: string): void {
  for (const { metadata } of claims) {
    api.update(CLAIMS, metadata.namespace, metadata.name, (draft) => {
      if (draft.metadata.annotations?.[SELECTED_NODE] === node) return undefined;
      draft.metadata.annotations = { ...draft.metadata.annotations, [SELECTED_NODE]: node };
      return draft;
    });
  }
}
