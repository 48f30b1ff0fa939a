/** Constraints that spread pods over domains (plugins/podtopologyspread). */
import type { Node, Pod, TopologySpreadConstraint } from '../kinds.ts';
import { matchesSelector } from '../selector.ts';
import type { Candidate, Misfit, Surroundings } from './candidate.ts';
import { matchesNode } from './node-affinity.ts';
import { untolerated } from './taints.ts';

/** Those that may not be broken. */
export function tooUneven(pod: Pod, { node }: Candidate, around: Surroundings): Misfit | undefined {
  for (const constraint of pod.spec.topologySpreadConstraints ?? []) {
    if (constraint.whenUnsatisfiable !== 'DoNotSchedule') continue;
    const domain = node.metadata.labels?.[constraint.topologyKey];
    const reason = "node(s) didn't match pod topology spread constraints";
    if (domain === undefined) return { reasons: [`${reason} (missing required label)`], preemptible: false };
    const counts = countByDomain(pod, constraint, around);
    const own = isMeant(constraint, pod, pod) ? 1 : 0;
    // As long as there are fewer domains than wanted, a new one is awaited, which is empty.
    const least = counts.size < (constraint.minDomains ?? 1) ? 0 : Math.min(...counts.values());
    const skew = (counts.get(domain) ?? 0) + own - least;
    if (skew > constraint.maxSkew) return { reasons: [reason], preemptible: true };
  }
  return undefined;
}

/** How many pods are in the node's domains already, by the constraints that are wishes only. */
export function crowding(pod: Pod, { node }: Candidate, around: Surroundings): number {
  return (pod.spec.topologySpreadConstraints ?? [])
    .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'ScheduleAnyway')
    .reduce((sum, constraint) => {
      const counts = countByDomain(pod, constraint, around);
      const domain = node.metadata.labels?.[constraint.topologyKey];
      // A node without the label is in no domain: all others are better.
      const most = Math.max(0, ...counts.values());
      return sum + (domain === undefined ? most + 1 : (counts.get(domain) ?? 0));
    }, 0);
}

/** Only nodes that the pod could be on are domains: those of its affinity, and if it says so those it tolerates. */
function countByDomain(
  pod: Pod,
  constraint: TopologySpreadConstraint,
  { candidates }: Surroundings,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { node, pods } of candidates) {
    const domain = node.metadata.labels?.[constraint.topologyKey];
    if (domain === undefined || !isDomain(pod, node, constraint)) continue;
    const found = pods.filter(
      (other) =>
        other.metadata.namespace === pod.metadata.namespace &&
        other.metadata.deletionTimestamp === undefined &&
        isMeant(constraint, pod, other),
    );
    counts.set(domain, (counts.get(domain) ?? 0) + found.length);
  }
  return counts;
}

function isDomain(pod: Pod, node: Node, constraint: TopologySpreadConstraint): boolean {
  const { nodeAffinityPolicy = 'Honor', nodeTaintsPolicy = 'Ignore' } = constraint;
  if (nodeAffinityPolicy === 'Honor' && !matchesNode(pod, node)) return false;
  return (
    nodeTaintsPolicy === 'Ignore' || !untolerated(pod, node.spec.taints ?? [], ['NoSchedule', 'NoExecute'])
  );
}

/** `matchLabelKeys` are labels in which the other is like the pod itself: its revision, for one. */
function isMeant(
  { labelSelector, matchLabelKeys = [] }: TopologySpreadConstraint,
  pod: Pod,
  other: Pod,
): boolean {
  if (labelSelector === undefined || !matchesSelector(labelSelector, other.metadata.labels)) return false;
  return matchLabelKeys.every((key) => {
    const own = pod.metadata.labels?.[key];
    return own === undefined || own === other.metadata.labels?.[key];
  });
}
