import type { Cluster, ClusterObject } from '../../../src/cluster/cluster.ts';

const kinds = [
  { kind: 'deployments', group: 'apps' },
  { kind: 'jobs', group: 'batch' },
  { kind: 'services' },
  { kind: 'configmaps' },
  { kind: 'secrets' },
  { kind: 'serviceaccounts' },
];

/** Every object that people write in these namespaces, without what the API server and controllers write. */
export async function snapshot(cluster: Cluster, namespaces: string[]): Promise<Record<string, unknown>> {
  const lists = namespaces.flatMap((namespace) => kinds.map((kind) => cluster.list(kind, { namespace })));
  const objects = (await Promise.all(lists)).flat();
  return Object.fromEntries(
    objects
      .map((object) => [
        `${object.kind}/${object.metadata.namespace}/${object.metadata.name}`,
        written(object),
      ])
      .sort(([left], [right]) => (String(left) < String(right) ? -1 : 1)),
  );
}

function written({ status: _, metadata, ...object }: ClusterObject): unknown {
  const { resourceVersion: __, generation: ___, managedFields: ____, ...kept } = metadata;
  return { ...object, metadata: kept };
}
