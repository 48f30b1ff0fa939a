import { atOnce } from '../../../at-once.ts';
import type { Cluster, ClusterObject, PermissionNeed, Ref } from '../../../cluster/cluster.ts';
import { fieldAt } from '../../../cluster/fields/path.ts';
import { formatRef } from '../../../cluster/ref.ts';
import { exitCodes, MisfortuneError } from '../../../errors.ts';
import { assertDeletable, type DeleteOperation, type OperationDraft } from '../../operation.ts';

/** What Kubernetes' own controllers make anew, or do without, when its owner comes back. */
const madeAnew = new Set(['ReplicaSet', 'Pod', 'Job', 'ControllerRevision', 'EndpointSlice', 'Endpoints']);

/** Kinds in which an object is looked for that would be deleted along with its owner and that nobody makes anew. */
const dependentKinds = [
  { kind: 'configmap' },
  { kind: 'service' },
  { kind: 'deployment', group: 'apps' },
  { kind: 'job', group: 'batch' },
];

/** What looking for such objects asks of RBAC. */
export function dependentNeeds(namespace: string | undefined): PermissionNeed[] {
  return dependentKinds.map((kind) => ({ verbs: ['list'], ...kind, ...(namespace && { namespace }) }));
}

/**
 * Deletes an object of which the pre-image is all that there is to restore. Throws MisfortuneError for one that
 * somebody else would make anew or act upon, or that takes with it what no pre-image gives back.
 */
export function deleteOperation(
  ref: Ref,
  object: ClusterObject,
  how: Pick<DeleteOperation, 'propagation' | 'gracePeriodSeconds'> = { propagation: 'Background' },
): OperationDraft {
  assertDeletable(object);
  const problem = whyNot(object);
  if (problem) throw refused(ref, problem.why, problem.todo);
  return { verb: 'delete', ref, ...how, describe: `delete ${formatRef(ref)}`, reverts: 'reverts', ready: [] };
}

/** Throws MisfortuneError `not-restorable` if the garbage collector would take more along than comes back. */
export async function assertNothingLost(
  ref: Ref,
  object: ClusterObject,
  cluster: Pick<Cluster, 'list'>,
): Promise<void> {
  const { uid, namespace } = object.metadata;
  for (const objects of await atOnce(dependentKinds, (kind) => cluster.list(kind, { namespace }))) {
    const owned = objects.find(
      (each) => each.metadata.ownerReferences?.some((owner) => owner.uid === uid) && !madeAnew.has(each.kind),
    );
    if (owned)
      throw refused(
        ref,
        `${owned.kind} ${owned.metadata.name} belongs to it and would be deleted with it`,
        'Nobody would make that anew. Break it in another way.',
      );
  }
}

function whyNot(object: ClusterObject): { why: string; todo: string } | undefined {
  const { metadata, kind } = object;
  const change = 'Change a field of it instead.';
  const owner = metadata.ownerReferences?.find(({ controller }) => controller);
  if (owner)
    return {
      why: `${owner.kind} ${owner.name} makes it anew`,
      todo: kind === 'Pod' ? 'Use `kill` for pods.' : `Delete or change the ${owner.kind}.`,
    };
  if (metadata.deletionTimestamp) return { why: 'it is being deleted already', todo: 'Choose another one.' };
  if (metadata.finalizers?.length)
    return { why: `it is held by finalizers (${metadata.finalizers.join(', ')})`, todo: change };
  if (kind === 'Job') return { why: 'a Job that is made anew does its work again', todo: change };
  if (fieldAt(object, ['spec', 'type']) === 'LoadBalancer')
    return { why: 'its load balancer and address outside of the cluster go with it', todo: change };
  if (fieldAt(object, ['spec', 'persistentVolumeClaimRetentionPolicy', 'whenDeleted']) === 'Delete')
    return { why: 'its volumes, and what is in them, go with it', todo: change };
  return undefined;
}

function refused(ref: Ref, why: string, todo: string): MisfortuneError {
  return new MisfortuneError('not-restorable', `A fault may not delete ${formatRef(ref)}: ${why}.`, {
    todo,
    exitCode: exitCodes.refused,
  });
}
