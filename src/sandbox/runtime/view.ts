import { posix } from 'node:path';

/** The paths of a container and the real ones, translated both ways. */
export interface PathView {
  real(path: string): string;
  /** What the container sees in place of a real path of its own. */
  shown(path: string): string;
}

/** @param mounts mount path → real folder or file, the longest path first */
export function pathsOf(root: string, mounts: readonly [string, string][], workingDir: string): PathView {
  return {
    real: (path) => {
      const inside = posix.resolve('/', workingDir, path);
      for (const [at, target] of mounts) {
        if (inside === at || inside.startsWith(`${at}/`)) return target + inside.slice(at.length);
      }
      return inside === '/' ? root : root + inside;
    },
    shown: (path) => {
      for (const [at, target] of [...mounts, ['', root] as const]) {
        if (path === target || path.startsWith(`${target}/`)) return at + path.slice(target.length) || '/';
      }
      return path;
    },
  };
}
