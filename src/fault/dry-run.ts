import type { Cluster, ClusterObject } from '../cluster/cluster.ts';
import { formatRef } from '../cluster/ref.ts';
import { exitCodes, MisfortuneError } from '../errors.ts';
import { withChanges } from './field-changes.ts';
import type { Finding } from './guard-rails.ts';
import { mergeDiff } from './merge-diff.ts';
import type { Operation } from './operation.ts';
import { assertServed } from './served-changes.ts';

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
    throw new MisfortuneError('missing-object', `${formatRef(operation.ref)} is not there.`, {
      exitCode: exitCodes.refused,
    });
  if (operation.verb === 'delete') {
    await cluster.delete(operation.ref, { uid: object.metadata.uid, dryRun: true }, signal);
  } else {
    const body = mergeDiff(object, withChanges(object, operation.changes));
    if (!body)
      throw new MisfortuneError('nothing-to-change', `${formatRef(operation.ref)} is like that already.`, {
        todo: 'Was an earlier game restored? See `misfortune recover`.',
        exitCode: exitCodes.refused,
      });
    assertServed(
      await cluster.patch(operation.ref, 'merge', body, { dryRun: true }, signal),
      operation.changes,
    );
  }
  const keeper = keeperOf(object);
  if (!keeper) return {};
  const message = `${formatRef(operation.ref)} is looked after by ${keeper}, which may undo the fault by itself.`;
  return { warning: { code: 'kept-by-another', message, todo: 'Pause it for the time of the game.' } };
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
