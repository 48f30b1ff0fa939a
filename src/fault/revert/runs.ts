import { isDeepStrictEqual } from 'node:util';
import type { ClusterObject } from '../../cluster/cluster.ts';
import type { FieldChange } from '../../cluster/fields/changes.ts';
import { fieldAt } from '../../cluster/fields/path.ts';
import { singular } from '../../cluster/ref.ts';
import { plural } from '../../words/number.ts';
import type { Engine } from '../engine.ts';
import type { Unit } from './units.ts';

/**
 * After a CronJob's template was put back: ends the runs that its controller began with what we had changed, and that are not
 * over. They would go on breaking things for as long as they take. Runs of before, of after somebody mended the template, and
 * those that somebody began by hand (`kubectl create job --from`) stay. Gives a note where there were any. Throws
 * ClusterError when the API server refuses it.
 */
export async function endRuns(unit: Unit, { cluster, signal }: Engine): Promise<string[]> {
  if (unit.type !== 'object' || singular(unit.ref.kind) !== 'cronjob') return [];
  const changes = unit.changes.flatMap((change) =>
    change.by === 'us' && change.operation.verb === 'patch' ? templateChanges(change.operation.changes) : [],
  );
  if (changes.length === 0) return [];
  const { namespace, name } = unit.ref;
  const jobs = await cluster.list({ kind: 'jobs', group: 'batch' }, { namespace }, signal);
  const running = jobs.filter(
    (job) =>
      isRunOf(job, name) &&
      changes.every(({ path, ...change }) =>
        isDeepStrictEqual(fieldAt(job, path), 'to' in change ? change.to : undefined),
      ),
  );
  for (const { metadata } of running) {
    const { uid } = metadata;
    const ref = { kind: 'job', group: 'batch', namespace, name: metadata.name };
    await cluster.delete(ref, { uid, propagation: 'Background' }, signal);
  }
  const { length } = running;
  return length > 0
    ? [`${plural(length, 'run')} with what was changed ${length === 1 ? 'was' : 'were'} ended`]
    : [];
}

/** What a change of the template is in a Job that was made from it. */
function templateChanges(changes: readonly FieldChange[]): FieldChange[] {
  return changes.flatMap((change) => {
    const [spec, template, ...path] = change.path;
    return spec === 'spec' && template === 'jobTemplate' ? [{ ...change, path }] : [];
  });
}

/** kubectl puts it on Jobs that somebody makes from a CronJob. */
const byHand = 'cronjob.kubernetes.io/instantiate';

function isRunOf({ metadata, status }: ClusterObject, cronJob: string): boolean {
  const { ownerReferences = [], annotations = {} } = metadata;
  const { completionTime, conditions = [] } = (status ?? {}) as {
    completionTime?: string;
    conditions?: { type: string; status: string }[];
  };
  const isOver =
    completionTime !== undefined ||
    conditions.some(({ type, status: value }) => type === 'Failed' && value === 'True');
  const isOwned = ownerReferences.some(({ kind, name }) => kind === 'CronJob' && name === cronJob);
  return isOwned && !isOver && !metadata.deletionTimestamp && !(byHand in annotations);
}
