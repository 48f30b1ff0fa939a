import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PreloadSettings } from '../protocol.ts';

/** Translates between paths as the program sees them and the folders of the pod behind them. */
export class PathMap {
  cwd: string;
  private readonly root: string;
  private readonly mounts: [string, string][];

  constructor(settings: PreloadSettings) {
    this.cwd = settings.cwd;
    this.root = settings.root;
    this.mounts = [...settings.mounts].sort((a, b) => b[0].length - a[0].length);
  }

  /** The real path of anything a program may pass as a path; paths that are real already stay. */
  real<T>(path: T): T | string {
    const text = asText(path);
    if (text === undefined) return path;
    if (this.isReal(text)) return posix.normalize(text);
    const inside = posix.resolve(this.cwd, text);
    for (const [at, folder] of this.mounts) {
      if (inside === at || inside.startsWith(`${at}/`)) return folder + inside.slice(at.length);
    }
    return inside === '/' ? this.root : this.root + inside;
  }

  /** What the program sees in place of a real path. */
  shown(path: string): string {
    for (const [at, folder] of this.mounts) {
      if (path === folder || path.startsWith(`${folder}/`)) return at + path.slice(folder.length);
    }
    if (path === this.root) return '/';
    return path.startsWith(`${this.root}/`) ? path.slice(this.root.length) : path;
  }

  /** True for a real path of the pod's folders. */
  isReal(path: string): boolean {
    const normal = posix.normalize(path);
    const within = (folder: string): boolean => normal === folder || normal.startsWith(`${folder}/`);
    return within(this.root) || this.mounts.some(([, folder]) => within(folder));
  }
}

function asText(path: unknown): string | undefined {
  if (typeof path === 'string') return path;
  if (path instanceof URL) return path.protocol === 'file:' ? fileURLToPath(path) : undefined;
  if (path instanceof Uint8Array) return Buffer.from(path).toString('utf8');
  return undefined;
}
