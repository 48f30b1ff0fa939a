import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Pod } from './pod-types.ts';
import { type Files, MountError, type VolumeContext, volumeFiles } from './volume-files.ts';

/** Makes or updates the volumes of a pod under `folder`, one folder each; throws MountError for the first that fails. */
export function mountVolumes(folder: string, context: VolumeContext): void {
  for (const volume of context.pod.spec.volumes ?? []) {
    try {
      const files = volumeFiles(volume, context);
      const target = join(folder, volume.name);
      mkdirSync(target, { recursive: true });
      if (files) writeAtomically(target, files);
    } catch (error) {
      if (!(error instanceof MountError)) throw error;
      throw new MountError(`MountVolume.SetUp failed for volume "${volume.name}" : ${error.message}`);
    }
  }
}

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
  for (const [path, content] of files) {
    const file = join(target, version, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  mkdirSync(join(target, version), { recursive: true });
  const next = join(target, '..data_tmp');
  rmSync(next, { force: true });
  symlinkSync(version, next);
  renameSync(next, current);
  const wanted = new Set([...files.keys()].map((path) => path.split('/')[0]!));
  for (const name of readdirSync(target)) {
    if (name.startsWith('..') ? name !== '..data' && name !== version : !wanted.has(name)) {
      rmSync(join(target, name), { recursive: true, force: true });
    }
  }
  const present = new Set(readdirSync(target));
  for (const name of wanted) if (!present.has(name)) symlinkSync(join('..data', name), join(target, name));
}

function holds(folder: string, files: Files): boolean {
  const names = (readdirSync(folder, { recursive: true, withFileTypes: true }) ?? []).filter((it) =>
    it.isFile(),
  );
  if (names.length !== files.size) return false;
  return [...files].every(([path, content]) => {
    const file = join(folder, path);
    return existsSync(file) && readFileSync(file).equals(content);
  });
}
