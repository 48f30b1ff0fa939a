/** Rules of volumes. */
import type { FieldError } from '../status.ts';
import {
  type DownwardFile,
  fileMode,
  type KeyToPath,
  noBacksteps,
  validateDownward,
  validateItems,
  validateProjections,
} from './paths.ts';
import { duplicate, forbiddenValue, invalidValue, labelProblems, required } from './rules.ts';

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
  const needed: Record<string, string> = {
    configMap: 'name',
    secret: 'secretName',
    hostPath: 'path',
    persistentVolumeClaim: 'claimName',
  };
  const field = needed[source];
  const path = `${at}.${source}`;
  return [
    ...(field && !fields[field] ? [required(`${path}.${field}`)] : []),
    ...fileMode(`${path}.defaultMode`, fields.defaultMode),
    ...(files[source]?.(fields, path) ?? []),
  ];
}

/** What is in the folder of a volume. */
const files: Record<string, (fields: Record<string, unknown>, path: string) => FieldError[]> = {
  configMap: ({ items }, path) => validateItems(items as KeyToPath[] | undefined, `${path}.items`),
  secret: ({ items }, path) => validateItems(items as KeyToPath[] | undefined, `${path}.items`),
  downwardAPI: ({ items }, path) => validateDownward(items as DownwardFile[] | undefined, path),
  projected: ({ sources: parts }, path) =>
    validateProjections(parts as Parameters<typeof validateProjections>[0], path),
  hostPath: (fields, path) => noBacksteps(`${path}.path`, String(fields.path ?? '')),
};
