import type { Cluster, ClusterObject, Ref } from '../../../cluster/cluster.ts';
import { formatRef } from '../../../cluster/ref.ts';
import { exitCodes, MisfortuneError } from '../../../errors.ts';

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

/** Throws MisfortuneError `namespace-not-allowed` unless the object lies in a namespace that was opened. */
export function assertAllowed(ref: Ref, namespaces: readonly string[], what: string): void {
  if (ref.namespace !== undefined && namespaces.includes(ref.namespace)) return;
  const where = ref.namespace === undefined ? 'no namespace' : `namespace ${ref.namespace}`;
  throw new MisfortuneError(
    'namespace-not-allowed',
    `${what} ${formatRef(ref)} is in ${where}; only ${list(namespaces)} may be touched.`,
    {
      todo: 'List the namespace in misfortune.yaml and label it misfortune.dev/game-days=allowed.',
      exitCode: exitCodes.refused,
    },
  );
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'no namespace' : names.join(', ');
}
