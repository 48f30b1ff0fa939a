import { existsSync, mkdirSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { findInside, makeFolderInside, partsOf } from '../../confined.ts';
import { resolvConf, resolverOf } from '../../network/resolver.ts';
import { type PathView, pathsOf } from '../../runtime/view.ts';
import { ConfigError, expand } from '../pod/environment.ts';
import type { Container, Pod } from '../pod/pod-types.ts';

export interface RootFolder extends PathView {
  /** Real folder that the container sees as `/`. */
  root: string;
  /** Mount path → real folder or file. */
  mounts: [string, string][];
  readable: string[];
  writable: string[];
  /** Real folders that a file of the container may lie in, links followed. */
  folders: readonly string[];
  workingDir: string;
}

/** Makes a container's own file system: a few folders, and links to its volumes at their mount paths. */
export function prepareRoot(
  folders: { root: string; volumes: string },
  pod: Pod,
  container: Container,
  identity: { hostname: string; podIP: string },
  env: Readonly<Record<string, string>>,
): RootFolder {
  // A restarted container starts from its image again.
  rmSync(folders.root, { recursive: true, force: true });
  for (const name of ['tmp', 'etc', 'root', 'dev', 'proc', 'usr/local/bin', 'var/run']) {
    mkdirSync(join(folders.root, name), { recursive: true });
  }
  const root = realpathSync(folders.root);
  const namespace = pod.metadata.namespace!;
  writeFileSync(join(root, 'etc/hostname'), `${identity.hostname}\n`);
  writeFileSync(
    join(root, 'etc/hosts'),
    `# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n${identity.podIP}\t${identity.hostname}\n`,
  );
  writeFileSync(join(root, 'etc/resolv.conf'), resolvConf(resolverOf(namespace, pod.spec)));
  writeFileSync(join(root, 'dev/termination-log'), '');

  const volumes = realpathSync(folders.volumes);
  const mounts: [string, string][] = [];
  const inside = new Set<string>();
  const writable = [`${root}/*`];
  const readable = [`${root}/*`];
  // The shorter first: a mount below another one is made in the container's own folder, not in the other's volume.
  for (const mount of byDepth(container.volumeMounts ?? [])) {
    const at = posix.resolve('/', mount.mountPath);
    const named = join(volumes, ...partsOf(mount.name));
    if (!existsSync(named)) throw new ConfigError(`volume "${mount.name}" of the container is not there`);
    const source = pod.spec.volumes?.find((candidate) => candidate.name === mount.name);
    const own = source?.emptyDir ?? source?.persistentVolumeClaim;
    // A claim's folder lies elsewhere: its link is the kubelet's.
    const volume = source?.persistentVolumeClaim ? realpathSync(named) : named;
    inside.add(volume);
    const subPath = mount.subPath || expand(mount.subPathExpr ?? '', env);
    const found = subPath ? subPathOf(volume, subPath, mount.name, container.name) : volume;
    // The links of an object's volume are followed when it is read: its contents are swapped by one.
    const target = own ? realpathSync(found) : found;
    const over = mounts.some(([other]) => other === '/' || at.startsWith(`${other}/`));
    mounts.push([at, target]);
    if (!over) link(root, at, target);
    readable.push(statSync(target).isDirectory() ? `${volume}/*` : volume);
    if (own && !mount.readOnly && !source?.persistentVolumeClaim?.readOnly) writable.push(`${volume}/*`);
  }
  const workingDir = container.workingDir ?? '/';
  mounts.sort((a, b) => b[0].length - a[0].length);
  return {
    root,
    mounts,
    readable: [...new Set(readable)],
    writable: [...new Set(writable)],
    folders: [root, ...inside],
    workingDir,
    ...pathsOf(root, mounts, workingDir),
  };
}

function byDepth<T extends { mountPath: string }>(mounts: readonly T[]): T[] {
  const depth = ({ mountPath }: T): number => posix.resolve('/', mountPath).length;
  return [...mounts].sort((a, b) => depth(a) - depth(b));
}

/** The file or folder of a volume that is mounted in its place: a folder is made if nothing is there. */
function subPathOf(volume: string, subPath: string, name: string, container: string): string {
  try {
    const path = join(volume, ...partsOf(subPath));
    if (existsSync(path) && findInside([volume], path)) return path;
    return makeFolderInside([volume], path);
  } catch {
    throw new ConfigError(`failed to prepare subPath for volumeMount "${name}" of container "${container}"`);
  }
}

function link(root: string, at: string, target: string): void {
  if (at === '/') return;
  const path = join(makeFolderInside([root], join(root, dirname(at))), posix.basename(at));
  rmSync(path, { recursive: true, force: true });
  symlinkSync(target, path);
}
