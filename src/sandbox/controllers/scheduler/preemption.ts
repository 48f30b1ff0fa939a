/** Making room for a pod by ending less urgent ones (plugins/defaultpreemption). */
import type { Pod } from '../kinds.ts';
import type { Candidate, Surroundings } from './candidate.ts';
import { misfit } from './fit.ts';

export interface Preemption {
  node: string;
  victims: Pod[];
}

const priorityOf = ({ spec }: Pod) => spec.priority ?? 0;

/** Why the pod may not end others, in the scheduler's words; undefined if it may. */
export function ineligible(pod: Pod, { candidates }: Surroundings): string | undefined {
  if (pod.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.';
  const nominated = candidates.find(({ node }) => node.metadata.name === pod.status.nominatedNodeName);
  const isMakingRoom = nominated?.pods.some(
    (other) => other.metadata.deletionTimestamp !== undefined && priorityOf(other) < priorityOf(pod),
  );
  return isMakingRoom ? 'not eligible due to a terminating pod on the nominated node.' : undefined;
}

/** The node where the least is lost, and what has to go there; undefined if nothing helps. */
export function findPreemption(pod: Pod, around: Surroundings): Preemption | undefined {
  const options = around.candidates.flatMap((candidate) => victimsOn(pod, candidate, around) ?? []);
  const guarded = (one: Preemption) => one.victims.filter(around.isGuarded).length;
  const highest = (one: Preemption) => Math.max(...one.victims.map(priorityOf));
  const sum = (one: Preemption) => one.victims.reduce((total, victim) => total + priorityOf(victim), 0);
  const [best] = options.sort(
    (a, b) =>
      guarded(a) - guarded(b) ||
      highest(a) - highest(b) ||
      sum(a) - sum(b) ||
      a.victims.length - b.victims.length,
  );
  return best;
}

function victimsOn(pod: Pod, candidate: Candidate, around: Surroundings): Preemption | undefined {
  if (!misfit(pod, candidate, around)?.preemptible) return undefined;
  const lower = candidate.pods.filter((other) => priorityOf(other) < priorityOf(pod));
  if (lower.length === 0) return undefined;
  let kept = candidate.pods.filter((other) => !lower.includes(other));
  if (!fitsBeside(pod, candidate, kept, around)) return undefined;
  // As many as possible stay: first those whose budgets allow no disruption, then the more urgent, then the older.
  const byWorth = [...lower].sort(
    (a, b) =>
      Number(around.isGuarded(b)) - Number(around.isGuarded(a)) ||
      priorityOf(b) - priorityOf(a) ||
      a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp),
  );
  const victims: Pod[] = [];
  for (const other of byWorth) {
    if (fitsBeside(pod, candidate, [...kept, other], around)) kept = [...kept, other];
    else victims.push(other);
  }
  return victims.length > 0 ? { node: candidate.node.metadata.name, victims } : undefined;
}

function fitsBeside(pod: Pod, { node }: Candidate, pods: readonly Pod[], around: Surroundings): boolean {
  const there: Candidate = { node, pods };
  const candidates = around.candidates.map((one) => (one.node === node ? there : one));
  return misfit(pod, there, { ...around, candidates }) === undefined;
}
