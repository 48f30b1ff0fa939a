import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  realpathSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_TRUNC, O_WRONLY } = constants;

/** A path that leads out of the folders that it is confined to. */
export class OutsideFolder extends Error {
  constructor(path: string) {
    super(`${JSON.stringify(path)} leads out of its folder`);
  }
}

/**
 * The parts of a relative path, without empty ones and `.`: of `./a//b` they are a and b. There is at least one.
 * @throws OutsideFolder for an absolute path, one with `..` or a zero byte, and for one that names nothing
 */
export function partsOf(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (path.startsWith('/') || path.includes('\0') || parts.includes('..') || parts.length === 0)
    throw new OutsideFolder(path);
  return parts;
}

/** Whether a real path is one of the real folders or in one. */
export function isInside(real: string, folders: readonly string[]): boolean {
  return folders.some((folder) => real === folder || real.startsWith(`${folder}/`));
}

/**
 * The real path of what is there, every link followed.
 * @param folders real paths
 * @throws OutsideFolder if it is in none of them
 */
export function findInside(folders: readonly string[], path: string): string {
  const real = realpathSync(path);
  if (!isInside(real, folders)) throw new OutsideFolder(path);
  return real;
}

/**
 * Opens a file for the sandbox on a pod's behalf; nothing else does. The path may hold links that a pod made: what
 * counts is where it leads when it is opened, and once more afterwards, so that a link that was put in its place
 * meanwhile is noticed. A file is cut to nothing only then, and no pipe makes anybody wait.
 * @param folders real paths
 * @throws OutsideFolder if it leads out of them
 */
export function openInside(folders: readonly string[], path: string, flags: number, mode = 0o600): number {
  const real = targetInside(folders, path, (flags & O_CREAT) !== 0);
  const file = openSync(real, (flags & ~O_TRUNC) | O_NOFOLLOW | O_NONBLOCK, mode);
  try {
    const opened = fstatSync(file);
    const there = lstatSync(real);
    if (opened.ino !== there.ino || opened.dev !== there.dev || realpathSync(real) !== real)
      throw new OutsideFolder(path);
    if (flags & O_TRUNC) ftruncateSync(file, 0);
    return file;
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

/** Where a file is or would be: `real` may be made only if `create` is set. */
function targetInside(folders: readonly string[], path: string, create: boolean): string {
  if (!create || lstatSync(path, { throwIfNoEntry: false })) return findInside(folders, path);
  return join(findInside(folders, dirname(path)), basename(path));
}

/** Up to `maxBytes` from the beginning of a file; @throws OutsideFolder */
export function readInside(folders: readonly string[], path: string, maxBytes: number): Buffer {
  const file = openInside(folders, path, O_RDONLY);
  try {
    const buffer = Buffer.alloc(Math.min(maxBytes, fstatSync(file).size));
    let length = 0;
    for (let got = 1; got > 0 && length < buffer.length; length += got)
      got = readSync(file, buffer, length, buffer.length - length, length);
    return buffer.subarray(0, length);
  } finally {
    closeSync(file);
  }
}

/** Replaces or appends to a file, making it if need be; @throws OutsideFolder */
export function writeInside(
  folders: readonly string[],
  path: string,
  content: Uint8Array | string,
  append = false,
): void {
  const file = openInside(folders, path, O_WRONLY | O_CREAT | (append ? O_APPEND : O_TRUNC), 0o644);
  try {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
  } finally {
    closeSync(file);
  }
}

/** Makes a folder and those above it that are missing, none of them through a link; @throws OutsideFolder */
export function makeFolderInside(folders: readonly string[], path: string): string {
  const missing: string[] = [];
  let known = path;
  while (!lstatSync(known, { throwIfNoEntry: false })) {
    missing.unshift(basename(known));
    known = dirname(known);
  }
  let real = findInside(folders, known);
  for (const name of missing) {
    real = join(real, name);
    // Behind a folder that is missing, `..` names nothing yet.
    if (!isInside(real, folders)) throw new OutsideFolder(path);
    if (!existsSync(real)) mkdirSync(real, { mode: 0o755 });
    if (realpathSync(real) !== real) throw new OutsideFolder(path);
  }
  return real;
}
