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
  assertNamespaceAllowed(ref.namespace, namespaces, `${what} ${formatRef(ref)}`);
}

/** The same for what is named by its namespace alone; `what` in words. */
export function assertNamespaceAllowed(
  namespace: string | undefined,
  namespaces: readonly string[],
  what: string,
): void {
  if (namespace !== undefined && namespaces.includes(namespace)) return;
  const where = namespace === undefined ? 'no namespace' : `namespace ${namespace}`;
  throw new MisfortuneError(
    'namespace-not-allowed',
    `${what} is in ${where}; only ${list(namespaces)} may be touched.`,
    {
      todo: 'List the namespace in misfortune.yaml and label it misfortune.dev/game-days=allowed.',
      exitCode: exitCodes.refused,
    },
  );
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'no namespace' : names.join(', ');
}
