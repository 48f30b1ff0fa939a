import type { ClusterObject, Ref } from '../cluster/cluster.ts';
import { ClusterError } from '../cluster/cluster-error.ts';
import { exitCodes, MisfortuneError } from '../errors.ts';
import { keeps } from './apply/verify.ts';
import type { CompileContext } from './fault-type.ts';
import { fieldChanges, withChanges } from './field-changes.ts';
import { fieldAt, formatPath } from './field-path.ts';
import { mergeDiff } from './merge-diff.ts';
import type { FieldChange } from './operation.ts';
import { servedChange } from './served-form.ts';
import { stated } from './server-fields.ts';

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

/**
 * Throws MisfortuneError `unknown-field` for a change that the API server takes and then drops. What is empty may be
 * dropped: a field that is absent says the same.
 */
export function assertServed(after: ClusterObject, changes: readonly FieldChange[]): void {
  const dropped = changes.filter((said) => {
    const change = servedChange(said, after);
    return !keeps(fieldAt(after, change.path), 'to' in change ? change.to : undefined);
  });
  if (dropped.length === 0) return;
  const fields = dropped.map(({ path }) => formatPath(path)).join(', ');
  throw new MisfortuneError(
    'unknown-field',
    `The API server does not keep ${fields} of a ${after.kind} as it is set.`,
    {
      todo: 'Is there such a field? `kubectl explain` tells. A webhook may have changed it, too.',
      exitCode: exitCodes.refused,
    },
  );
}
