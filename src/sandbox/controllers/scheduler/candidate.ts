import type { Node, Pod } from '../kinds.ts';
import type { Volume } from '../volume/volume-types.ts';

/** A node, and the pods that take room on it. */
export interface Candidate {
  node: Node;
  pods: readonly Pod[];
}

/** All nodes with their pods, and the labels of a namespace: what is near to a pod depends on others. */
export interface Surroundings {
  candidates: readonly Candidate[];
  labelsOf(namespace: string): Record<string, string> | undefined;
  /** Whether a budget allows no disruption of the pod now. */
  isGuarded(pod: Pod): boolean;
  /** Volumes that are bound to the pod's claims. */
  volumes: readonly Volume[];
}

export interface Misfit {
  reasons: string[];
  /** Whether the pod could fit if other pods were gone. */
  preemptible: boolean;
}
