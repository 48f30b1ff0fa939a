import type { Node, Pod } from '../kinds.ts';
import { isReachable } from '../volume/match.ts';
import type { Candidate, Misfit, Surroundings } from './candidate.ts';
import { matchesNode } from './node-affinity.ts';
import { apartOrTogether } from './pod-affinity.ts';
import { allocatable, podRequests, sumRequests } from './resources.ts';
import { tooUneven } from './spread.ts';
import { untolerated } from './taints.ts';

const UNSCHEDULABLE_TAINT = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' } as const;

/** Why the pod cannot go to the node, in the words of the scheduler's filters; undefined if it can. */
export function misfit(pod: Pod, candidate: Candidate, around: Surroundings): Misfit | undefined {
  const { node, pods } = candidate;
  if (node.spec.unschedulable && untolerated(pod, [UNSCHEDULABLE_TAINT], ['NoSchedule'])) {
    return never('node(s) were unschedulable');
  }
  if (untolerated(pod, node.spec.taints ?? [], ['NoSchedule', 'NoExecute'])) {
    return never('node(s) had untolerated taint(s)');
  }
  if (!matchesNode(pod, node)) return never("node(s) didn't match Pod's node affinity/selector");
  if (!around.volumes.every((volume) => isReachable(volume, node))) {
    return never('node(s) had volume node affinity conflict');
  }
  if (portsTaken(pod, pods)) {
    return { reasons: ["node(s) didn't have free ports for the requested pod ports"], preemptible: true };
  }
  return (
    tooLittle(pod, node, pods) ?? tooUneven(pod, candidate, around) ?? apartOrTogether(pod, candidate, around)
  );
}

function never(reason: string): Misfit {
  return { reasons: [reason], preemptible: false };
}

function tooLittle(pod: Pod, node: Node, pods: readonly Pod[]): Misfit | undefined {
  const capacity = allocatable(node);
  const used = sumRequests(pods);
  const reasons: string[] = [];
  let preemptible = true;
  const limit = Number((capacity.get('pods') ?? 0n) / 1_000_000_000n);
  if (pods.length + 1 > limit) reasons.push('Too many pods');
  for (const [name, wanted] of podRequests(pod)) {
    const total = capacity.get(name) ?? 0n;
    if (wanted === 0n || wanted + (used.get(name) ?? 0n) <= total) continue;
    reasons.push(`Insufficient ${name}`);
    if (wanted > total) preemptible = false;
  }
  return reasons.length > 0 ? { reasons, preemptible } : undefined;
}

function portsTaken(pod: Pod, others: readonly Pod[]): boolean {
  const wanted = hostPorts(pod);
  return wanted.length > 0 && others.some((other) => hostPorts(other).some((port) => wanted.includes(port)));
}

function hostPorts({ spec }: Pod): string[] {
  const ports = spec.containers.flatMap((container) => container.ports ?? []);
  return ports
    .filter(({ hostPort }) => hostPort)
    .map(({ hostPort, protocol }) => `${protocol ?? 'TCP'}/${hostPort}`);
}
