import type { ClusterObject, PermissionNeed, Ref } from '../../../cluster/cluster.ts';
import { ClusterError } from '../../../cluster/cluster-error.ts';
import { type FieldChange, fieldChanges, withChanges } from '../../../cluster/fields/changes.ts';
import { mergeDiff } from '../../../cluster/fields/merge-diff.ts';
import { assertServed } from '../../../cluster/fields/served.ts';
import { stated } from '../../../cluster/fields/server-fields.ts';
import { singular } from '../../../cluster/ref.ts';
import type { CompileContext } from '../../fault-type.ts';

/**
 * The changes as the API server will make them. A field brings others along (a session affinity its time, a strategy
 * its amounts), and whoever undoes the one has to undo these too, or the server refuses. Without the permission to ask
 * they are as they were said: preflight names what is missing. Throws MisfortuneError `unknown-field`.
 */
export async function servedChanges(
  ref: Ref,
  object: ClusterObject,
  changes: FieldChange[],
  { dryRunPatch }: Pick<CompileContext, 'dryRunPatch'>,
): Promise<FieldChange[]> {
  const body = mergeDiff(object, withChanges(object, changes));
  if (!body) return changes;
  try {
    const after = await dryRunPatch(ref, 'merge', body);
    assertServed(after, changes);
    return fieldChanges(stated(object), stated(after));
  } catch (error) {
    if (error instanceof ClusterError && error.status === 403) return changes;
    // What the server says of it belongs to the refusals of preflight, beside all others.
    if (error instanceof ClusterError && error.status === 422) return changes;
    throw error;
  }
}

/** What changing fields of an object asks for; of a CronJob the runs that began meanwhile are ended afterwards. */
export function changePermissions(ref: Ref): PermissionNeed[] {
  const runs = { verbs: ['list', 'delete'], kind: 'job', group: 'batch', namespace: ref.namespace };
  return [{ verbs: ['get', 'patch'], ...ref }, ...(singular(ref.kind) === 'cronjob' ? [runs] : [])];
}
