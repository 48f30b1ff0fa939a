import { posix } from 'node:path';
import type { ContainerFiles } from '../files.ts';
import { matchPattern } from './pattern.ts';

/** Paths that match a shell pattern, sorted; none if nothing does. */
export function expandGlob(pattern: string, cwd: string, files: ContainerFiles): string[] {
  const absolute = pattern.startsWith('/');
  let found = [absolute ? '/' : ''];
  for (const part of pattern.split('/').filter(Boolean)) {
    const plain = !/(?<!\\)[*?[]/.test(part);
    found = found.flatMap((base) => {
      const folder = files.resolve(cwd, base || '.');
      const join = (name: string): string => (base === '' ? name : posix.join(base, name));
      if (plain) {
        const path = join(part.replace(/\\(.)/g, '$1'));
        return files.exists(files.resolve(cwd, path)) ? [path] : [];
      }
      if (!files.exists(folder) || !files.stat(folder).isDirectory()) return [];
      const names = files.list(folder).filter((name) => part.startsWith('.') || !name.startsWith('.'));
      return names.filter((name) => matchPattern(part, name)).map(join);
    });
  }
  return found;
}
