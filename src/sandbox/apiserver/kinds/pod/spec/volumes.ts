/** Rules of volumes. */
import { parseQuantity } from '../../../../../quantity.ts';
import type { KubeObject } from '../../../../api.ts';
import type { FieldError } from '../../../status.ts';
import {
  duplicate,
  forbiddenValue,
  invalidValue,
  labelProblems,
  oneOf,
  required,
} from '../../../validation/rules.ts';
import { validateClaimSpec } from '../../persistentvolumeclaim/validation.ts';
import {
  type DownwardFile,
  fileMode,
  type KeyToPath,
  noBacksteps,
  validateDownward,
  validateItems,
  validateProjections,
} from './paths.ts';

/** The order in which sources are looked at: the second one found is the one refused. */
const sources = [
  ...[
    'emptyDir',
    'hostPath',
    'gitRepo',
    'gcePersistentDisk',
    'awsElasticBlockStore',
    'secret',
    'nfs',
    'iscsi',
  ],
  ...[
    'glusterfs',
    'flocker',
    'persistentVolumeClaim',
    'rbd',
    'cinder',
    'cephfs',
    'quobyte',
    'downwardAPI',
    'fc',
  ],
  ...['flexVolume', 'configMap', 'azureFile', 'vsphereVolume', 'photonPersistentDisk', 'portworxVolume'],
  ...['azureDisk', 'storageos', 'scaleIO', 'projected', 'csi', 'ephemeral', 'image'],
];

type Volume = { name?: string; [source: string]: unknown };

export function validateVolumes(volumes: Volume[], path: string): FieldError[] {
  const names = new Set<string>();
  return volumes.flatMap((volume, index) => {
    const at = `${path}[${index}]`;
    const errors: FieldError[] = [];
    const { name } = volume;
    const found = sources.filter((source) => volume[source] !== undefined);
    for (const extra of found.slice(1)) {
      errors.push(forbiddenValue(`${at}.${extra}`, 'may not specify more than 1 volume type'));
    }
    if (found.length === 1) errors.push(...validateSource(volume, found[0]!, at));
    if (!name) errors.push(required(`${at}.name`));
    else {
      errors.push(...labelProblems(name).map((problem) => invalidValue(`${at}.name`, name, problem)));
      if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
      names.add(name);
    }
    return errors;
  });
}

function validateSource(volume: Volume, source: string, at: string): FieldError[] {
  const fields = volume[source] as Record<string, unknown>;
  const path = `${at}.${source}`;
  return [
    ...(needed[source] ?? []).filter((field) => !fields[field]).map((field) => required(`${path}.${field}`)),
    ...fileMode(`${path}.defaultMode`, fields.defaultMode),
    ...(rules[source]?.(fields, path) ?? []),
  ];
}

const needed: Record<string, string[]> = {
  configMap: ['name'],
  secret: ['secretName'],
  hostPath: ['path'],
  nfs: ['server', 'path'],
  persistentVolumeClaim: ['claimName'],
  gitRepo: ['repository'],
  csi: ['driver'],
  iscsi: ['targetPortal', 'iqn'],
  rbd: ['monitors', 'image'],
  cephfs: ['monitors'],
  glusterfs: ['endpoints', 'path'],
  flexVolume: ['driver'],
  azureFile: ['secretName', 'shareName'],
  azureDisk: ['diskName', 'diskURI'],
  cinder: ['volumeID'],
  vsphereVolume: ['volumePath'],
  portworxVolume: ['volumeID'],
  scaleIO: ['gateway', 'system', 'volumeName'],
  quobyte: ['registry', 'volume'],
  photonPersistentDisk: ['pdID'],
  gcePersistentDisk: ['pdName'],
  awsElasticBlockStore: ['volumeID'],
  storageos: ['volumeName'],
  ephemeral: ['volumeClaimTemplate'],
};

const hostPathTypes = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];

/** What is in a volume, or where it comes from. */
const rules: Record<string, (fields: Record<string, unknown>, path: string) => FieldError[]> = {
  configMap: ({ items }, path) => validateItems(items as KeyToPath[] | undefined, `${path}.items`),
  secret: ({ items }, path) => validateItems(items as KeyToPath[] | undefined, `${path}.items`),
  downwardAPI: ({ items }, path) => validateDownward(items as DownwardFile[] | undefined, path),
  projected: ({ sources: parts }, path) =>
    validateProjections(parts as Parameters<typeof validateProjections>[0], path),
  hostPath: ({ path: place, type = '' }, path) =>
    place
      ? [...noBacksteps(`${path}.path`, String(place)), ...oneOf(`${path}.type`, type, hostPathTypes)]
      : [],
  nfs: ({ path: place = '' }, path) =>
    String(place).startsWith('/') ? [] : [invalidValue(`${path}.path`, place, 'must be an absolute path')],
  emptyDir: ({ sizeLimit }, path) => {
    if ((parseQuantity(sizeLimit)?.nanos ?? 0n) >= 0n) return [];
    return [forbiddenValue(`${path}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')];
  },
  fc: ({ targetWWNs, wwids }, path) =>
    Boolean(targetWWNs) === Boolean(wwids)
      ? [required(`${path}.targetWWNs`, 'must specify either targetWWNs or wwids, but not both')]
      : [],
  ephemeral: ({ volumeClaimTemplate: template }, path) =>
    template
      ? validateClaimSpec(
          (template as { spec?: KubeObject['spec'] }).spec ?? {},
          `${path}.volumeClaimTemplate.spec`,
        )
      : [],
  image: ({ pullPolicy }, path) =>
    oneOf(`${path}.pullPolicy`, pullPolicy, ['Always', 'IfNotPresent', 'Never']),
};
