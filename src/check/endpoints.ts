import type { Cluster, ClusterObject, Ref } from '../cluster/cluster.ts';
import { isReadyPod, podsOf } from '../cluster/pods.ts';
import { parseRef } from '../cluster/ref.ts';
import { MisfortuneError } from '../errors.ts';
import type { CheckContext, Finding } from './evaluate.ts';

/** The ready endpoints of a service are exactly the ready pods of a workload, and at least one. */
export async function checkEndpoints(
  { ref, are }: { ref: string; are: string },
  { cluster, signal }: CheckContext,
): Promise<Finding> {
  const service = parseRef(ref);
  const endpoints = new Set(await readyEndpoints(service, cluster, signal));
  const { running } = await podsOf(cluster, parseRef(are), signal);
  const pods = new Set(running.filter(isReadyPod).map(({ metadata }) => metadata.name));
  const missing = [...pods].filter((name) => !endpoints.has(name));
  const strange = [...endpoints].filter((name) => !pods.has(name));
  const parts = [`${endpoints.size} ready endpoints, ${pods.size} ready pods`];
  if (missing.length > 0) parts.push(`not in the service: ${missing.join(', ')}`);
  if (strange.length > 0) parts.push(`not of ${are}: ${strange.join(', ')}`);
  const holds = endpoints.size > 0 && missing.length === 0 && strange.length === 0;
  return { holds, value: endpoints.size, seen: parts.join('; ') };
}

/** Names of the pods behind a service's ready endpoints. */
async function readyEndpoints(service: Ref, cluster: Cluster, signal?: AbortSignal): Promise<string[]> {
  try {
    const slices = await cluster.list(
      { kind: 'endpointslices', group: 'discovery.k8s.io' },
      { namespace: service.namespace, labelSelector: `kubernetes.io/service-name=${service.name}` },
      signal,
    );
    return slices.flatMap(readyPods);
  } catch (error) {
    // Kubernetes before 1.17 has Endpoints only.
    if (!(error instanceof MisfortuneError) || error.code !== 'unknown-kind') throw error;
    const found = await cluster.get({ ...service, kind: 'endpoints' }, signal);
    return ((found as Endpoints | undefined)?.subsets ?? []).flatMap(({ addresses = [] }) =>
      addresses.map(({ targetRef, ip }) => targetRef?.name ?? ip),
    );
  }
}

interface Endpoints {
  subsets?: { addresses?: { ip: string; targetRef?: { name?: string } }[] }[];
}

interface Slice {
  endpoints?: {
    addresses?: string[];
    conditions?: { ready?: boolean };
    targetRef?: { kind?: string; name?: string };
  }[];
}

/** Names of the pods behind a slice's ready endpoints; an address without a pod counts by itself. */
function readyPods(slice: ClusterObject): string[] {
  return ((slice as Slice).endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready !== false)
    .map(({ targetRef, addresses }) => targetRef?.name ?? addresses?.[0] ?? 'unknown');
}
