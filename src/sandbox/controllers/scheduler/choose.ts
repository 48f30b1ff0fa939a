import type { Pod } from '../kinds.ts';
import { controllerOf } from '../owner.ts';
import { type Candidate, type Misfit, misfit, type Surroundings } from './fit.ts';
import { allocatable, podRequests, sumRequests } from './resources.ts';
import { untolerated } from './taints.ts';

export type Choice = { node: string } | { message: string };

/** The best node for the pod, or why there is none, as the scheduler words it. */
export function chooseNode(pod: Pod, around: Surroundings, random: () => number): Choice {
  const { candidates } = around;
  if (candidates.length === 0) return { message: 'no nodes available to schedule pods' };
  const misfits: Misfit[] = [];
  const fitting: Candidate[] = [];
  for (const candidate of candidates) {
    const problem = misfit(pod, candidate, around);
    if (problem) misfits.push(problem);
    else fitting.push(candidate);
  }
  if (fitting.length === 0) return { message: unschedulable(misfits) };
  const scored = fitting.map((candidate) => ({ candidate, score: score(pod, candidate) }));
  const best = Math.max(...scored.map(({ score: points }) => points));
  const ties = scored.filter(({ score: points }) => points === best);
  const chosen = ties[Math.floor(random() * ties.length)] ?? ties[0];
  return { node: chosen?.candidate.node.metadata.name ?? '' };
}

/**
 * Fewer siblings first (the default spreading over hosts), then fewest requested resources; a taint that only
 * asks to stay away weighs more than both.
 */
function score(pod: Pod, { node, pods }: Candidate): number {
  const avoid = untolerated(pod, node.spec.taints ?? [], ['PreferNoSchedule']) ? 1000 : 0;
  const owner = controllerOf(pod)?.uid;
  const siblings = owner ? pods.filter((other) => controllerOf(other)?.uid === owner).length : 0;
  const capacity = allocatable(node);
  const used = sumRequests(pods);
  const own = podRequests(pod);
  let free = 0;
  for (const name of ['cpu', 'memory']) {
    const total = Number(capacity.get(name) ?? 0n);
    if (total > 0) free += 1 - Number((used.get(name) ?? 0n) + (own.get(name) ?? 0n)) / total;
  }
  return free - siblings * 2 - avoid;
}

function unschedulable(misfits: readonly Misfit[]): string {
  const of = `0/${misfits.length} nodes are available:`;
  const reasons = histogram(misfits.flatMap((problem) => problem.reasons));
  const preemption = histogram(
    misfits.map(({ preemptible }) =>
      preemptible
        ? 'No preemption victims found for incoming pod'
        : 'Preemption is not helpful for scheduling',
    ),
  );
  return `${of} ${reasons}. no new claims to deallocate, preemption: ${of} ${preemption}.`;
}

function histogram(reasons: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort()
    .join(', ');
}
