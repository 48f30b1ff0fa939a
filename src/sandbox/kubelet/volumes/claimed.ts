/** PersistentVolumes: one folder each, which outlives the pods that mount it. */
import { createHash } from 'node:crypto';
import { mkdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { V1PersistentVolumeSpec } from '@kubernetes/client-node';
import type { Json } from '../../../kubernetes.ts';
import type { KubeObject } from '../../api.ts';
import { MountError, type VolumeContext } from './volume-files.ts';

type Source = Pick<Json<V1PersistentVolumeSpec>, 'csi' | 'hostPath' | 'local'>;

const DRIVER = 'storage.local/folder';

/**
 * The folder of a volume below `kept`; undefined for a kind of volume that this node cannot mount. What a hostPath or
 * local volume calls its path is a name only: volumes with the same path share a folder of the sandbox, and no path
 * of this machine is ever mounted.
 */
export function folderOf(kept: string, { csi, hostPath, local }: Source): string | undefined {
  const path = hostPath?.path ?? local?.path ?? (csi?.driver === DRIVER ? csi.volumeHandle : undefined);
  const kind = csi ? 'csi' : 'path';
  return path && join(kept, createHash('sha256').update(`${kind} ${path}`).digest('hex').slice(0, 32));
}

/** Reclaims what a volume held, unless it says that its data is to be retained: then undefined, else its folder. */
export function dropVolume(kept: string, { spec }: KubeObject): string | undefined {
  const folder = spec.persistentVolumeReclaimPolicy === 'Delete' && folderOf(kept, spec);
  if (folder) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  return folder || undefined;
}

/** Makes `at` lead to the folder of the claim's volume. @throws MountError while there is none */
export function linkClaim(at: string, name: string, { api, pod, kept }: VolumeContext): void {
  const claim = api.get('persistentvolumeclaims', pod.metadata.namespace, name);
  if (!claim) throw new MountError(`persistentvolumeclaim "${name}" not found`);
  const volume = api.get('persistentvolumes', undefined, claim.spec.volumeName ?? '');
  if (!volume || claim.status?.phase !== 'Bound') throw new MountError('PVC is not bound');
  const folder = folderOf(kept, volume.spec as Source);
  if (!folder)
    throw new MountError(`volume "${volume.metadata.name}" is of a type that is not supported on this node`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (linkOf(at) === folder) return;
  rmSync(at, { recursive: true, force: true });
  symlinkSync(folder, at);
}

function linkOf(at: string): string | undefined {
  try {
    return readlinkSync(at);
  } catch {
    return undefined;
  }
}
