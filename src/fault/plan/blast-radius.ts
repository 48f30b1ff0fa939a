import { atOnce } from '../../at-once.ts';
import { isServed } from '../../cluster/access/readable.ts';
import type { Cluster, ClusterObject, Ref } from '../../cluster/cluster.ts';
import { fieldAt, isRecord } from '../../cluster/fields/path.ts';
import { formatRef, singular } from '../../cluster/ref.ts';
import { rolloutKinds } from '../../cluster/wait/rollout.ts';
import { mebibytes } from '../../quantity.ts';
import type { Taken } from '../fault-type.ts';
import type { Operation } from '../operation.ts';

/** How far a plan reaches. */
export interface BlastRadius {
  namespaces: string[];
  /** Workloads that are changed, read a changed ConfigMap or Secret, or are behind a Service that gets load. */
  workloads: string[];
  /** Of all workloads in the allowed namespaces. */
  workloadsInAll: number;
  /** Nodes that are changed themselves. */
  nodes: string[];
  requestsPerSecond: number;
  /** What is taken of nodes. */
  taken: Taken;
  /** For people: one line each. */
  lines: string[];
}

/** `touched`: objects that faults act on without changing them. */
export async function blastRadius(
  operations: readonly Operation[],
  touched: readonly Ref[],
  { requestsPerSecond, ...taken }: Taken & { requestsPerSecond: number },
  { cluster, namespaces }: { cluster: Cluster; namespaces: readonly string[] },
): Promise<BlastRadius> {
  const refs = [...operations.map(({ ref }) => ref), ...touched];
  const isService = ({ kind }: Ref) => singular(kind) === 'service';
  const [found, lists] = await Promise.all([
    atOnce(refs.filter(isService), (ref) => cluster.get(ref)),
    atOnce(rolloutKinds, (kind) => listKind(cluster, kind, namespaces)),
  ]);
  const services = found.flatMap((service) => service ?? []);
  const all = lists.flat();
  const workloads = all
    .filter(
      (workload) =>
        refs.some((ref) => reaches(ref, workload)) || services.some((each) => selects(each, workload)),
    )
    .map((workload) => formatRef(refOfWorkload(workload)))
    .sort();
  const used = new Set(refs.flatMap(({ namespace }) => namespace ?? []));
  const nodes = [...new Set(refs.filter(({ kind }) => singular(kind) === 'node').map(({ name }) => name))];
  const radius = {
    namespaces: [...used].sort(),
    workloads,
    workloadsInAll: all.length,
    nodes,
    requestsPerSecond,
    taken,
  };
  return { ...radius, lines: lines(radius) };
}

function lines({
  namespaces,
  workloads,
  workloadsInAll,
  nodes,
  requestsPerSecond,
  taken,
}: Omit<BlastRadius, 'lines'>) {
  return [
    `namespaces: ${namespaces.join(', ') || 'none'}`,
    `workloads: ${workloads.length} of ${workloadsInAll}${workloads.length > 0 ? ` (${workloads.join(', ')})` : ''}`,
    ...(nodes.length > 0 ? [`nodes: ${nodes.join(', ')}`] : []),
    ...(requestsPerSecond > 0 ? [`load: ${requestsPerSecond} requests per second`] : []),
    ...(taken.cores > 0 ? [`CPU taken: ${taken.cores} cores`] : []),
    ...(taken.memoryBytes > 0 ? [`memory taken: ${mebibytes(taken.memoryBytes)}`] : []),
  ];
}

/** A kind that this cluster lacks has no objects. */
async function listKind(
  cluster: Cluster,
  kind: string,
  namespaces: readonly string[],
): Promise<ClusterObject[]> {
  if (!(await isServed(cluster, { kind, group: 'apps' }))) return [];
  const lists = namespaces.map((namespace) => cluster.list({ kind, group: 'apps' }, { namespace }));
  return (await Promise.all(lists)).flat();
}

function reaches(ref: Ref, workload: ClusterObject): boolean {
  const { name, namespace } = workload.metadata;
  if (ref.namespace !== namespace) return false;
  const kind = singular(ref.kind);
  if (kind === workload.kind.toLowerCase()) return ref.name === name;
  if (kind !== 'configmap' && kind !== 'secret') return false;
  return uses(kind, ref.name, fieldAt(workload, ['spec', 'template', 'spec']));
}

/** Whether a pod's spec names a ConfigMap or Secret anywhere: volumes, projected volumes, env, envFrom. */
function uses(kind: 'configmap' | 'secret', name: string, value: unknown): boolean {
  if (Array.isArray(value)) return value.some((item) => uses(kind, name, item));
  if (!isRecord(value)) return false;
  const keys =
    kind === 'configmap'
      ? ['configMap', 'configMapRef', 'configMapKeyRef']
      : ['secret', 'secretRef', 'secretKeyRef'];
  return Object.entries(value).some(([key, item]) => {
    if (keys.includes(key) && isRecord(item) && (item.name === name || item.secretName === name)) return true;
    return uses(kind, name, item);
  });
}

function selects(service: ClusterObject, workload: ClusterObject): boolean {
  if (service.metadata.namespace !== workload.metadata.namespace) return false;
  const selector = fieldAt(service, ['spec', 'selector']);
  const labels = fieldAt(workload, ['spec', 'template', 'metadata', 'labels']);
  if (!isRecord(selector) || Object.keys(selector).length === 0 || !isRecord(labels)) return false;
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

function refOfWorkload({ kind, metadata }: ClusterObject): Ref {
  return { kind: kind.toLowerCase(), namespace: metadata.namespace, name: metadata.name };
}
