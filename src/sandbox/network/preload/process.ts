import os from 'node:os';
import type { PreloadSettings } from '../protocol.ts';
import type { PathMap } from './paths.ts';
import { readSettings } from './settings.ts';

/** Reads the preload's settings, and sets the variables that are held back until then. */
export function takeSettings(): PreloadSettings {
  const settings = readSettings<PreloadSettings>();
  // Of ours: it has had its effect when the process began.
  delete process.env.MALLOC_ARENA_MAX;
  Object.assign(process.env, settings.env);
  return settings;
}

/** The process looks like the first one of a container. */
export function disguiseProcess(settings: PreloadSettings, paths: PathMap): void {
  const realPid = process.pid;
  const loose = process as unknown as { _kill: (pid: number, signal: number) => number };
  const rawKill = loose._kill.bind(process);
  const fixed = (target: object, name: string, value: unknown): void =>
    void Object.defineProperty(target, name, { configurable: true, enumerable: true, value });

  // process.kill() ends here too: only the process itself can be signalled, -3 is ESRCH.
  loose._kill = (pid, signal) => (pid === 1 || pid === 0 || pid === realPid ? rawKill(realPid, signal) : -3);
  process.cwd = () => paths.cwd;
  process.chdir = (folder) => {
    paths.cwd = paths.shown(String(paths.real(folder)));
  };
  fixed(process, 'pid', 1);
  fixed(process, 'ppid', 0);
  fixed(process, 'execArgv', []);
  fixed(process, 'execPath', EXEC_PATH);
  fixed(process, 'argv', [EXEC_PATH, ...process.argv.slice(1).map((word) => paths.shown(word))]);

  os.hostname = () => settings.hostname;
  os.homedir = () => process.env.HOME ?? '/root';
  os.tmpdir = () => process.env.TMPDIR ?? '/tmp';
  const root = { username: 'root', uid: 0, gid: 0, shell: '/bin/sh', homedir: '/root' };
  os.userInfo = (() => root) as unknown as typeof os.userInfo;
  os.networkInterfaces = () => ({
    lo: [face('127.0.0.1', '255.0.0.0', true)],
    eth0: [face(settings.podIP, '255.255.255.0', false)],
  });
  for (const name of ['getuid', 'getgid', 'geteuid', 'getegid'] as const) process[name] = () => 0;
  // The first process of a container gets no default action for these: without a handler they are ignored.
  // SIGUSR1 would open Node's inspector on a port of the host.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1'] as const)
    process.on(signal, () => undefined);
}

const EXEC_PATH = '/usr/local/bin/node';

function face(address: string, netmask: string, internal: boolean): os.NetworkInterfaceInfoIPv4 {
  const bits = netmask.split('.').filter((part) => part === '255').length * 8;
  return { address, netmask, family: 'IPv4', mac: '00:00:00:00:00:00', internal, cidr: `${address}/${bits}` };
}
