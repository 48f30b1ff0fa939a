import { execFileSync } from 'node:child_process';

export interface ProcessLine {
  pid: number;
  parent: number;
  args: string;
}

/** Every process of this machine, from `ps`: the same on Linux and macOS. */
export function processes(): ProcessLine[] {
  const text = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,ppid=,args='], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return text.split('\n').flatMap((line) => {
    const [, pid, parent, args] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), args: args ?? '' }];
  });
}

/** These processes and all that descend from them. */
export function familyOf(pids: readonly number[]): ProcessLine[] {
  const all = processes();
  const family = new Set(pids);
  for (let size = -1; size !== family.size; ) {
    size = family.size;
    for (const { pid, parent } of all) if (family.has(parent)) family.add(pid);
  }
  return all.filter(({ pid }) => family.has(pid));
}

/** Which of them still run; one that ended and waits for its parent does not. */
export function survivors(pids: readonly number[]): ProcessLine[] {
  return processes().filter(({ pid, args }) => pids.includes(pid) && !args.includes('<defunct>'));
}

/** Waits until the condition holds; fails with what it is called. */
export async function until<T>(
  what: string,
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  timeoutMs = 30_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`Waited ${timeoutMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
