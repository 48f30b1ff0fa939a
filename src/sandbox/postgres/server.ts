import { type ChildProcess, spawn } from 'node:child_process';
import { chownSync, mkdirSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { dieWithParent } from '../runtime/die-with-parent.ts';
import { type PostgresSettings, serverParameters } from './settings.ts';

/** Where the server listens, besides its unix socket. */
export interface Address {
  address: string;
  port: number;
}

/**
 * All of 127.0.0.0/8 is this machine on Linux: each server gets an address of its own, and the usual port. Elsewhere
 * there is one address, and the port is any.
 */
export function chooseAddress(): Address {
  const number = (from: number, below: number): number => from + Math.floor(Math.random() * (below - from));
  if (process.platform !== 'linux') return { address: '127.0.0.1', port: number(49_152, 65_000) };
  return { address: `127.${number(64, 128)}.${number(0, 256)}.${number(1, 255)}`, port: 5432 };
}

/**
 * Starts the server in this process' group, so that whoever kills one kills both, and on Linux the kernel ends it with this process. Its
 * own processes end when they notice that it is gone; one with a query to work on, when it notices that its client is
 * (`client_connection_check_interval`).
 */
export function startServer(
  settings: PostgresSettings,
  at: Address,
  given: ReadonlyMap<string, string>,
): ChildProcess {
  const { bin, data, socketFolder, user, userNamespace } = settings;
  rmSync(socketFolder, { recursive: true, force: true });
  mkdirSync(socketFolder, { mode: 0o700 });
  if (user) chownSync(socketFolder, user.uid, user.gid);
  // Of a server that was killed; this process' group was killed with it.
  rmSync(join(data, 'postmaster.pid'), { force: true });
  const enter = userNamespace ? ['nsenter', '--preserve-credentials', `--user=${userNamespace}`, '--'] : [];
  const [file, ...args] = [
    ...enter,
    ...dieWithParent(),
    join(bin, 'postgres'),
    '-D',
    data,
    ...serverParameters(settings, at, given),
  ] as [string, ...string[]];
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', TZ: 'UTC' };
  return spawn(file, args, { cwd: data, env, stdio: ['ignore', 'inherit', 'inherit'], ...user });
}

/** The exit code of a container whose server has ended so. */
export function exitCode(code: number | null, signal: NodeJS.Signals | null): number {
  return signal ? 128 + constants.signals[signal] : (code ?? 1);
}
