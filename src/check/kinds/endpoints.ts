import type { V1EndpointSlice, V1Endpoints } from '@kubernetes/client-node';
import { z } from 'zod';
import type { Cluster, ClusterObject, Ref } from '../../cluster/cluster.ts';
import { parseRef } from '../../cluster/ref.ts';
import { isReadyPod, podsOf } from '../../cluster/wait/pods.ts';
import { refText } from '../../document/fields.ts';
import { MisfortuneError } from '../../errors.ts';
import type { Json } from '../../kubernetes.ts';
import { type CheckContext, type CheckKind, type Finding, objectAtRef } from '../kind.ts';
import { podNeeds } from '../needs.ts';

interface Spec {
  ref: string;
  are: string;
}

/** The ready endpoints of a service are exactly the ready pods of a workload, and at least one. */
export const endpoints: CheckKind<Spec> = {
  schema: z.strictObject({ ref: refText, are: refText }),
  evaluate,
  permissions: ({ ref, are }) => [
    {
      kind: 'endpointslices',
      group: 'discovery.k8s.io',
      namespace: parseRef(ref).namespace,
      verbs: ['list'],
    },
    ...podNeeds(are),
  ],
  references: ({ ref, are }) => [...objectAtRef({ ref }), { object: are, path: ['are'] }],
};

async function evaluate({ ref, are }: Spec, { cluster, signal }: CheckContext): Promise<Finding> {
  const service = parseRef(ref);
  const inService = new Set(await readyEndpoints(service, cluster, signal));
  const { running } = await podsOf(cluster, parseRef(are), signal);
  const pods = new Set(running.filter(isReadyPod).map(({ metadata }) => metadata.name));
  const missing = [...pods].filter((name) => !inService.has(name));
  const strange = [...inService].filter((name) => !pods.has(name));
  const parts = [`${inService.size} ready endpoints, ${pods.size} ready pods`];
  if (missing.length > 0) parts.push(`not in the service: ${missing.join(', ')}`);
  if (strange.length > 0) parts.push(`not of ${are}: ${strange.join(', ')}`);
  const holds = inService.size > 0 && missing.length === 0 && strange.length === 0;
  return { holds, value: inService.size, seen: parts.join('; ') };
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
    return ((found as Json<V1Endpoints> | undefined)?.subsets ?? []).flatMap(({ addresses = [] }) =>
      addresses.map(({ targetRef, ip }) => targetRef?.name ?? ip),
    );
  }
}

/** Names of the pods behind a slice's ready endpoints; an address without a pod counts by itself. */
function readyPods(slice: ClusterObject): string[] {
  return ((slice as Partial<Json<V1EndpointSlice>>).endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready !== false)
    .map(({ targetRef, addresses }) => targetRef?.name ?? addresses?.[0] ?? 'unknown');
}
