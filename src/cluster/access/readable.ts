import { MisfortuneError } from '../../errors.ts';
import type { Cluster, ClusterObject, Ref } from '../cluster.ts';
import { ClusterError } from '../cluster-error.ts';

/** Whether the cluster has this kind. Throws if it cannot be asked. */
export async function isServed(
  cluster: Pick<Cluster, 'kind'>,
  kind: Pick<Ref, 'kind' | 'group'>,
): Promise<boolean> {
  try {
    await cluster.kind(kind);
    return true;
  } catch (error) {
    if (error instanceof MisfortuneError && error.code === 'unknown-kind') return false;
    throw error;
  }
}

/** All of a kind in a namespace; none where it is not served or may not be read. Throws ClusterError. */
export async function listed(
  cluster: Cluster,
  kind: { kind: string; group: string },
  namespace: string,
  signal?: AbortSignal,
): Promise<ClusterObject[]> {
  if (!(await isServed(cluster, kind))) return [];
  return await readable(() => cluster.list(kind, { namespace }, signal), []);
}

/** What may not be read, or is of a kind that is not there, is as if it were not there. */
export async function readable<T>(read: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const isRefused = error instanceof ClusterError && error.status === 403;
    if (isRefused || (error as { code?: string }).code === 'unknown-kind') return otherwise;
    throw error;
  }
}
