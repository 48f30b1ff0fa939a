import fs from 'node:fs';
import { dirname, posix } from 'node:path';
import {
  findInside,
  isInside,
  makeFolderInside,
  OutsideFolder,
  openInside,
  readInside,
  writeInside,
} from '../confined.ts';

/** An error of the container's file system, in the words of libc. */
export class FileProblem extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

const MESSAGES: Record<string, string> = {
  ENOENT: 'No such file or directory',
  EACCES: 'Permission denied',
  EPERM: 'Operation not permitted',
  EISDIR: 'Is a directory',
  ENOTDIR: 'Not a directory',
  EEXIST: 'File exists',
  ENOTEMPTY: 'Directory not empty',
  EROFS: 'Read-only file system',
  ENOSPC: 'No space left on device',
  EFBIG: 'File too large',
};

export interface FileSystemView {
  /** The real path of one that the container sees. */
  real(path: string): string;
  /** What the container sees in place of a real path of its own; other texts stay. */
  shown(path: string): string;
  /** Real folders that may be read; nothing else is, wherever a link points. */
  readable: readonly string[];
  /** Real folders that may be changed. */
  writable: readonly string[];
  /** Mount paths, shown in listings though they are links. */
  mounts: readonly string[];
}

/** No file that a container's tools make grows past this. */
export const MAX_FILE_BYTES = 64 * 2 ** 20;

/** The files of one container, for tools that run outside its process: no path leads out of its folders. */
export class ContainerFiles {
  constructor(private readonly view: FileSystemView) {}

  resolve(cwd: string, path: string): string {
    return posix.resolve('/', cwd, path);
  }

  exists(path: string): boolean {
    return this.attempt(() => this.stat(path)) !== undefined;
  }

  stat(path: string): fs.Stats {
    return guard(() => fs.statSync(this.inside(path)));
  }

  read(path: string): Buffer {
    if (path === '/dev/null') return Buffer.alloc(0);
    return guard(() => {
      const real = this.inside(path);
      const info = fs.statSync(real);
      if (info.isDirectory()) throw problem('EISDIR');
      if (info.size > MAX_FILE_BYTES) throw problem('EFBIG');
      return readInside(this.view.readable, real, MAX_FILE_BYTES);
    });
  }

  /** Replaces or appends to a file. */
  write(path: string, content: Uint8Array | string, append = false): void {
    if (path === '/dev/null') return;
    guard(() => {
      const real = this.changeable(path);
      const size = append && fs.existsSync(real) ? fs.statSync(real).size : 0;
      if (size + Buffer.byteLength(content) > MAX_FILE_BYTES) throw problem('ENOSPC');
      writeInside(this.view.writable, real, content, append);
    });
  }

  list(path: string): string[] {
    return guard(() => fs.readdirSync(this.inside(path)).sort());
  }

  touch(path: string): void {
    guard(() => {
      const real = this.changeable(path);
      const { O_CREAT, O_WRONLY } = fs.constants;
      const file = openInside(this.view.writable, real, O_CREAT | O_WRONLY, 0o644);
      const now = new Date();
      fs.futimesSync(file, now, now);
      fs.closeSync(file);
    });
  }

  makeFolder(path: string, parents: boolean): void {
    guard(() => {
      const real = this.changeable(path, parents);
      if (!parents) fs.mkdirSync(real);
      else if (!fs.statSync(makeFolderInside(this.view.writable, real)).isDirectory())
        throw problem('EEXIST');
    });
  }

  remove(path: string, options: { recursive?: boolean; folder?: boolean } = {}): void {
    guard(() => {
      if (path === '/' || this.view.mounts.includes(path)) throw problem('EPERM');
      const real = this.removable(path);
      const info = fs.lstatSync(real);
      if (!info.isDirectory()) fs.unlinkSync(real);
      else if (options.recursive) this.removeTree(path);
      else if (options.folder) fs.rmdirSync(real);
      else throw problem('EISDIR');
    });
  }

  copy(from: string, to: string): void {
    this.write(to, this.read(from));
  }

  /** Permission bits of a file; its owner can always read and change it. */
  setMode(path: string, mode: number): void {
    guard(() => {
      const file = openInside(this.view.writable, this.changeable(path), fs.constants.O_RDONLY);
      fs.fchmodSync(file, (mode & 0o777) | 0o600);
      fs.closeSync(file);
    });
  }

  /** What a symbolic link says; undefined for anything else. A mount is no link, though it is made of one. */
  linkTarget(path: string): string | undefined {
    if (this.view.mounts.includes(path)) return undefined;
    return this.attempt(() => {
      const real = this.view.real(path);
      const folder = fs.realpathSync(dirname(real));
      if (!isInside(folder, this.view.readable)) return undefined;
      return this.view.shown(fs.readlinkSync(folder + real.slice(dirname(real).length)));
    });
  }

  /**
   * Makes a symbolic link in place of what is there. Its target is taken as a path of the container; what is written
   * is the whole real path, so that no link ever leads out, wherever a program moves it: Node follows links without
   * asking its permission model.
   */
  makeLink(path: string, target: string): void {
    guard(() => {
      const real = this.view.real(path);
      const at = fs.realpathSync(dirname(real)) + real.slice(dirname(real).length);
      if (!isInside(at, this.view.writable)) throw problem('EROFS');
      if (this.view.mounts.includes(path)) throw problem('EPERM');
      const to = this.view.real(posix.resolve(posix.dirname(path), target));
      if (!isInside(to, this.view.readable)) throw problem('EACCES');
      if (fs.lstatSync(at, { throwIfNoEntry: false })?.isDirectory()) throw problem('EISDIR');
      fs.rmSync(at, { force: true });
      fs.symlinkSync(to, at);
    });
  }

  private removeTree(path: string): void {
    if (this.view.mounts.includes(path)) throw problem('EPERM');
    const real = this.removable(path);
    if (!fs.lstatSync(real).isDirectory()) return fs.unlinkSync(real);
    for (const name of fs.readdirSync(real)) this.removeTree(posix.join(path, name));
    fs.rmdirSync(real);
  }

  /** The real path, with every link followed, if it is in one of the container's folders. */
  private inside(path: string): string {
    return findInside(this.view.readable, this.view.real(path));
  }

  /** The real path of something that may be made or changed. */
  private changeable(path: string, parents = false): string {
    const target = this.removable(path, parents);
    // A link at the end would be followed by a write.
    const link = fs.lstatSync(target, { throwIfNoEntry: false })?.isSymbolicLink();
    if (link && !isInside(fs.realpathSync(target), this.view.writable)) throw problem('EROFS');
    return target;
  }

  /** The real path of something that may be removed: a link itself, wherever it leads, if anywhere. */
  private removable(path: string, parents = false): string {
    const real = this.view.real(path);
    let known = dirname(real);
    while (parents && !fs.existsSync(known)) known = dirname(known);
    const base = fs.realpathSync(known);
    const target = base + real.slice(known.length);
    if (!isInside(target, this.view.readable)) throw problem('EACCES');
    if (!isInside(target, this.view.writable)) throw problem('EROFS');
    return target;
  }

  private attempt<T>(action: () => T): T | undefined {
    try {
      return action();
    } catch {
      return undefined;
    }
  }
}

function problem(code: string): FileProblem {
  return new FileProblem(code, MESSAGES[code] ?? code);
}

function guard<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof OutsideFolder) throw problem('EACCES');
    const { code } = error as NodeJS.ErrnoException;
    throw error instanceof FileProblem || !code ? error : problem(code);
  }
}
