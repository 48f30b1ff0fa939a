import type { ControllerContext } from '../context.ts';
import type { Service } from '../kinds.ts';
import { matchesLabels } from '../selector.ts';
import { keyOf, splitKey } from '../work-queue.ts';
import { backendsOf, isManaged } from './backends.ts';
import { syncEndpoints } from './endpoints.ts';
import { syncSlices } from './slices.ts';

/** Keeps Endpoints and EndpointSlices of services in step with the pods that they select. */
export function startEndpointsController(context: ControllerContext): () => void {
  const { api, dispatcher } = context;
  const queue = dispatcher.queue('endpoints', (key) => {
    const { namespace, name } = splitKey(key);
    const service = api.get('services', namespace, name) as Service | undefined;
    if (!service) {
      removeEndpoints(context, namespace, name);
      return;
    }
    if (!isManaged(service) || service.metadata.deletionTimestamp) return;
    const backends = backendsOf(api, service);
    syncEndpoints(context, service, backends);
    syncSlices(context, service, backends);
  });
  /** Labels that a pod had, by its key: a pod that is relabelled must leave its former services. */
  const formerLabels = new Map<string, Record<string, string> | undefined>();
  const stops = [
    api.watch('services', ({ object }) => queue.add(keyOf(object))),
    api.watch('pods', ({ type, object: pod }) => {
      const key = keyOf(pod);
      const former = formerLabels.get(key);
      const { labels, namespace } = pod.metadata;
      if (type === 'DELETED') formerLabels.delete(key);
      else formerLabels.set(key, labels);
      for (const service of api.list('services', { namespace }) as Service[]) {
        const selector = service.spec.selector ?? {};
        if (!isManaged(service)) continue;
        if (matchesLabels(selector, labels) || (former && matchesLabels(selector, former)))
          queue.add(keyOf(service));
      }
    }),
    // What somebody else changed or deleted is put right again.
    api.watch('endpoints', ({ type, object }) => type !== 'ADDED' && queue.add(keyOf(object))),
    api.watch('endpointslices.discovery.k8s.io', ({ type, object: { metadata } }) => {
      const service = metadata.labels?.['kubernetes.io/service-name'];
      if (type !== 'ADDED' && service) queue.add(`${metadata.namespace}/${service}`);
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Endpoints have no owner; slices do, and are left to garbage collection. */
function removeEndpoints({ api }: ControllerContext, namespace: string, name: string): void {
  const endpoints = api.get('endpoints', namespace, name);
  if (endpoints?.metadata.labels?.['endpoints.kubernetes.io/managed-by'] === undefined) return;
  api.delete('endpoints', namespace, name, { uid: endpoints.metadata.uid });
}
