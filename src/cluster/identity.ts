import { exitCodes, MisfortuneError } from '../errors.ts';
import type { Cluster } from './cluster.ts';

/** The cluster by what survives a changed address: the UID of its kube-system namespace. */
export interface ClusterIdentity {
  uid: string;
  server: string;
}

/** Which cluster this is. Throws MisfortuneError `no-identity` if its kube-system namespace cannot be read. */
export async function clusterIdentity(cluster: Cluster, signal?: AbortSignal): Promise<ClusterIdentity> {
  const namespace = await cluster.get({ kind: 'namespace', name: 'kube-system' }, signal);
  const uid = namespace?.metadata.uid;
  if (uid) return { uid, server: cluster.server };
  throw new MisfortuneError(
    'no-identity',
    'The namespace kube-system could not be read: it tells clusters apart.',
    {
      todo: 'Ask for the permission to get namespaces.',
      exitCode: exitCodes.refused,
    },
  );
}

/** Throws MisfortuneError `other-cluster` for a ledger of another cluster than this. */
export function assertSameCluster(ledger: ClusterIdentity, now: ClusterIdentity): void {
  if (ledger.uid === now.uid) return;
  const [was, is] = [ledger, now].map(({ uid, server }) => `${server} (${uid.slice(0, 8)})`);
  throw new MisfortuneError('other-cluster', `The ledger is of the cluster ${was}, this one is ${is}.`, {
    todo: 'Choose the context of that cluster with --context.',
    exitCode: exitCodes.refused,
  });
}
