import { atOnce } from '../at-once.ts';
import type { Clock } from '../clock.ts';
import { isServed } from '../cluster/access/readable.ts';
import type { Cluster, ClusterObject } from '../cluster/cluster.ts';
import { formatRef, refOf } from '../cluster/ref.ts';
import { waitGone } from '../cluster/wait/ready.ts';
import {
  assertUnhindered,
  hindrances,
  isNamespace,
  isOurs,
  type Standing,
  stackPermissions,
  standings,
} from './standing.ts';
import { belongingsOf, contentsOf, strangersIn } from './strangers.ts';

export interface RemoveOptions {
  objects: readonly ClusterObject[];
  cluster: Cluster;
  clock: Clock;
  /** How long to wait for namespaces to be gone. */
  seconds: number;
  signal?: AbortSignal;
  dryRun?: boolean;
  onDone?(removed: Removed): void;
}

/** `kept`: not of the stack, or a namespace in which there is something else; `why` says which. */
export interface Removed {
  ref: string;
  done: 'removed' | 'absent' | 'kept';
  why?: string;
}

/**
 * Takes away the objects of a stack that are of the stack, and its namespaces if it made them and nothing else is in them.
 * @throws MisfortuneError that names every refusal; ClusterError
 */
export async function removeStack(options: RemoveOptions): Promise<Removed[]> {
  const { cluster, signal, onDone } = options;
  // Of a kind that the cluster lacks there is nothing to remove.
  const served = await atOnce(options.objects, (object) => isServed(cluster, refOf(object)));
  const objects = options.objects.filter((_, index) => served[index]);
  const what = `The removal from ${cluster.context}${options.dryRun ? ' (dry run)' : ''}`;
  const permissions = await stackPermissions(objects, ['get', 'delete'], cluster);
  assertUnhindered(what, await hindrances(permissions, cluster, signal));
  const found = await standings(objects, cluster, signal);
  const ours = found.filter(isOurs).flatMap(({ now }) => now ?? []);
  const spaces = ours.filter(isNamespace).map(({ metadata }) => metadata.name);
  for (const name of spaces) ours.push(...belongingsOf(ours, await contentsOf(name, cluster, signal)));
  const removed: Removed[] = [];
  // Namespaces come last: only then what is left in them is somebody else's.
  for (const standing of [...found].reverse()) {
    signal?.throwIfAborted();
    const ref = formatRef(refOf(standing.wanted));
    removed.push({ ref, ...(await take(standing, ours, options)) });
    onDone?.(removed.at(-1)!);
  }
  return removed;
}

async function take(
  standing: Standing,
  ours: readonly ClusterObject[],
  options: RemoveOptions,
): Promise<Omit<Removed, 'ref'>> {
  const { wanted, now } = standing;
  const { cluster, signal, dryRun } = options;
  if (!now) return { done: 'absent' };
  if (!isOurs(standing)) return { done: 'kept', why: 'it is not part of this stack' };
  if (isNamespace(wanted)) {
    const others = strangersIn(await contentsOf(wanted.metadata.name, cluster, signal), ours);
    if (others.length > 0) return { done: 'kept', why: `it also contains: ${summary(others)}` };
  }
  const { uid } = now.metadata;
  await cluster.delete(refOf(wanted), { uid, dryRun }, signal);
  if (isNamespace(wanted) && !dryRun) {
    const gone = await waitGone(refOf(wanted), uid, options.seconds, cluster, options.clock, signal);
    if (!gone.holds) return { done: 'removed', why: `still being deleted after ${options.seconds} s` };
  }
  return { done: 'removed' };
}

const shown = 5;

function summary(names: string[]): string {
  const more = names.length - shown;
  return names.slice(0, shown).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
