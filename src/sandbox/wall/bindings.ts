import { dirname } from 'node:path';

export interface Places {
  /** An empty folder, in which the new root is put together. */
  root: string;
  /** Folders and files that the command may change. */
  writable: readonly string[];
  /** Folders and files that it needs to read: its programs. */
  readable: readonly string[];
  /** Where the command finds a user namespace for programs that refuse to run as root. */
  ordinaryUser?: string;
}

/** One line of /proc/self/mountinfo: where, and the options of that mount. */
export interface Mount {
  at: string;
  options: string[];
}

export interface Look {
  system(path: string): 'link' | 'folder' | undefined;
  target(path: string): string;
  real(path: string): string;
}

/** Where systems keep libraries and the few commands that the wall needs; nothing of a user is there. */
const SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/nix/store', '/gnu/store'];
const DEVICES = ['/dev/null', '/dev/zero', '/dev/random', '/dev/urandom'];

/** The words of the wall's script for what is to be seen behind it; see WALL_SCRIPT. */
export function bindings(places: Places, mounts: readonly Mount[], look: Look): string[] {
  const words: string[] = [look.real(places.root), 'dir', '/tmp'];
  for (const path of SYSTEM) {
    const kind = look.system(path);
    if (kind === 'link') words.push('link', path, look.target(path));
    else if (kind === 'folder') words.push('look', path, readOnly(path, mounts));
  }
  for (const path of DEVICES) words.push('bind', path);
  const inSystem = (path: string): boolean => SYSTEM.some((folder) => path.startsWith(`${folder}/`));
  const seen = new Set<string>();
  const add = (path: string, words_: (real: string) => string[]): void => {
    const real = look.real(path);
    if (!seen.has(real) && !inSystem(real)) words.push(...words_(real));
    seen.add(real);
    // The command may know the place by a path that goes through a link.
    if (real !== path && !seen.has(path) && !inSystem(path)) words.push('link', path, real);
    seen.add(path);
  };
  for (const path of places.readable) add(path, (real) => ['look', real, readOnly(real, mounts)]);
  for (const path of places.writable) add(path, (real) => ['bind', real]);
  if (places.ordinaryUser) words.push('user', places.ordinaryUser);
  return words;
}

/** man 5 proc, mountinfo: the fifth field is the mount point, with spaces as \040, the sixth its options. */
export function readMounts(text: string): Mount[] {
  return text
    .split('\n')
    .map((line) => line.split(' '))
    .filter((fields) => fields.length > 5)
    .map((fields) => ({
      at: fields[4]!.replace(/\\([0-7]{3})/g, (_, octal: string) =>
        String.fromCharCode(Number.parseInt(octal, 8)),
      ),
      options: fields[5]!.split(','),
    }));
}

/** The options of the mount that `path` is on, but read-only: in a user namespace none of the others may change. */
function readOnly(path: string, mounts: readonly Mount[]): string {
  let options: string[] = [];
  for (let folder = path; ; folder = dirname(folder)) {
    // Of mounts on top of each other the last one counts.
    const found = mounts.findLast(({ at }) => at === folder);
    if (found) {
      options = found.options;
      break;
    }
    if (folder === '/') break;
  }
  return ['ro', ...options.filter((option) => option !== 'rw' && option !== 'ro')].join(',');
}
