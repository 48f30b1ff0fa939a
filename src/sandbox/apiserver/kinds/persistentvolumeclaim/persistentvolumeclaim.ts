import type { KubeObject } from '../../../api.ts';
import { fallback } from '../../json.ts';
import { parsed, type Quantities, whole } from '../../pod-quantities.ts';
import { ageColumn, column, created, nameColumn, wide } from '../../table/printer.ts';
import { editable, status } from '../access.ts';
import type { ResourceDefinition } from '../definition.ts';
import { accessModesText } from './access-modes.ts';
import { validateClaimSpec, validateClaimUpdate } from './validation.ts';

const PROTECTION = 'kubernetes.io/pvc-protection';

export const persistentvolumeclaims: ResourceDefinition = {
  group: '',
  version: 'v1',
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  singular: 'persistentvolumeclaim',
  shortNames: ['pvc'],
  namespaced: true,
  model: 'V1PersistentVolumeClaim',
  quantities: ['V1PersistentVolumeClaimStatus.capacity', 'V1PersistentVolumeClaimStatus.allocatedResources'],
  // A claim that names no class gets the default one, one that names '' none.
  zeros: { kept: ['V1PersistentVolumeClaimSpec.storageClassName'] },
  lists: { 'V1PersistentVolumeClaimStatus.conditions': { merge: 'type', keys: ['type'] } },
  access: editable,
  storageVersionHash: 'QWTyNDq0dC4=',
  hasStatus: true,
  subresources: [status('PersistentVolumeClaim')],
  setDefaults({ spec }) {
    fallback(spec, 'volumeMode', 'Filesystem');
  },
  prepareCreate(claim) {
    claim.status = { phase: 'Pending' };
  },
  // The admission plug-in StorageObjectInUseProtection; a controller takes it away when no Pod uses the claim.
  admit({ metadata }) {
    metadata.finalizers = [...new Set([...(metadata.finalizers ?? []), PROTECTION])];
  },
  validate: ({ spec }) => validateClaimSpec(spec, 'spec'),
  validateUpdate: validateClaimUpdate,
  quota: { plainName: true, usage },
  table: {
    columns: [
      nameColumn,
      column('Status', 'V1PersistentVolumeClaimStatus.phase'),
      column('Volume', 'V1PersistentVolumeClaimSpec.volumeName'),
      column('Capacity', 'V1PersistentVolumeClaimStatus.capacity'),
      column('Access Modes', 'V1PersistentVolumeClaimStatus.accessModes'),
      column('StorageClass', 'StorageClass of the pvc'),
      column('VolumeAttributesClass', 'VolumeAttributesClass of the pvc'),
      ageColumn,
      column('VolumeMode', 'V1PersistentVolumeClaimSpec.volumeMode', wide),
    ],
    row: (claim, now) => {
      const { metadata, spec, status: state } = claim;
      const isBound = Boolean(spec.volumeName);
      return [
        metadata.name,
        metadata.deletionTimestamp ? 'Terminating' : (state?.phase ?? ''),
        spec.volumeName ?? '',
        isBound ? (state?.capacity?.storage ?? '0') : '',
        isBound ? accessModesText(state?.accessModes) : '',
        spec.storageClassName ?? '',
        spec.volumeAttributesClassName ?? '<unset>',
        created(claim, now),
        spec.volumeMode ?? '<unset>',
      ];
    },
  },
};

/** Storage in all and by its class (pkg/quota/v1/evaluator/core/persistent_volume_claims.go). */
function usage({ spec }: KubeObject): Quantities {
  const storage = parsed(spec.resources?.requests).get('storage');
  const ofClass = `${spec.storageClassName}.storageclass.storage.k8s.io/`;
  return new Map([
    ...(storage ? ([['requests.storage', storage]] as const) : []),
    ...(storage && spec.storageClassName ? ([[`${ofClass}requests.storage`, storage]] as const) : []),
    ...(spec.storageClassName ? ([[`${ofClass}persistentvolumeclaims`, whole(1)]] as const) : []),
  ]);
}
