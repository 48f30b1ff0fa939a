/** (Anti-)affinity between pods (plugins/interpodaffinity). */
import type { Node, Pod, PodAffinityTerm, WeightedPodAffinityTerm } from '../kinds.ts';
import { matchesSelector } from '../selector.ts';
import type { Candidate, Misfit, Surroundings } from './candidate.ts';

/** Why the pods that are there keep the pod away from the node, or do not draw it there. */
export function apartOrTogether(pod: Pod, { node }: Candidate, around: Surroundings): Misfit | undefined {
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
  const together = podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const apart = podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  if (!together.every((term) => isDrawn(pod, term, node, around))) {
    return { reasons: ["node(s) didn't match pod affinity rules"], preemptible: false };
  }
  if (apart.some((term) => hasNear(node, term, around, (other) => wants(term, pod, other, around)))) {
    return { reasons: ["node(s) didn't match pod anti-affinity rules"], preemptible: true };
  }
  if (isAvoided(pod, node, around)) {
    return { reasons: ["node(s) didn't satisfy existing pods anti-affinity rules"], preemptible: true };
  }
  return undefined;
}

/** Weights of the wishes that the node grants, less those of the wishes it goes against. */
export function attraction(pod: Pod, { node }: Candidate, around: Surroundings): number {
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
  const total = (terms: WeightedPodAffinityTerm[] = []) =>
    terms.reduce((sum, { weight, podAffinityTerm: term }) => {
      const near = around.candidates
        .filter(({ node: home }) => isNear(node, home, term.topologyKey))
        .flatMap(({ pods }) => pods.filter((other) => wants(term, pod, other, around)));
      return sum + weight * near.length;
    }, 0);
  return (
    total(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution) -
    total(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution)
  );
}

/** A pod that its own term is about may be the first of its kind: then there is nobody to be near to. */
function isDrawn(pod: Pod, term: PodAffinityTerm, node: Node, around: Surroundings): boolean {
  if (node.metadata.labels?.[term.topologyKey] === undefined) return false;
  const matches = (other: Pod) => wants(term, pod, other, around);
  if (hasNear(node, term, around, matches)) return true;
  const anywhere = around.candidates.some(({ pods }) => pods.some(matches));
  return !anywhere && matches(pod);
}

/** Whether a pod that is there wants to be apart from such a pod. */
function isAvoided(pod: Pod, node: Node, around: Surroundings): boolean {
  return around.candidates.some(({ node: home, pods }) =>
    pods.some((other) =>
      (other.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).some(
        (term) => isNear(node, home, term.topologyKey) && wants(term, other, pod, around),
      ),
    ),
  );
}

function hasNear(
  node: Node,
  { topologyKey }: PodAffinityTerm,
  { candidates }: Surroundings,
  matches: (other: Pod) => boolean,
): boolean {
  return candidates.some(({ node: home, pods }) => isNear(node, home, topologyKey) && pods.some(matches));
}

/** In one topology domain: both have the label, with one value. */
function isNear(a: Node, b: Node, topologyKey: string): boolean {
  const value = a.metadata.labels?.[topologyKey];
  return value !== undefined && value === b.metadata.labels?.[topologyKey];
}

/** Whether a term of `owner` is about the other pod: its labels, in the namespaces that the term names. */
function wants(term: PodAffinityTerm, owner: Pod, other: Pod, { labelsOf }: Surroundings): boolean {
  const { namespaces = [], namespaceSelector, labelSelector } = term;
  const { matchLabelKeys = [], mismatchLabelKeys = [] } = term;
  const home = other.metadata.namespace ?? '';
  const isNamed =
    namespaces.includes(home) ||
    (namespaceSelector !== undefined && matchesSelector(namespaceSelector, labelsOf(home))) ||
    (namespaces.length === 0 && namespaceSelector === undefined && home === owner.metadata.namespace);
  if (!isNamed || labelSelector === undefined || !matchesSelector(labelSelector, other.metadata.labels)) {
    return false;
  }
  const isAlike = (key: string) => owner.metadata.labels?.[key] === other.metadata.labels?.[key];
  const own = (key: string) => owner.metadata.labels?.[key] !== undefined;
  return (
    matchLabelKeys.filter(own).every(isAlike) &&
    mismatchLabelKeys.filter(own).every((key) => !isAlike(key) && other.metadata.labels?.[key] !== undefined)
  );
}
