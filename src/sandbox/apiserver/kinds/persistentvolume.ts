import { parseQuantity } from '../../../quantity.ts';
import type { KubeObject } from '../../api.ts';
import { fallback, same } from '../json.ts';
import { timestamp } from '../names.ts';
import type { FieldError } from '../status.ts';
import { ageColumn, column, created, nameColumn, wide } from '../table/printer.ts';
import {
  dnsSubdomain,
  forbiddenValue,
  immutable,
  invalidValue,
  oneOf,
  required,
} from '../validation/rules.ts';
import { READ, status } from './access.ts';
import type { ResourceDefinition } from './definition.ts';
import { accessModes, accessModesText } from './persistentvolumeclaim/access-modes.ts';
import { noBacksteps } from './pod/spec/paths.ts';

const PROTECTION = 'kubernetes.io/pv-protection';

export const persistentvolumes: ResourceDefinition = {
  group: '',
  version: 'v1',
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  singular: 'persistentvolume',
  shortNames: ['pv'],
  namespaced: false,
  model: 'V1PersistentVolume',
  quantities: ['V1PersistentVolumeSpec.capacity'],
  atomic: ['V1PersistentVolumeSpec.claimRef'],
  access: { oncall: READ },
  storageVersionHash: 'HN/zwEC+JgM=',
  hasStatus: true,
  subresources: [status('PersistentVolume')],
  setDefaults({ spec }) {
    fallback(spec, 'persistentVolumeReclaimPolicy', 'Retain');
    fallback(spec, 'volumeMode', 'Filesystem');
    if (spec.hostPath) fallback(spec.hostPath, 'type', '');
  },
  prepareCreate(volume, { now }) {
    volume.status = { phase: 'Pending', lastPhaseTransitionTime: timestamp(now()) };
  },
  // The admission plug-in StorageObjectInUseProtection; a controller takes it away when no claim is bound.
  admit({ metadata }) {
    metadata.finalizers = [...new Set([...(metadata.finalizers ?? []), PROTECTION])];
  },
  validate,
  validateUpdate,
  table: {
    columns: [
      nameColumn,
      column('Capacity', 'V1PersistentVolumeSpec.capacity'),
      column('Access Modes', 'V1PersistentVolumeSpec.accessModes'),
      column('Reclaim Policy', 'V1PersistentVolumeSpec.persistentVolumeReclaimPolicy'),
      column('Status', 'V1PersistentVolumeStatus.phase'),
      column(
        'Claim',
        'claimRef is part of a bi-directional binding between PersistentVolume and PersistentVolumeClaim. Expected to be non-nil when bound. claim.VolumeName is the authoritative bind between PV and PVC. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#binding',
      ),
      column('StorageClass', 'StorageClass of the pv'),
      column('VolumeAttributesClass', 'VolumeAttributesClass of the pv'),
      column('Reason', 'V1PersistentVolumeStatus.reason'),
      ageColumn,
      column('VolumeMode', 'V1PersistentVolumeSpec.volumeMode', wide),
    ],
    row: (volume, now) => {
      const { metadata, spec } = volume;
      return [
        metadata.name,
        spec.capacity?.storage ?? '0',
        accessModesText(spec.accessModes),
        spec.persistentVolumeReclaimPolicy,
        metadata.deletionTimestamp ? 'Terminating' : (volume.status?.phase ?? ''),
        spec.claimRef ? `${spec.claimRef.namespace}/${spec.claimRef.name}` : '',
        spec.storageClassName ?? '',
        spec.volumeAttributesClassName ?? '<unset>',
        volume.status?.reason ?? '',
        created(volume, now),
        spec.volumeMode ?? '<unset>',
      ];
    },
  },
};

/** Where the bytes are, in the order in which a second one is refused. */
const sources = [
  ...['hostPath', 'gcePersistentDisk', 'awsElasticBlockStore', 'nfs', 'iscsi', 'glusterfs', 'rbd', 'cinder'],
  ...['cephfs', 'fc', 'flocker', 'flexVolume', 'azureFile', 'vsphereVolume', 'quobyte', 'azureDisk'],
  ...['photonPersistentDisk', 'portworxVolume', 'scaleIO', 'local', 'storageos', 'csi'],
];

function validate({ spec }: KubeObject): FieldError[] {
  const [source, ...more] = sources.filter((one) => spec[one] !== undefined);
  return [
    ...(spec.accessModes?.length
      ? accessModes('spec.accessModes', spec.accessModes)
      : [required('spec.accessModes')]),
    ...capacityErrors(spec.capacity),
    ...oneOf('spec.persistentVolumeReclaimPolicy', spec.persistentVolumeReclaimPolicy, [
      'Delete',
      'Recycle',
      'Retain',
    ]),
    ...more.map((extra) => forbiddenValue(`spec.${extra}`, 'may not specify more than 1 volume type')),
    ...(source ? sourceErrors(spec, source) : [required('spec', 'must specify a volume type')]),
    ...(spec.hostPath?.path === '/' && spec.persistentVolumeReclaimPolicy === 'Recycle'
      ? [
          forbiddenValue(
            'spec.persistentVolumeReclaimPolicy',
            "may not be 'recycle' for a hostPath mount of '/'",
          ),
        ]
      : []),
    ...(spec.storageClassName ? dnsSubdomain('spec.storageClassName', spec.storageClassName) : []),
    ...oneOf('spec.volumeMode', spec.volumeMode, ['Block', 'Filesystem']),
  ];
}

function capacityErrors(capacity: Record<string, string> = {}): FieldError[] {
  if (Object.keys(capacity).length === 0) return [required('spec.capacity')];
  if (!same(Object.keys(capacity), ['storage']))
    return oneOf('spec.capacity', JSON.stringify(capacity), ['storage']);
  if ((parseQuantity(capacity.storage)?.nanos ?? 0n) > 0n) return [];
  return [invalidValue('spec.capacity[storage]', capacity.storage, 'must be greater than zero')];
}

function sourceErrors(spec: KubeObject['spec'], source: string): FieldError[] {
  const needed: Record<string, string[]> = {
    hostPath: ['path'],
    local: ['path'],
    nfs: ['server', 'path'],
    csi: ['driver', 'volumeHandle'],
  };
  const missing = (needed[source] ?? []).filter((field) => !spec[source][field]);
  const errors = missing.map((field) => required(`spec.${source}.${field}`));
  const place: string = spec[source].path ?? '';
  if (source === 'hostPath' || source === 'local') {
    if (place) errors.push(...noBacksteps(`spec.${source}.path`, place));
  }
  if (source === 'nfs' && !place.startsWith('/')) {
    errors.push(invalidValue('spec.nfs.path', place, 'must be an absolute path'));
  }
  if (source === 'local' && !spec.nodeAffinity?.required) {
    errors.push(required('spec.nodeAffinity', 'Local volume requires node affinity'));
  }
  return errors;
}

function validateUpdate({ spec }: KubeObject, { spec: old }: KubeObject): FieldError[] {
  const errors = sources.some((source) => !same(spec[source], old[source]))
    ? [
        forbiddenValue(
          'spec.persistentvolumesource',
          'spec.persistentvolumesource is immutable after creation',
        ),
      ]
    : [];
  if (spec.volumeMode !== old.volumeMode) errors.push(immutable('volumeMode', spec.volumeMode));
  if (old.nodeAffinity && !same(spec.nodeAffinity, old.nodeAffinity)) {
    const why = 'field is immutable, except for updating from beta label to GA';
    errors.push(invalidValue('nodeAffinity', spec.nodeAffinity ?? null, why));
  }
  return errors;
}
