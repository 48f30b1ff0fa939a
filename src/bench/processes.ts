import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Kibibytes of proportional set size: what processes share is counted once. Undefined without /proc. */
export function pss(pid: number): number | undefined {
  return kibibytesOf(pid, ['Pss']);
}

/**
 * Kibibytes that a process has for itself alone. For growth: its proportional set grows as well when others end that share
 * Node's own pages with it, whoever they are. Undefined without /proc.
 */
export function privateMemory(pid: number): number | undefined {
  return kibibytesOf(pid, ['Private_Clean', 'Private_Dirty']);
}

function kibibytesOf(pid: number, fields: readonly string[]): number | undefined {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    const value = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(rollup)?.[1]);
    return fields.reduce((sum, field) => sum + value(field), 0);
  } catch {
    return undefined;
  }
}

/** Descendants, parents first. */
export function processTree(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of safeList('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(join('/proc', name, 'stat'), 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It ended meanwhile.
    }
  }
  const children = (pid: number): number[] =>
    [...parents].filter(([, parent]) => parent === pid).map(([child]) => child);
  const walk = (pid: number): number[] => children(pid).flatMap((child) => [child, ...walk(child)]);
  // The second wall around the runtime is a process, too, but none of ours.
  return walk(root).filter(isNode);
}

function safeList(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isNode(pid: number): boolean {
  try {
    return readFileSync(join('/proc', String(pid), 'cmdline'), 'utf8').split('\0')[0] === process.execPath;
  } catch {
    return false;
  }
}
