import type { Pod } from '../kinds.ts';
import { controllerOf } from '../owner.ts';
import type { Candidate, Misfit, Surroundings } from './candidate.ts';
import { misfit } from './fit.ts';
import { preference } from './node-affinity.ts';
import { attraction } from './pod-affinity.ts';
import { allocatable, podRequests, sumRequests } from './resources.ts';
import { crowding } from './spread.ts';
import { untolerated } from './taints.ts';

export type Choice = { node: string } | { misfits: Misfit[] } | { message: string };

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
  if (fitting.length === 0) return { misfits };
  const wishes = normalized(fitting.map((candidate) => wishesOf(pod, candidate, around)));
  const scored = fitting.map((candidate, index) => ({
    candidate,
    score: score(pod, candidate) + wishes[index]!,
  }));
  const best = Math.max(...scored.map(({ score: points }) => points));
  const ties = scored.filter(({ score: points }) => points === best);
  const chosen = ties[Math.floor(random() * ties.length)] ?? ties[0];
  return { node: chosen?.candidate.node.metadata.name ?? '' };
}

/** How far the node is what the pod asks for but can do without: its nodes, its neighbours, an even spread. */
function wishesOf(pod: Pod, candidate: Candidate, around: Surroundings): number[] {
  return [
    preference(pod, candidate.node),
    attraction(pod, candidate, around),
    -crowding(pod, candidate, around),
  ];
}

/** Weight of each wish against the others and against the plain spreading (scheduler's default plugins). */
const WISH = 20;

/** Each wish from 0 for the node that grants it least to WISH for the one that grants it most; their sum by node. */
function normalized(wishes: number[][]): number[] {
  return wishes.map((own) =>
    own.reduce((sum, value, wish) => {
      const all = wishes.map((one) => one[wish]!);
      const [least, most] = [Math.min(...all), Math.max(...all)];
      return sum + (most === least ? 0 : (WISH * (value - least)) / (most - least));
    }, 0),
  );
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

/** What is told when others make room; `why` if they do not, and no node was looked at for that. */
export function unschedulable(misfits: readonly Misfit[], makesRoom: boolean, why?: string): string {
  const of = `0/${misfits.length} nodes are available:`;
  const reasons = `${of} ${histogram(misfits.flatMap((problem) => problem.reasons))}.`;
  if (makesRoom) return reasons;
  const preemption = histogram(
    misfits.map(({ preemptible }) =>
      preemptible
        ? 'No preemption victims found for incoming pod'
        : 'Preemption is not helpful for scheduling',
    ),
  );
  return `${reasons} no new claims to deallocate, preemption: ${why ?? `${of} ${preemption}.`}`;
}

function histogram(reasons: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort()
    .join(', ');
}
