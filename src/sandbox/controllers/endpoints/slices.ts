import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../api.ts';
import type { ControllerContext } from '../context.ts';
import type { Service } from '../kinds.ts';
import { controllerReference } from '../owner.ts';
import { type Backend, isHeadless, lastChange } from './backends.ts';
import { CHANGE_TIME, hostnameIn } from './endpoints.ts';
import type { TargetPort } from './ports.ts';

const RESOURCE = 'endpointslices.discovery.k8s.io';
const MANAGER = 'endpointslice-controller.k8s.io';
const SERVICE_NAME = 'kubernetes.io/service-name';
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
/** Endpoints in one slice at most (the default of kube-controller-manager). */
const SLICE_SIZE = 100;

interface SliceContent {
  endpoints: object[] | null;
  ports: TargetPort[] | null;
}

/** Writes the EndpointSlices of a service, using slices that are there before making others. */
export function syncSlices({ api }: ControllerContext, service: Service, backends: readonly Backend[]): void {
  const { namespace } = service.metadata;
  const labels = {
    ...service.metadata.labels,
    [MANAGED_BY]: MANAGER,
    [SERVICE_NAME]: service.metadata.name,
    ...(isHeadless(service) && { 'service.kubernetes.io/headless': '' }),
  };
  const annotations = { [CHANGE_TIME]: lastChange(service, backends) };
  const present = slicesOf(api, service);
  const unused = new Set(present);
  const take = (content: SliceContent) => {
    const exact = [...unused].find((slice) => isDeepStrictEqual(slice.ports ?? null, content.ports));
    const slice = exact ?? [...unused][0];
    if (slice) unused.delete(slice);
    return slice;
  };
  for (const content of sliceContents(service, backends)) {
    const slice = take(content);
    if (!slice) {
      const metadata = {
        generateName: `${service.metadata.name}-`,
        namespace,
        labels,
        annotations,
        ownerReferences: [controllerReference(service)],
      };
      const kind = 'EndpointSlice';
      const apiVersion = 'discovery.k8s.io/v1';
      api.create(RESOURCE, { apiVersion, kind, metadata, addressType: 'IPv4', ...content }, MANAGER);
    } else if (!isSame(slice, content, labels)) {
      api.update(
        RESOURCE,
        namespace,
        slice.metadata.name,
        (draft) => {
          draft.metadata.labels = labels;
          draft.metadata.annotations = { ...draft.metadata.annotations, ...annotations };
          return { ...draft, ...content };
        },
        { by: MANAGER },
      );
    }
  }
  for (const slice of unused)
    api.delete(RESOURCE, namespace, slice.metadata.name, { uid: slice.metadata.uid });
}

function slicesOf(api: ControllerContext['api'], service: Service): KubeObject[] {
  const { namespace, name } = service.metadata;
  const labelSelector = `${SERVICE_NAME}=${name},${MANAGED_BY}=${MANAGER}`;
  return api
    .list(RESOURCE, { namespace, labelSelector })
    .filter((slice) => !slice.metadata.deletionTimestamp);
}

/** One slice for each set of ports, split when it grows too long; an empty one if there is nothing. */
function sliceContents(service: Service, backends: readonly Backend[]): SliceContent[] {
  const groups = new Map<string, { ports: TargetPort[]; endpoints: object[] }>();
  for (const backend of backends) {
    const key = JSON.stringify(backend.ports);
    const group = groups.get(key) ?? { ports: backend.ports, endpoints: [] };
    group.endpoints.push(endpoint(service, backend));
    groups.set(key, group);
  }
  const contents = [...groups.values()].flatMap(({ ports, endpoints }) => {
    const parts: SliceContent[] = [];
    for (let from = 0; from < endpoints.length; from += SLICE_SIZE) {
      parts.push({ ports, endpoints: endpoints.slice(from, from + SLICE_SIZE) });
    }
    return parts;
  });
  return contents.length > 0 ? contents : [{ endpoints: null, ports: null }];
}

function endpoint(service: Service, { ip, pod, ready, serving, terminating }: Backend): object {
  const { name, namespace, uid } = pod.metadata;
  return {
    addresses: [ip],
    conditions: { ready, serving, terminating },
    ...(hostnameIn(service, pod) && { hostname: pod.spec.hostname }),
    targetRef: { kind: 'Pod', namespace, name, uid },
    ...(pod.spec.nodeName && { nodeName: pod.spec.nodeName }),
  };
}

function isSame(slice: KubeObject, content: SliceContent, labels: Record<string, string>): boolean {
  return (
    isDeepStrictEqual(slice.endpoints ?? null, content.endpoints) &&
    isDeepStrictEqual(slice.ports ?? null, content.ports) &&
    isDeepStrictEqual(slice.metadata.labels, labels)
  );
}
