import fs from 'node:fs';
import Module from 'node:module';
import { promisify } from 'node:util';
import type { PathMap } from './paths.ts';

/** How many of a function's first arguments are paths. */
const PATHS: Record<string, 1 | 2> = {
  access: 1, appendFile: 1, chmod: 1, chown: 1, copyFile: 2, cp: 2, createReadStream: 1, createWriteStream: 1,
  exists: 1, lchmod: 1, lchown: 1, link: 2, lstat: 1, lutimes: 1, mkdir: 1, mkdtemp: 1, open: 1, openAsBlob: 1,
  opendir: 1, readFile: 1, readdir: 1, readlink: 1, realpath: 1, rename: 2, rm: 1, rmdir: 1, stat: 1, statfs: 1,
  symlink: 2, truncate: 1, unlink: 1, unwatchFile: 1, utimes: 1, watch: 1, watchFile: 1, writeFile: 1,
}; // biome-ignore format: one look

type AnyFunction = (...args: unknown[]) => unknown;
type FunctionTable = Record<string, AnyFunction | undefined>;

/** Every path that a program hands to fs or require is one of the pod's. */
export function confineFiles(paths: PathMap): void {
  const tables = [fs, fs.promises] as unknown as FunctionTable[];
  for (const table of tables) {
    for (const [name, count] of Object.entries(PATHS)) {
      for (const full of [name, `${name}Sync`]) {
        const original = table[full];
        if (original) table[full] = translated(original, count, paths);
      }
    }
  }
  const modules = Module as unknown as { _resolveFilename: AnyFunction };
  const resolveFilename = modules._resolveFilename;
  modules._resolveFilename = function (this: unknown, request, ...rest) {
    const absolute = typeof request === 'string' && request.startsWith('/');
    return resolveFilename.call(this, absolute ? paths.real(request) : request, ...rest);
  };
}

function translated(original: AnyFunction, count: number, paths: PathMap): AnyFunction {
  const wrapper = translatedOnly(original, count, paths);
  const inner = original as unknown as Record<string | symbol, AnyFunction | undefined>;
  for (const key of ['native', promisify.custom]) {
    if (inner[key]) Object.defineProperty(wrapper, key, { value: translatedOnly(inner[key], count, paths) });
  }
  return wrapper;
}

function translatedOnly(original: AnyFunction, count: number, paths: PathMap): AnyFunction {
  return function (this: unknown, ...args: unknown[]): unknown {
    for (let index = 0; index < count; index++) args[index] = paths.real(args[index]);
    return original.apply(this, args);
  };
}
