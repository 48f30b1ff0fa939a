import { atOnce } from '../../at-once.ts';
import { listed, readable } from '../../cluster/access/readable.ts';
import type { Cluster, ClusterObject, Ref } from '../../cluster/cluster.ts';
import { refKey, refOf, singular } from '../../cluster/ref.ts';
import { podsOf } from '../../cluster/wait/pods.ts';
import { waitReady } from '../../cluster/wait/ready.ts';
import { rolloutKinds, rolloutState } from '../../cluster/wait/rollout.ts';
import { until } from '../../cluster/wait/until.ts';
import type { Engine } from '../engine.ts';

/** How long all workloads together may take to roll out after they were put back, ms. */
export const rolloutPatience = 120_000;

export interface Patience {
  /** What was not ready before the game: it is looked at once and not waited for. */
  unready: readonly Ref[];
  /** Until when the others are waited for, by the monotonic clock, ms. */
  until: number;
}

/** New crashes of one pod, after all was put back, by which it is known that it crashes for another reason. */
const crashesEnough = 2;

export function isWorkload({ kind }: Ref): boolean {
  return rolloutKinds.includes(singular(kind));
}

/**
 * Waits until the workloads are rolled out, all at once and within one limit, so that whoever comes next finds them running.
 * One that was not ready before the game is not waited for, and one whose pods go on crashing is given up: neither may hold up
 * a restore. Gives how those look that are not rolled out, by `refKey`.
 */
export async function waitRolledOut(
  refs: readonly Ref[],
  patience: Patience,
  { cluster, clock, signal }: Engine,
): Promise<Map<string, string>> {
  const before = new Set(patience.unready.map(refKey));
  const pending = new Map(refs.map((ref) => [refKey(ref), { ref, crashes: new Map<string, number>() }]));
  const late = new Map<string, string>();
  const lookAt = async (key: string, ref: Ref, crashes: Map<string, number>) => {
    const object = await cluster.get(ref, signal);
    const condition = { type: 'rollout' as const, ref, within: 0 };
    const look = object && (await waitReady(condition, ref, cluster, clock, signal));
    late.delete(key);
    if (!look || look.holds) return pending.delete(key);
    late.set(key, look.seen);
    if (before.has(key)) {
      late.set(key, `${look.seen}; it was not ready before the game either`);
      return pending.delete(key);
    }
    const pods = await readable(() => podsOf(cluster, ref, signal), { all: [], running: [] });
    const crashing = pods.running.find((pod) => hasCrashedAgain(pod, crashes));
    if (!crashing) return undefined;
    late.set(key, `${look.seen}; pod ${crashing.metadata.name} goes on crashing`);
    return pending.delete(key);
  };
  await until(
    async () => {
      await atOnce([...pending], ([key, { ref, crashes }]) => lookAt(key, ref, crashes));
      return { holds: pending.size === 0, seen: `${pending.size} are not rolled out` };
    },
    Math.max(0, patience.until - clock.mono()) / 1000,
    clock,
    signal,
  );
  return late;
}

/** `crashes`: restarts of each pod when it was first looked at; what is made later begins with none. */
function hasCrashedAgain({ metadata, status }: ClusterObject, crashes: Map<string, number>): boolean {
  const { containerStatuses = [] } = (status ?? {}) as { containerStatuses?: { restartCount?: number }[] };
  const count = containerStatuses.reduce((sum, { restartCount = 0 }) => sum + restartCount, 0);
  const uid = metadata.uid ?? metadata.name;
  const first = crashes.get(uid) ?? count;
  crashes.set(uid, first);
  return count - first >= crashesEnough;
}

/**
 * The workloads in the namespaces that are not rolled out: what was like that before a game is not waited for after it.
 * What may not be read is left out. Throws ClusterError when the cluster does not answer.
 */
export async function readUnready(
  cluster: Cluster,
  namespaces: readonly string[],
  signal?: AbortSignal,
): Promise<Ref[]> {
  const found: Ref[] = [];
  for (const namespace of namespaces)
    for (const kind of rolloutKinds)
      for (const object of await listed(cluster, { kind, group: 'apps' }, namespace, signal))
        if (!rolloutState(object).complete) found.push(refOf(object));
  return found;
}
