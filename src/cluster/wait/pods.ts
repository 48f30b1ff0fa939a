import type { Cluster, ClusterObject, Ref } from '../cluster.ts';
import { ClusterError } from '../cluster-error.ts';
import { fieldAt, isRecord } from '../fields/path.ts';

/** Kinds that own pods through another object. */
const through: Record<string, { kind: string; group: string }> = {
  Deployment: { kind: 'replicasets', group: 'apps' },
  CronJob: { kind: 'jobs', group: 'batch' },
};

/**
 * The pods of a workload (or the pod itself), by owner references, so that an object that is gone but left pods
 * behind is seen too. `running` are those not finished: Pending and Running, also while they terminate.
 */
export async function podsOf(
  cluster: Pick<Cluster, 'kind' | 'list'>,
  ref: Ref,
  signal?: AbortSignal,
): Promise<{ all: ClusterObject[]; running: ClusterObject[] }> {
  const { kind } = await cluster.kind(ref);
  const { namespace } = ref;
  const pods = await cluster.list({ kind: 'pods', group: '' }, { namespace }, signal);
  const all = kind === 'Pod' ? pods.filter(({ metadata }) => metadata.name === ref.name) : await owned();
  return { all, running: all.filter(isRunning) };

  async function owned(): Promise<ClusterObject[]> {
    const between = through[kind];
    const owners: { kind: string; name: string }[] = [{ kind, name: ref.name }];
    if (between) {
      const objects = await cluster.list(between, { namespace }, signal);
      owners.push(
        ...objects
          .filter((object) => isOwnedBy(object, { kind, name: ref.name }))
          .map((object) => ({ kind: object.kind, name: object.metadata.name })),
      );
    }
    return pods.filter((pod) => owners.some((owner) => isOwnedBy(pod, owner)));
  }
}

function isOwnedBy({ metadata }: ClusterObject, owner: { kind: string; name: string }): boolean {
  return (
    metadata.ownerReferences?.some(({ kind, name }) => kind === owner.kind && name === owner.name) === true
  );
}

function isRunning({ status }: ClusterObject): boolean {
  const phase = (status as { phase?: string } | undefined)?.phase;
  return phase === 'Running' || phase === 'Pending' || phase === undefined;
}

/** Ready, and not about to go. */
export function isReadyPod({ metadata, status }: ClusterObject): boolean {
  if (metadata.deletionTimestamp) return false;
  const { conditions } = (status ?? {}) as { conditions?: { type: string; status: string }[] };
  return conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true;
}

/** Why the pods of a Job or Deployment are not made, if its controller says so; undefined otherwise, or if that may not be read. */
export async function refusalOfPods(
  ref: Ref,
  cluster: Cluster,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const object = await cluster.get(ref, signal);
  const conditions = fieldAt(object, ['status', 'conditions']);
  const failure = (Array.isArray(conditions) ? conditions : []).find((each) => {
    return isRecord(each) && each.type === 'ReplicaFailure' && each.status === 'True';
  }) as { message?: string } | undefined;
  if (failure?.message) return failure.message;
  if (object?.kind !== 'Job') return undefined;
  try {
    const fieldSelector = `involvedObject.uid=${object.metadata.uid},reason=FailedCreate`;
    const { namespace } = ref;
    const events = await cluster.list({ kind: 'events' }, { namespace, fieldSelector }, signal);
    const last = events.at(-1)?.message;
    // An account that was just made is not known everywhere yet.
    return typeof last === 'string' && !/service ?account/.test(last) ? last : undefined;
  } catch (error) {
    if (error instanceof ClusterError && error.status === 403) return undefined;
    throw error;
  }
}
