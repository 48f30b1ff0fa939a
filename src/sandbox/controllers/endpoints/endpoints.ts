import { isDeepStrictEqual } from 'node:util';
import type { ControllerContext } from '../context.ts';
import type { Service } from '../kinds.ts';
import { type Backend, isHeadless, lastChange } from './backends.ts';
import type { TargetPort } from './ports.ts';

const COMPONENT = 'endpoint-controller';
export const CHANGE_TIME = 'endpoints.kubernetes.io/last-change-trigger-time';

interface Subset {
  addresses?: object[];
  notReadyAddresses?: object[];
  ports?: TargetPort[];
}

/** Writes the (deprecated, but still read by many) Endpoints object of a service. */
export function syncEndpoints(
  { api }: ControllerContext,
  service: Service,
  backends: readonly Backend[],
): void {
  const { name, namespace } = service.metadata;
  const subsets = endpointSubsets(service, backends);
  const labels = {
    ...service.metadata.labels,
    'endpoints.kubernetes.io/managed-by': COMPONENT,
    ...(isHeadless(service) && { 'service.kubernetes.io/headless': '' }),
  };
  const annotations = { [CHANGE_TIME]: lastChange(service, backends) };
  const present = api.get('endpoints', namespace, name);
  if (!present) {
    api.create(
      'endpoints',
      {
        apiVersion: 'v1',
        kind: 'Endpoints',
        metadata: { name, namespace, labels, annotations },
        ...(subsets.length > 0 && { subsets }),
      },
      COMPONENT,
    );
    return;
  }
  const same =
    isDeepStrictEqual(present.subsets ?? [], subsets) && isDeepStrictEqual(present.metadata.labels, labels);
  if (same) return;
  api.update(
    'endpoints',
    namespace,
    name,
    (draft) => {
      draft.metadata.labels = labels;
      draft.metadata.annotations = { ...draft.metadata.annotations, ...annotations };
      if (subsets.length > 0) draft.subsets = subsets;
      else delete draft.subsets;
      return draft;
    },
    { by: COMPONENT },
  );
}

/** Addresses with the same ports together; terminating pods are left out. */
function endpointSubsets(service: Service, backends: readonly Backend[]): Subset[] {
  const groups = new Map<string, { ports: TargetPort[]; members: Backend[] }>();
  for (const backend of backends) {
    if (backend.terminating && !service.spec.publishNotReadyAddresses) continue;
    if (backend.ports.length === 0 && (service.spec.ports ?? []).length > 0) continue;
    const key = JSON.stringify(backend.ports);
    const group = groups.get(key) ?? { ports: backend.ports, members: [] };
    group.members.push(backend);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ ports, members }) => {
    const ready = members.filter((member) => member.ready).map((member) => address(service, member));
    const notReady = members.filter((member) => !member.ready).map((member) => address(service, member));
    return {
      ...(ready.length > 0 && { addresses: ready }),
      ...(notReady.length > 0 && { notReadyAddresses: notReady }),
      ...(ports.length > 0 && { ports: ports.map(withoutEmptyName) }),
    };
  });
}

function address(service: Service, { ip, pod }: Backend) {
  const { name, namespace, uid } = pod.metadata;
  return {
    ip,
    ...(hostnameIn(service, pod) && { hostname: pod.spec.hostname }),
    ...(pod.spec.nodeName && { nodeName: pod.spec.nodeName }),
    targetRef: { kind: 'Pod', namespace, name, uid },
  };
}

/** Whether the pod's hostname is known under the service's name. */
export function hostnameIn(service: Service, { spec, metadata }: Backend['pod']): boolean {
  return (
    Boolean(spec.hostname) &&
    spec.subdomain === service.metadata.name &&
    metadata.namespace === service.metadata.namespace
  );
}

function withoutEmptyName({ name, ...port }: TargetPort): TargetPort {
  return (name === '' ? port : { name, ...port }) as TargetPort;
}
