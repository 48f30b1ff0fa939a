import type { Finding } from '../../cluster/access/opened.ts';
import type { Cluster, ClusterObject } from '../../cluster/cluster.ts';
import { withChanges } from '../../cluster/fields/changes.ts';
import { mergeDiff } from '../../cluster/fields/merge-diff.ts';
import { assertServed } from '../../cluster/fields/served.ts';
import { formatRef } from '../../cluster/ref.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import type { Operation } from '../operation.ts';

/**
 * Lets the API server go through an operation without storing anything. Throws its refusal; gives a warning
 * where somebody else looks after the object and will put it back.
 */
export async function dryRun(
  operation: Operation,
  cluster: Cluster,
  signal?: AbortSignal,
): Promise<{ warning?: Finding }> {
  if (operation.verb === 'create') {
    await cluster.create(operation.object, { dryRun: true }, signal);
    return {};
  }
  if (operation.verb === 'run') {
    for (const job of [operation.do, operation.undo, operation.check])
      await cluster.create(job, { dryRun: true }, signal);
    return {};
  }
  const object = await cluster.get(operation.ref, signal);
  if (!object)
    throw new MisfortuneError('missing-object', `${formatRef(operation.ref)} does not exist.`, {
      exitCode: exitCodes.refused,
    });
  if (operation.verb === 'delete') {
    await cluster.delete(operation.ref, { uid: object.metadata.uid, dryRun: true }, signal);
  } else {
    const body = mergeDiff(object, withChanges(object, operation.changes));
    if (!body)
      throw new MisfortuneError('nothing-to-change', `${formatRef(operation.ref)} already has this value.`, {
        todo: 'If an earlier game was not restored, run `misfortune recover`.',
        exitCode: exitCodes.refused,
      });
    assertServed(
      await cluster.patch(operation.ref, 'merge', body, { dryRun: true }, signal),
      operation.changes,
    );
  }
  const keeper = keeperOf(object);
  if (!keeper) return {};
  const message = `${formatRef(operation.ref)} is managed by ${keeper}, which may undo the fault.`;
  return { warning: { code: 'kept-by-another', message, todo: 'Pause it during the game.' } };
}

/** Who puts an object back when it is changed: GitOps tools by the marks they leave, or its controller. */
function keeperOf({ metadata }: ClusterObject): string | undefined {
  const marks = Object.keys({ ...metadata.labels, ...metadata.annotations });
  if (marks.some((mark) => mark.startsWith('argocd.argoproj.io/'))) return 'Argo CD';
  if (marks.some((mark) => /\.toolkit\.fluxcd\.io\//.test(mark))) return 'Flux';
  const release = metadata.annotations?.['meta.helm.sh/release-name'];
  if (release !== undefined) return `Helm (release ${release})`;
  const owner = metadata.ownerReferences?.find(({ controller }) => controller);
  return owner && `${owner.kind} ${owner.name}`;
}
