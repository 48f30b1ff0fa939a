import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { lstatSync, mkdtempSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bindings, type Mount, type Places, readMounts } from './bindings.ts';
import { WALL_SCRIPT } from './script.ts';

/** Whether containers run behind the second wall, and if not, why. */
export type WallState = { stands: true } | { stands: false; why: string };

/**
 * The second wall: a command that runs the one behind it in namespaces of its own (user, network, mount, process ids,
 * IPC), where the host's ports, abstract sockets, processes and all files but `places` are not there, and without any
 * capability. Linux only; nothing of it needs root where unprivileged user namespaces are allowed (man 7 user_namespaces).
 */
export function wallCommand(places: Places): [string, ...string[]] {
  const mounts: Mount[] = readMounts(readFileSync('/proc/self/mountinfo', 'utf8'));
  const system = (path: string): 'link' | 'folder' | undefined => {
    const info = lstatSync(path, { throwIfNoEntry: false });
    return info?.isSymbolicLink() ? 'link' : info && 'folder';
  };
  const plan = bindings(places, mounts, { system, target: readlinkSync, real: realpathSync });
  return ['unshare', ...NAMESPACES, 'sh', '-c', WALL_SCRIPT, 'wall', ...plan, '--'];
}

const NAMESPACES = [
  '--user',
  '--map-root-user',
  '--net',
  '--mount',
  '--pid',
  '--ipc',
  '--fork',
  '--kill-child',
];

/** Raises the wall once around a Node that does nothing; takes about 0.1 s. */
export function tryWall(): WallState {
  if (process.platform !== 'linux') {
    return { stands: false, why: 'namespaces are a part of Linux; this is another system' };
  }
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'wall-')));
  try {
    const places = { root: folder, writable: [], readable: [process.execPath] };
    const [file, ...args] = wallCommand(places);
    const check = [...args, process.execPath, '-e', CHECK];
    const tried = spawnSync(file, check, { encoding: 'utf8', timeout: 20_000, env: WALL_ENV, cwd: '/' });
    return tried.status === 0 ? { stands: true } : { stands: false, why: reason(tried) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Behind the wall nothing is known of the host, its environment included. */
export const WALL_ENV = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };

/** In the namespaces: loopback is up, and there is nothing else. */
const CHECK = `
  const names = Object.keys(require('os').networkInterfaces());
  if (names.join() !== 'lo') { console.error('interfaces: ' + names.join()); process.exit(1); }
`;

function reason({ error, stderr, signal }: SpawnSyncReturns<string>): string {
  if (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return missing ? 'the command unshare (util-linux) is not installed' : error.message;
  }
  const lines = (stderr ?? '').split('\n').map((line) => line.trim());
  const last = lines.findLast((line) => line && !line.startsWith('dmesg(1)'));
  return last || `the attempt ended with ${signal ?? 'an error'}`;
}
