import type { V1PodSpec, V1ServiceSpec } from '@kubernetes/client-node';
import type { Cluster, ClusterObject } from '../cluster/cluster.ts';
import { formatRef, refOf } from '../cluster/ref.ts';

/** A Service of an allowed namespace, and what is behind it. */
export interface ScannedService {
  namespace: string;
  name: string;
  /** Name or number of its first port. */
  port: string | number | undefined;
  pods: { name: string; ip?: string }[];
  /** What owns those pods, as documents write it; undefined: nothing, or several. */
  workload?: string;
  /** The path that the readiness probe of its pods asks for. */
  probePath?: string;
}

/** Every Service with pods behind it, by namespace and name. */
export async function listServices(
  cluster: Cluster,
  namespaces: readonly string[],
  signal?: AbortSignal,
): Promise<ScannedService[]> {
  const found: ScannedService[] = [];
  for (const namespace of [...namespaces].sort()) {
    const [services, pods, sets] = await Promise.all([
      cluster.list({ kind: 'services' }, { namespace }, signal),
      cluster.list({ kind: 'pods' }, { namespace }, signal),
      cluster.list({ kind: 'replicasets', group: 'apps' }, { namespace }, signal),
    ]);
    for (const service of services) {
      const behind = pods.filter((pod) => selects(service, pod));
      if (behind.length > 0) found.push(scanned(service, behind, sets));
    }
  }
  return found.sort((a, b) => (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1));
}

function selects(service: ClusterObject, pod: ClusterObject): boolean {
  const { selector } = (service.spec ?? {}) as V1ServiceSpec;
  const wanted = Object.entries(selector ?? {});
  return wanted.length > 0 && wanted.every(([key, value]) => pod.metadata.labels?.[key] === value);
}

function scanned(
  { metadata, spec }: ClusterObject,
  pods: readonly ClusterObject[],
  sets: readonly ClusterObject[],
): ScannedService {
  const [port] = (spec as { ports?: { name?: string; port: number }[] }).ports ?? [];
  const workloads = new Set(pods.map((pod) => workloadOf(pod, sets)));
  const [workload] = workloads.size === 1 ? workloads : [];
  const probePath = pods.map(probePathOf).find((path) => path !== undefined);
  return {
    namespace: metadata.namespace ?? 'default',
    name: metadata.name,
    port: port?.name ?? port?.port,
    pods: pods.map((pod) => {
      const ip = (pod.status as { podIP?: string } | undefined)?.podIP;
      return { name: pod.metadata.name, ...(ip && { ip }) };
    }),
    ...(workload && { workload }),
    ...(probePath && { probePath }),
  };
}

/** A Deployment owns its pods through a ReplicaSet. */
function workloadOf(pod: ClusterObject, sets: readonly ClusterObject[]): string | undefined {
  const owner = controllerOf(pod);
  if (!owner) return undefined;
  const set = owner.kind === 'ReplicaSet' && sets.find(({ metadata }) => metadata.name === owner.name);
  const { apiVersion, kind, name } = (set && controllerOf(set)) || owner;
  const { namespace } = pod.metadata;
  return formatRef(refOf({ apiVersion, kind, metadata: { name, namespace } }));
}

function controllerOf({ metadata }: ClusterObject) {
  return metadata.ownerReferences?.find(({ controller }) => controller);
}

function probePathOf({ spec }: ClusterObject): string | undefined {
  const { containers } = spec as Partial<V1PodSpec>;
  return containers?.map(({ readinessProbe }) => readinessProbe?.httpGet?.path).find((path) => path);
}
