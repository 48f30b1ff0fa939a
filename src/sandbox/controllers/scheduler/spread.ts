/** Constraints that spread pods over domains (plugins/podtopologyspread), those that may not be broken. */
import type { Pod, TopologySpreadConstraint } from '../kinds.ts';
import { matchesSelector } from '../selector.ts';
import type { Candidate, Misfit, Surroundings } from './fit.ts';
import { matchesNode } from './node-affinity.ts';

export function tooUneven(pod: Pod, { node }: Candidate, around: Surroundings): Misfit | undefined {
  for (const constraint of pod.spec.topologySpreadConstraints ?? []) {
    if (constraint.whenUnsatisfiable !== 'DoNotSchedule') continue;
    const domain = node.metadata.labels?.[constraint.topologyKey];
    const reason = "node(s) didn't match pod topology spread constraints";
    if (domain === undefined) return { reasons: [`${reason} (missing required label)`], preemptible: false };
    const counts = countByDomain(pod, constraint, around);
    const own = isMeant(constraint, pod) ? 1 : 0;
    const skew = (counts.get(domain) ?? 0) + own - Math.min(...counts.values());
    if (skew > constraint.maxSkew) return { reasons: [reason], preemptible: true };
  }
  return undefined;
}

/** Only nodes that the pod's node affinity allows are domains. */
function countByDomain(
  pod: Pod,
  constraint: TopologySpreadConstraint,
  { candidates }: Surroundings,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { node, pods } of candidates) {
    const domain = node.metadata.labels?.[constraint.topologyKey];
    if (domain === undefined || !matchesNode(pod, node)) continue;
    const found = pods.filter(
      (other) =>
        other.metadata.namespace === pod.metadata.namespace &&
        other.metadata.deletionTimestamp === undefined &&
        isMeant(constraint, other),
    );
    counts.set(domain, (counts.get(domain) ?? 0) + found.length);
  }
  return counts;
}

function isMeant({ labelSelector }: TopologySpreadConstraint, other: Pod): boolean {
  return labelSelector !== undefined && matchesSelector(labelSelector, other.metadata.labels);
}
