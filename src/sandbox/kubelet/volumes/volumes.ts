import { existsSync, readdirSync, realpathSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolderInside, OutsideFolder, partsOf, readInside, writeInside } from '../../confined.ts';
import type { Pod } from '../pod/pod-types.ts';
import { linkClaim } from './claimed.ts';
import { type Files, MountError, type VolumeContext, volumeFiles } from './volume-files.ts';

/**
 * Makes or updates the volumes of a pod under `folder`, one folder each; whatever is wrong with one of them is a
 * MountError: a pod cannot do more than wait for its volume.
 */
export function mountVolumes(folder: string, context: VolumeContext): void {
  for (const volume of context.pod.spec.volumes ?? []) {
    try {
      const inside = [realpathSync(folder)];
      const claim = volume.persistentVolumeClaim;
      if (claim) {
        linkClaim(join(inside[0]!, ...partsOf(volume.name)), claim.claimName, context);
        continue;
      }
      const files = volumeFiles(volume, context);
      const target = makeFolderInside(inside, join(inside[0]!, ...partsOf(volume.name)));
      if (files) writeAtomically(target, files);
    } catch (error) {
      throw new MountError(`MountVolume.SetUp failed for volume "${volume.name}" : ${reason(error)}`);
    }
  }
}

/** Without the real paths of this machine, which the pod's owner may not be shown. */
function reason(error: unknown): string {
  if (error instanceof MountError || error instanceof OutsideFolder) return error.message;
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  return code && syscall ? `${syscall}: ${REASONS[code] ?? code}` : message;
}

const REASONS: Record<string, string> = {
  EEXIST: 'file exists',
  ENOTDIR: 'not a directory',
  EISDIR: 'is a directory',
  ENAMETOOLONG: 'file name too long',
  ENOSPC: 'no space left on device',
};

/** True if the pod has a volume that is made of this ConfigMap or Secret. */
export function mountsObject(pod: Pod, kind: string, name: string): boolean {
  return (pod.spec.volumes ?? []).some((volume) => {
    const sources = [volume, ...(volume.projected?.sources ?? [])];
    return sources.some((source) => {
      if (kind === 'ConfigMap') return source.configMap?.name === name;
      const { secret } = source;
      return (
        secret !== undefined &&
        ('secretName' in secret ? secret.secretName : (secret as { name?: string }).name) === name
      );
    });
  });
}

/**
 * As the kubelet's atomic writer: the files are in a folder of their own, `..data` points to it, and every
 * name points through `..data`; a change swaps that one link.
 */
function writeAtomically(target: string, files: Files): void {
  const current = join(target, '..data');
  if (existsSync(current) && holds(current, files)) return;
  const version = `..${new Date().toISOString().replace(/[:T-]/g, '_').slice(0, 19)}.${process.hrtime.bigint()}`;
  const own = [makeFolderInside([target], join(target, version))];
  try {
    for (const [path, content] of files) {
      const file = join(own[0]!, ...partsOf(path));
      makeFolderInside(own, dirname(file));
      writeInside(own, file, content);
    }
  } catch (error) {
    rmSync(own[0]!, { recursive: true, force: true });
    throw error;
  }
  const next = join(target, '..data_tmp');
  rmSync(next, { force: true });
  symlinkSync(version, next);
  renameSync(next, current);
  const wanted = new Set([...files.keys()].map((path) => partsOf(path)[0]!));
  for (const name of readdirSync(target)) {
    if (name.startsWith('..') ? name !== '..data' && name !== version : !wanted.has(name)) {
      rmSync(join(target, name), { recursive: true, force: true });
    }
  }
  const present = new Set(readdirSync(target));
  for (const name of wanted) if (!present.has(name)) symlinkSync(join('..data', name), join(target, name));
}

function holds(folder: string, files: Files): boolean {
  const own = [realpathSync(folder)];
  const names = readdirSync(own[0]!, { recursive: true, withFileTypes: true }).filter((it) => it.isFile());
  if (names.length !== files.size) return false;
  return [...files].every(([path, content]) => {
    const file = join(own[0]!, ...partsOf(path));
    return existsSync(file) && readInside(own, file, content.length + 1).equals(content);
  });
}
