import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Reading } from './protocol.ts';

/**
 * Memory and CPU time of processes: from /proc where there is one, otherwise from one call of ps.
 * @param trees processes whose own processes count as well, on Linux
 */
export async function readUsage(
  pids: Map<number, string>,
  trees: ReadonlySet<number> = new Set(),
): Promise<Reading[]> {
  if (pids.size === 0) return [];
  if (process.platform !== 'linux') return readPs(pids);
  const readings = await Promise.all(
    [...pids].map(([pid, id]) => (trees.has(pid) ? readTree(pid, id) : readProc(pid, id))),
  );
  return readings.filter((reading) => reading !== undefined);
}

/**
 * A process with those below it. Those that have ended are in the times of their parent (man 5 proc: cutime and cstime);
 * memory that they share with each other counts once.
 */
async function readTree(pid: number, id: string): Promise<Reading | undefined> {
  const own = await readProc(pid, id, true);
  if (!own) return undefined;
  const list = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const below = await Promise.all(
    list
      .split(' ')
      .filter(Boolean)
      .map((child) => readTree(Number(child), id)),
  );
  return below.reduce<Reading>(
    (sum, one) => ({
      id,
      memoryBytes: sum.memoryBytes + (one?.memoryBytes ?? 0),
      cpuSeconds: sum.cpuSeconds + (one?.cpuSeconds ?? 0),
    }),
    own,
  );
}

/** man 5 proc: stat has utime and stime as fields 14 and 15 in ticks of 1/100 s, statm the resident pages. */
async function readProc(pid: number, id: string, tree = false): Promise<Reading | undefined> {
  try {
    const [stat, statm] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/statm`, 'utf8'),
    ]);
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const pages = statm.split(' ').map(Number);
    const ticks = (tree ? [11, 12, 13, 14] : [11, 12]).reduce((sum, at) => sum + Number(fields[at]), 0);
    return {
      id,
      memoryBytes: (pages[1]! - (tree ? pages[2]! : 0)) * 4096,
      cpuSeconds: ticks / 100,
    };
  } catch {
    return undefined;
  }
}

async function readPs(pids: Map<number, string>): Promise<Reading[]> {
  const list = [...pids.keys()].join(',');
  const run = promisify(execFile);
  const { stdout } = await run('/bin/ps', ['-o', 'pid=,rss=,time=', '-p', list]).catch(() => ({
    stdout: '',
  }));
  return stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields.length === 3 && pids.has(Number(fields[0])))
    .map(([pid, rss, time]) => ({
      id: pids.get(Number(pid))!,
      memoryBytes: Number(rss) * 1024,
      cpuSeconds: parseClock(time!),
    }));
}

/** `[[dd-]hh:]mm:ss[.cc]` in seconds. */
export function parseClock(text: string): number {
  const [days, clock] = text.includes('-') ? text.split('-') : ['0', text];
  return clock!.split(':').reduce((sum, part) => sum * 60 + Number(part), 0) + Number(days) * 86_400;
}
