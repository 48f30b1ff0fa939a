/** Rules of file paths and of the names of files: what a volume may call the files in it. */
import type { FieldError } from '../status.ts';
import { forbiddenValue, invalidValue, oneOf, required } from './rules.ts';

/** What is wrong with a key of a ConfigMap or Secret, which becomes the name of a file (IsConfigMapKey). */
export function dataKeyProblems(key: string): string[] {
  const problems = key.length > 253 ? ['must be no more than 253 characters'] : [];
  if (!/^[-._a-zA-Z0-9]+$/.test(key)) {
    problems.push(
      "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
    );
  }
  if (key === '.' || key === '..') problems.push(`must not be '${key}'`);
  else if (key.startsWith('..')) problems.push("must not start with '..'");
  return problems;
}

/** A path that stays in its folder. */
export function descendingPath(field: string, path: string): FieldError[] {
  return [
    ...(path.startsWith('/') ? [invalidValue(field, path, 'must be a relative path')] : []),
    ...noBacksteps(field, path),
  ];
}

export function noBacksteps(field: string, path: string): FieldError[] {
  return path.split('/').includes('..') ? [invalidValue(field, path, "must not contain '..'")] : [];
}

/** A path that stays in its folder and names nothing of the kubelet's own, which begins with two dots. */
function localPath(field: string, path: string): FieldError[] {
  const isReserved = path.startsWith('..') && !path.startsWith('../');
  return [
    ...descendingPath(field, path),
    ...(isReserved ? [invalidValue(field, path, "must not start with '..'")] : []),
  ];
}

export function fileMode(field: string, mode: unknown): FieldError[] {
  if (typeof mode !== 'number' || (mode >= 0 && mode <= 0o777)) return [];
  return [invalidValue(field, mode, 'must be a number between 0 and 0777 (octal), both inclusive')];
}

export interface KeyToPath {
  key?: string;
  path?: string;
  mode?: number;
}

export function validateItems(items: KeyToPath[] = [], field: string): FieldError[] {
  return items.flatMap(({ key, path = '', mode }, index) => [
    ...(key ? [] : [required(`${field}[${index}].key`)]),
    ...(path ? [] : [required(`${field}[${index}].path`)]),
    ...localPath(`${field}[${index}].path`, path),
    ...fileMode(`${field}[${index}].mode`, mode),
  ]);
}

export interface DownwardFile {
  path?: string;
  mode?: number;
  fieldRef?: { fieldPath?: string };
  resourceFieldRef?: { containerName?: string; resource?: string };
}

const downwardPaths =
  /^metadata\.(name|namespace|uid|annotations|labels)$|^metadata\.(annotations|labels)\['.+'\]$/;

/** The real server names the list, not the item, where something is wrong with one. */
export function validateDownward(items: DownwardFile[] = [], field: string): FieldError[] {
  return items.flatMap(({ path = '', mode, fieldRef, resourceFieldRef }) => [
    ...(path ? [] : [required(`${field}.path`)]),
    ...localPath(`${field}.path`, path),
    ...(fieldRef ? validateFieldRef(fieldRef, `${field}.fieldRef`) : []),
    ...(fieldRef && resourceFieldRef
      ? [invalidValue(field, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously')]
      : []),
    ...(resourceFieldRef && !fieldRef
      ? validateResourceRef(resourceFieldRef, `${field}.resourceFieldRef`)
      : []),
    ...(fieldRef || resourceFieldRef
      ? []
      : [required(field, 'one of fieldRef and resourceFieldRef is required')]),
    ...fileMode(`${field}.mode`, mode),
  ]);
}

function validateFieldRef({ fieldPath }: { fieldPath?: string }, field: string): FieldError[] {
  if (!fieldPath) return [required(`${field}.fieldPath`)];
  return downwardPaths.test(fieldPath)
    ? []
    : oneOf(`${field}.fieldPath`, fieldPath, [
        'metadata.annotations',
        'metadata.labels',
        'metadata.name',
        'metadata.namespace',
        'metadata.uid',
      ]);
}

const resources = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];

function validateResourceRef(
  { containerName, resource }: NonNullable<DownwardFile['resourceFieldRef']>,
  field: string,
): FieldError[] {
  if (!containerName) return [required(`${field}.containerName`)];
  if (!resource) return [required(`${field}.resource`)];
  return /^(limits|requests)\.hugepages-/.test(resource)
    ? []
    : oneOf(`${field}.resource`, resource, resources);
}

interface Projection {
  secret?: { name?: string; items?: KeyToPath[] };
  configMap?: { name?: string; items?: KeyToPath[] };
  downwardAPI?: { items?: DownwardFile[] };
  serviceAccountToken?: { path?: string; expirationSeconds?: number };
  [other: string]: unknown;
}

/** All sources of a projected volume share one folder: no path may come twice. */
export function validateProjections(sources: Projection[] = [], field: string): FieldError[] {
  const taken = new Set<string>();
  const clash = (path: string | undefined, shown = path): FieldError[] => {
    if (!path) return [];
    if (taken.has(path)) return [invalidValue(field, shown, 'conflicting duplicate paths')];
    taken.add(path);
    return [];
  };
  return sources.flatMap((source, index) => {
    const at = `${field}.sources[${index}]`;
    const named = (['secret', 'configMap'] as const).flatMap((kind) => {
      const part = source[kind];
      if (!part) return [];
      return [
        ...(part.name ? [] : [required(`${at}.${kind}.name`)]),
        ...validateItems(part.items, `${at}.${kind}.items`),
        ...(part.items ?? []).flatMap(({ path }) => clash(path, part.name)),
      ];
    });
    const files = source.downwardAPI?.items ?? [];
    const token = source.serviceAccountToken;
    const isCrowded = Object.values(source).filter((part) => part !== undefined).length > 1;
    return [
      ...named,
      ...validateDownward(files, `${at}.downwardAPI`),
      ...files.flatMap(({ path }) => clash(path)),
      ...(token ? [...validateToken(token, at, field), ...clash(token.path)] : []),
      ...(isCrowded ? [forbiddenValue(at, 'may not specify more than 1 volume type per source')] : []),
    ];
  });
}

function validateToken(
  { path, expirationSeconds = 3600 }: { path?: string; expirationSeconds?: number },
  at: string,
  field: string,
): FieldError[] {
  const seconds = `${at}.serviceAccountToken.expirationSeconds`;
  return [
    ...(expirationSeconds < 600
      ? [invalidValue(seconds, expirationSeconds, 'may not specify a duration less than 10 minutes')]
      : []),
    ...(expirationSeconds > 2 ** 32
      ? [invalidValue(seconds, expirationSeconds, 'may not specify a duration larger than 2^32 seconds')]
      : []),
    ...(path ? localPath(`${field}.path`, path) : [required(`${field}.path`)]),
  ];
}
