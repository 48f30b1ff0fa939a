import type {
  V1DownwardAPIVolumeFile,
  V1KeyToPath,
  V1Volume,
  V1VolumeProjection,
} from '@kubernetes/client-node';
import type { Api, KubeObject } from '../../api.ts';
import { partsOf } from '../../confined.ts';
import { podField, resourceField } from '../pod/fields.ts';
import type { Pod } from '../pod/pod-types.ts';

/** A volume that cannot be set up; the message is the one that Kubernetes gives. */
export class MountError extends Error {}

export interface VolumeContext {
  api: Api;
  pod: Pod;
  podIP: string;
  hostIP: string;
  /** Folder with one folder a PersistentVolume. */
  kept: string;
  /** A bearer token for a ServiceAccount of the pod's namespace. */
  token(namespace: string, serviceAccount: string): string;
}

/** Path in the volume, as `fileName` gives it → content. */
export type Files = Map<string, Buffer>;

/** The files of a volume that is made of objects; undefined for one that the container fills itself. */
export function volumeFiles(volume: V1Volume, context: VolumeContext): Files | undefined {
  const files: Files = new Map();
  if (volume.emptyDir || volume.persistentVolumeClaim) return undefined;
  if (volume.configMap) {
    const { name = '', items, optional } = volume.configMap;
    addObject(files, 'configmap', name, items, optional, context);
  } else if (volume.secret) {
    const { secretName = '', items, optional } = volume.secret;
    addObject(files, 'secret', secretName, items, optional, context);
  } else if (volume.downwardAPI) addFields(files, volume.downwardAPI.items ?? [], context);
  else if (volume.projected) {
    for (const source of volume.projected.sources ?? []) addProjection(files, source, context);
  } else {
    const type = Object.keys(volume).find((key) => key !== 'name') ?? 'unknown';
    throw new MountError(`volumes of type ${type} are not supported on this node`);
  }
  return files;
}

/** The cluster's CA certificate comes a moment after its namespace does. */
const ROOT_CA = 'kube-root-ca.crt';

function addProjection(files: Files, source: V1VolumeProjection, context: VolumeContext): void {
  const { configMap, secret, downwardAPI, serviceAccountToken } = source;
  if (configMap) {
    const optional = configMap.optional || configMap.name === ROOT_CA;
    addObject(files, 'configmap', configMap.name ?? '', configMap.items, optional, context);
  }
  if (secret) addObject(files, 'secret', secret.name ?? '', secret.items, secret.optional, context);
  if (downwardAPI) addFields(files, downwardAPI.items ?? [], context);
  if (serviceAccountToken) {
    const { metadata, spec } = context.pod;
    const token = context.token(metadata.namespace!, spec.serviceAccountName ?? 'default');
    files.set(fileName(serviceAccountToken.path), Buffer.from(token));
  }
}

const MAX_PATH = 4096;
const MAX_NAME = 255;

/**
 * A file's path in its volume without empty parts and `.`: `./b` is b. The texts are those of
 * kubernetes/pkg/volume/util/atomic_writer.go (validatePath).
 * @throws MountError for one that leads out of the volume or is too long
 */
export function fileName(path: string): string {
  const names = path.split('/');
  if (path.startsWith('/')) throw new MountError(`invalid path: must be relative path: ${path}`);
  if (names.includes('..')) throw new MountError(`invalid path: must not contain '..': ${path}`);
  if (path.startsWith('..')) throw new MountError(`invalid path: must not start with '..': ${path}`);
  if (Buffer.byteLength(path) > MAX_PATH)
    throw new MountError(`invalid path: must be less than or equal to ${MAX_PATH} characters`);
  if (names.some((name) => Buffer.byteLength(name) > MAX_NAME))
    throw new MountError(`invalid path: filenames must be less than or equal to ${MAX_NAME} characters`);
  try {
    const parts = partsOf(path);
    if (parts[0]!.startsWith('..')) throw new MountError(`invalid path: must not start with '..': ${path}`);
    return parts.join('/');
  } catch (error) {
    if (error instanceof MountError) throw error;
    throw new MountError(`invalid path: must name a file: ${JSON.stringify(path)}`);
  }
}

function addObject(
  files: Files,
  kind: 'configmap' | 'secret',
  name: string,
  items: V1KeyToPath[] | undefined,
  optional: boolean | undefined,
  { api, pod }: VolumeContext,
): void {
  const object = api.get(`${kind}s`, pod.metadata.namespace, name);
  if (!object) {
    if (optional) return;
    throw new MountError(`${kind} "${name}" not found`);
  }
  const data = binary(object);
  for (const { key, path } of items ?? [...data.keys()].map((it) => ({ key: it, path: it }))) {
    const content = data.get(key);
    if (content) files.set(fileName(path), content);
    else if (!optional)
      throw new MountError(`references non-existent ${kind === 'secret' ? 'secret' : 'config'} key: ${key}`);
  }
}

function binary(object: KubeObject): Map<string, Buffer> {
  const encoding = object.kind === 'Secret' ? 'base64' : 'utf8';
  const entries = (data: unknown, as: BufferEncoding): [string, Buffer][] =>
    Object.entries((data ?? {}) as Record<string, string>).map(([key, value]) => [
      key,
      Buffer.from(value, as),
    ]);
  return new Map([...entries(object.data, encoding), ...entries(object.binaryData, 'base64')]);
}

function addFields(files: Files, items: V1DownwardAPIVolumeFile[], context: VolumeContext): void {
  for (const { path, fieldRef, resourceFieldRef } of items) {
    const value = fieldRef
      ? podField(context.pod, fieldRef.fieldPath, context)
      : resourceFieldRef &&
        resourceField(context.pod, resourceFieldRef.containerName ?? '', resourceFieldRef);
    if (value === undefined) throw new MountError(`unsupported fieldPath: ${fieldRef?.fieldPath}`);
    files.set(fileName(path), Buffer.from(value));
  }
}
