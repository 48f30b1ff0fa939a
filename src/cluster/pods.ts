import type { Cluster, ClusterObject, Ref } from './cluster.ts';

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
  cluster: Cluster,
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
