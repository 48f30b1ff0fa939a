import { spawnSync } from 'node:child_process';

/**
 * A command that makes the kernel end a process as soon as its parent is gone (util-linux' setpriv, Linux only).
 * Without it a container notices by itself, unless it never comes out of a loop.
 */
export function dieWithParent(): string[] {
  if (process.platform !== 'linux') return [];
  const wrapper = ['setpriv', '--pdeathsig', 'KILL', '--'];
  const [file, ...args] = wrapper as [string, ...string[]];
  // Older ones and that of busybox do not know the option.
  return spawnSync(file, [...args, 'true'], { stdio: 'ignore' }).status === 0 ? wrapper : [];
}
