import { existsSync, mkdirSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import type { Container, Pod } from './pod-types.ts';
import { MountError } from './volume-files.ts';

export interface RootFolder {
  /** Real folder that the container sees as `/`. */
  root: string;
  /** Mount path → real folder or file. */
  mounts: [string, string][];
  readable: string[];
  writable: string[];
  real(path: string): string;
  /** The other way round: what the container sees in place of a real path of its own. */
  shown(path: string): string;
}

/** Makes a container's own file system: a few folders, and links to its volumes at their mount paths. */
export function prepareRoot(
  folders: { root: string; volumes: string },
  pod: Pod,
  container: Container,
  identity: { hostname: string; podIP: string },
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
  writeFileSync(
    join(root, 'etc/resolv.conf'),
    `search ${namespace}.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n`,
  );
  writeFileSync(join(root, 'dev/termination-log'), '');

  const volumes = realpathSync(folders.volumes);
  const mounts: [string, string][] = [];
  const writable = [`${root}/*`];
  const readable = [`${root}/*`];
  for (const mount of container.volumeMounts ?? []) {
    const at = posix.resolve('/', mount.mountPath);
    const volume = join(volumes, mount.name);
    const target = mount.subPath ? join(volume, posix.resolve('/', mount.subPath)) : volume;
    if (mount.subPath && !existsSync(target)) mkdirSync(target, { recursive: true });
    if (!existsSync(target)) throw new MountError(`volume "${mount.name}" of the container is not there`);
    mounts.push([at, target]);
    link(join(root, at), target);
    readable.push(statSync(target).isDirectory() ? `${volume}/*` : volume);
    const own = pod.spec.volumes?.find((candidate) => candidate.name === mount.name)?.emptyDir;
    if (own && !mount.readOnly) writable.push(`${volume}/*`);
  }
  mounts.sort((a, b) => b[0].length - a[0].length);
  return {
    root,
    mounts,
    readable: [...new Set(readable)],
    writable: [...new Set(writable)],
    real: (path) => realPath(path, root, mounts, container.workingDir ?? '/'),
    shown: (path) => shownPath(path, root, mounts),
  };
}

function link(at: string, target: string): void {
  rmSync(at, { recursive: true, force: true });
  mkdirSync(dirname(at), { recursive: true });
  symlinkSync(target, at);
}

function realPath(path: string, root: string, mounts: [string, string][], cwd: string): string {
  const inside = posix.resolve('/', cwd, path);
  for (const [at, target] of mounts) {
    if (inside === at || inside.startsWith(`${at}/`)) return target + inside.slice(at.length);
  }
  return inside === '/' ? root : root + inside;
}

function shownPath(path: string, root: string, mounts: [string, string][]): string {
  for (const [at, target] of [...mounts, ['', root] as const]) {
    if (path === target || path.startsWith(`${target}/`)) return at + path.slice(target.length) || '/';
  }
  return path;
}
