import { atOnce } from '../../../at-once.ts';
import type { Cluster, ClusterObject, Ref } from '../../../cluster/cluster.ts';
import { formatRef, groupOf } from '../../../cluster/ref.ts';
import { exitCodes, MisfortuneError } from '../../../errors.ts';
import type { ChaosMeshSpec, ChaosSelector } from './schema.ts';

type Reads = Pick<Cluster, 'get' | 'list'>;

/** The selectors of a resource: of a NetworkChaos, those of both ends. */
export function selectorsOf({ resource: { spec } }: ChaosMeshSpec): ChaosSelector[] {
  return [spec.selector, ...(spec.target ? [spec.target.selector] : [])];
}

/** Chaos Mesh takes pods by name from the namespaces under `pods`, whatever `namespaces` says. */
export function namespacesOf({ namespaces, pods = {} }: ChaosSelector): string[] {
  return [...new Set([...namespaces, ...Object.keys(pods)])];
}

/**
 * The workloads, or bare pods, on which a resource acts; some more where it selects by annotations, fields, phases or nodes.
 * Throws MisfortuneError `no-pods` for a selector by which there is none: Chaos Mesh would wait for one forever.
 */
export async function selectedWorkloads(spec: ChaosMeshSpec, cluster: Reads): Promise<Ref[]> {
  const found = new Map<string, Ref>();
  for (const selector of selectorsOf(spec)) {
    const pods = await selectedPods(selector, cluster);
    if (pods.length === 0)
      throw new MisfortuneError(
        'no-pods',
        `${spec.resource.kind} ${spec.resource.metadata.name} selects no pod in ${namespacesOf(selector).join(', ')}.`,
        { todo: 'Correct its selector: see `kubectl get pods --show-labels`.', exitCode: exitCodes.refused },
      );
    for (const ref of await atOnce(pods, (pod) => workloadOf(pod, cluster))) found.set(formatRef(ref), ref);
  }
  return [...found.values()];
}

/** The pods that a selector may mean, by its namespaces, names and labels. */
export async function selectedPods(
  selector: ChaosSelector,
  cluster: Pick<Cluster, 'list'>,
): Promise<ClusterObject[]> {
  const { pods: byName, labelSelectors = {}, expressionSelectors = [] } = selector;
  const labels = Object.entries(labelSelectors).map(([key, value]) => `${key}=${value}`);
  const labelSelector = [...labels, ...expressionSelectors.map(inWords)].join(',');
  const lists = await atOnce(namespacesOf(selector), (namespace) =>
    cluster.list({ kind: 'pods' }, { namespace, ...(!byName && labelSelector && { labelSelector }) }),
  );
  const all = lists.flat();
  if (!byName) return all;
  return all.filter(({ metadata: { namespace = '', name } }) => byName[namespace]?.includes(name));
}

function inWords({
  key,
  operator,
  values,
}: NonNullable<ChaosSelector['expressionSelectors']>[number]): string {
  if (operator === 'Exists') return key;
  if (operator === 'DoesNotExist') return `!${key}`;
  return `${key} ${operator === 'In' ? 'in' : 'notin'} (${values.join(',')})`;
}

async function workloadOf(object: ClusterObject, cluster: Reads): Promise<Ref> {
  const { namespace, ownerReferences = [] } = object.metadata;
  const owner = ownerReferences.find(({ controller }) => controller);
  const group = groupOf(object.apiVersion);
  if (!owner)
    return {
      kind: object.kind.toLowerCase(),
      ...(group && { group }),
      namespace,
      name: object.metadata.name,
    };
  const ref = {
    kind: owner.kind.toLowerCase(),
    group: groupOf(owner.apiVersion),
    namespace,
    name: owner.name,
  };
  const between = ref.kind === 'replicaset' ? await cluster.get(ref) : undefined;
  return between ? await workloadOf(between, cluster) : ref;
}
