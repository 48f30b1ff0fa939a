import type { Job, Pod } from '../kinds.ts';

export const INDEX_KEY = 'batch.kubernetes.io/job-completion-index';

export function isIndexed({ spec }: Job): boolean {
  return spec.completionMode === 'Indexed';
}

/** The completion index of a pod, if it is one of the job's. */
export function indexOf(pod: Pod, completions: number): number | undefined {
  const index = Number(pod.metadata.annotations?.[INDEX_KEY] ?? Number.NaN);
  return Number.isInteger(index) && index >= 0 && index < completions ? index : undefined;
}

/** `0,3-5` as a set. */
export function parseIndexes(text: string | undefined): Set<number> {
  const indexes = new Set<number>();
  for (const part of text ? text.split(',') : []) {
    const [first = 0, last = first] = part.split('-').map(Number);
    for (let index = first; index <= last; index++) indexes.add(index);
  }
  return indexes;
}

/** A set as `0,1,3-5`: only runs of three and more are written as a range. */
export function formatIndexes(indexes: ReadonlySet<number>): string {
  const runs: [number, number][] = [];
  for (const index of [...indexes].sort((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run && run[1] === index - 1) run[1] = index;
    else runs.push([index, index]);
  }
  return runs
    .map(([first, last]) =>
      first === last ? `${first}` : `${first}${last - first === 1 ? ',' : '-'}${last}`,
    )
    .join(',');
}

/** The `count` lowest indexes that are neither done nor at work. */
export function pendingIndexes(
  completions: number,
  count: number,
  done: ReadonlySet<number>,
  active: ReadonlySet<number>,
): number[] {
  const pending: number[] = [];
  for (let index = 0; index < completions && pending.length < count; index++) {
    if (!done.has(index) && !active.has(index)) pending.push(index);
  }
  return pending;
}
