import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PreloadSettings } from '../protocol.ts';
import { indexOf, lastIndexOf, realPathOf, slice, startsWith } from './intrinsics.ts';

/** Translates between paths as the program sees them and the folders of the pod behind them. */
export class PathMap {
  cwd: string;
  private readonly root: string;
  private readonly mounts: [string, string][];
  private readonly folders: readonly string[];

  constructor(settings: PreloadSettings) {
    this.cwd = settings.cwd;
    this.root = settings.root;
    this.folders = [settings.root, ...settings.mounts.map(([, folder]) => folder)];
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

  /**
   * The real path of a socket that the program may make or connect to: with every link followed, since the kernel follows
   * them, in the pod's folders; else undefined. Uses intrinsics only.
   */
  target(path: unknown): string | undefined {
    if (typeof path !== 'string' || indexOf(path, '\0') >= 0) return undefined;
    const name = lastIndexOf(path, '/') + 1;
    if (name === 0) return undefined;
    try {
      const folder = realPathOf(slice(path, 0, name));
      const whole = `${folder}/${slice(path, name)}`;
      if (!this.holds(whole)) return undefined;
      const real = existing(whole);
      return this.holds(real) ? real : undefined;
    } catch {
      return undefined;
    }
  }

  private holds(real: string): boolean {
    if (slice(real, -3) === '/..' || slice(real, -2) === '/.') return false;
    for (let index = 0; index < this.folders.length; index++) {
      if (startsWith(real, `${this.folders[index]}/`)) return true;
    }
    return false;
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

/** Where a path leads to; one where nothing is yet leads nowhere else. */
function existing(path: string): string {
  try {
    return realPathOf(path);
  } catch {
    return path;
  }
}

function asText(path: unknown): string | undefined {
  if (typeof path === 'string') return path;
  if (path instanceof URL) return path.protocol === 'file:' ? fileURLToPath(path) : undefined;
  if (path instanceof Uint8Array) return Buffer.from(path).toString('utf8');
  return undefined;
}
