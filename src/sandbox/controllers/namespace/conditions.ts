import type { Condition } from '../kinds.ts';
import { findCondition } from '../pod-state.ts';

/** What is left in a namespace that is being deleted. */
export interface Remaining {
  /** How many objects by resource name (`pods`, `jobs.batch`). */
  resources: Map<string, number>;
  /** How many objects by finalizer. */
  finalizers: Map<string, number>;
  /** Messages of deletions that were refused. */
  failures: string[];
}

type Finding = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/** The conditions of a Terminating namespace; the transition time stays while the status does. */
export function deletionConditions(
  standing: readonly Condition[],
  remaining: Remaining,
  now: string,
): Condition[] {
  return findings(remaining).map(({ type, status, reason, message }) => {
    const before = findCondition([...standing], type);
    const lastTransitionTime = before?.status === status ? before.lastTransitionTime : now;
    return { type, status, lastTransitionTime, reason, message };
  });
}

function findings({ resources, finalizers, failures }: Remaining): Finding[] {
  return [
    finding(
      'NamespaceDeletionDiscoveryFailure',
      [],
      ['ResourcesDiscovered', 'All resources successfully discovered'],
      ['DiscoveryFailed', 'Discovery failed for some groups'],
    ),
    finding(
      'NamespaceDeletionGroupVersionParsingFailure',
      [],
      ['ParsedGroupVersions', 'All legacy kube types successfully parsed'],
      ['GroupVersionParsingFailed', 'Some legacy kube types could not be parsed'],
    ),
    finding(
      'NamespaceDeletionContentFailure',
      failures,
      ['ContentDeleted', 'All content successfully deleted, may be waiting on finalization'],
      ['ContentDeletionFailed', 'Failed to delete all resource types, 1 remaining: '],
    ),
    finding(
      'NamespaceContentRemaining',
      [...resources]
        .map(([resource, count]) => `${groupResource(resource)} has ${count} resource instances`)
        .sort(),
      ['ContentRemoved', 'All content successfully removed'],
      ['SomeResourcesRemain', 'Some resources are remaining: '],
    ),
    finding(
      'NamespaceFinalizersRemaining',
      [...finalizers].map(([finalizer, count]) => `${finalizer} in ${count} resource instances`).sort(),
      ['ContentHasNoFinalizers', 'All content-preserving finalizers finished'],
      ['SomeFinalizersRemain', 'Some content in the namespace has finalizers remaining: '],
    ),
  ];
}

function finding(
  type: string,
  problems: readonly string[],
  [goodReason, goodMessage]: readonly [string, string],
  [badReason, badMessage]: readonly [string, string],
): Finding {
  return problems.length === 0
    ? { type, status: 'False', reason: goodReason, message: goodMessage }
    : { type, status: 'True', reason: badReason, message: badMessage + problems.join(', ') };
}

/** Kubernetes writes a resource with its group here, and the dot even without one: `configmaps.`, `jobs.batch`. */
function groupResource(resource: string): string {
  return resource.includes('.') ? resource : `${resource}.`;
}
