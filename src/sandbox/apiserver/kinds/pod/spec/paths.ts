/** Rules of file paths and of the names of files: what a volume may call the files in it. */
import type { V1DownwardAPIVolumeFile, V1KeyToPath, V1VolumeProjection } from '@kubernetes/client-node';
import type { Unvalidated } from '../../../../../kubernetes.ts';
import type { FieldError } from '../../../status.ts';
import { forbiddenValue, invalidValue, oneOf, required } from '../../../validation/rules.ts';

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

export type KeyToPath = Unvalidated<V1KeyToPath>;

export function validateItems(items: KeyToPath[] = [], field: string): FieldError[] {
  return items.flatMap(({ key, path = '', mode }, index) => [
    ...(key ? [] : [required(`${field}[${index}].key`)]),
    ...(path ? [] : [required(`${field}[${index}].path`)]),
    ...localPath(`${field}[${index}].path`, path),
    ...fileMode(`${field}[${index}].mode`, mode),
  ]);
}

export type DownwardFile = Unvalidated<V1DownwardAPIVolumeFile>;

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
      ? validateResourceRef(resourceFieldRef, `${field}.resourceFieldRef`, true)
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

const sizes = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'];
const sizeRule = `only divisor's values ${sizes.join(', ')} are supported with the`;

/** What amounts may be divided by, by resource. */
const divisors: { of: RegExp; supported: string[]; why: string }[] = [
  {
    of: /\.cpu$/,
    supported: ['1m', '1'],
    why: "only divisor's values 1m and 1 are supported with the cpu resource",
  },
  { of: /\.memory$/, supported: sizes, why: `${sizeRule} memory resource` },
  { of: /\.ephemeral-storage$/, supported: sizes, why: `${sizeRule} local ephemeral storage resource` },
  { of: /\.hugepages-/, supported: sizes, why: `${sizeRule} hugepages resource` },
];

/** `inFile`: in a volume, where the container must be named; a variable has its own. */
export function validateResourceRef(
  { containerName, resource = '', divisor = '0' }: NonNullable<DownwardFile['resourceFieldRef']>,
  field: string,
  inFile = false,
): FieldError[] {
  if (inFile && !containerName) return [required(`${field}.containerName`)];
  if (!resource) return [required(`${field}.resource`)];
  const isPages = /^(limits|requests)\.hugepages-/.test(resource);
  const rule = divisors.find(({ of }) => of.test(resource));
  const isFit = divisor === '0' || !rule || rule.supported.includes(divisor);
  return [
    ...(isPages ? [] : oneOf(`${field}.resource`, resource, resources)),
    ...(isFit ? [] : [invalidValue(`${field}.divisor`, resource, rule.why)]),
  ];
}

type Projection = Unvalidated<V1VolumeProjection>;

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
