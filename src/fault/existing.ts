import type { Cluster, ClusterObject, Ref } from '../cluster/cluster.ts';
import { formatRef } from '../cluster/ref.ts';
import { exitCodes, MisfortuneError } from '../errors.ts';

/** The object that a fault is about. Throws MisfortuneError `unknown-object`. */
export async function existing(ref: Ref, cluster: Pick<Cluster, 'get'>): Promise<ClusterObject> {
  const object = await cluster.get(ref);
  if (object) return object;
  const scope = ref.namespace === undefined ? '' : ` -n ${ref.namespace}`;
  throw new MisfortuneError('unknown-object', `${formatRef(ref)} does not exist.`, {
    todo: `See \`kubectl get ${ref.kind}${scope}\`.`,
    exitCode: exitCodes.refused,
  });
}
