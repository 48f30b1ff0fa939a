import type { ClusterObject } from '../../src/cluster/cluster.ts';
import type { Api, KubeObject } from '../../src/sandbox/api.ts';

const resource = 'networkchaos.chaos-mesh.org';
const finalizer = 'chaos-mesh/records';
const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

/** Of Chaos Mesh's definition what the tests use. Like there, the status is no subresource. */
const definition: ClusterObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: resource },
  spec: {
    group: 'chaos-mesh.org',
    scope: 'Namespaced',
    names: { plural: 'networkchaos', singular: 'networkchaos', kind: 'NetworkChaos' },
    versions: [
      {
        ...{ name: 'v1alpha1', served: true, storage: true },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            required: ['spec'],
            properties: {
              spec: {
                type: 'object',
                required: ['action', 'mode', 'selector'],
                properties: {
                  action: { type: 'string', enum: ['netem', 'delay', 'loss', 'partition'] },
                  mode: { type: 'string', enum: ['one', 'all', 'fixed'] },
                  direction: { type: 'string', default: 'to' },
                  duration: { type: 'string' },
                  ...Object.fromEntries(
                    ['selector', 'target', 'delay', 'loss'].map((key) => [key, anything]),
                  ),
                },
              },
              status: anything,
            },
          },
        },
      },
    ],
  },
};

/**
 * The part of Chaos Mesh's controllers that others see: a finalizer before anything is injected, records and conditions while
 * it is, and the finalizer gone once all is recovered. Pods are disturbed on paper.
 */
export class PaperChaosMesh {
  /** Pods that are disturbed now: `namespace/name`. */
  readonly disturbed = new Set<string>();
  /** What it fails to do, as if its daemon were not there. */
  fails: 'inject' | 'recover' | undefined;

  /** Installs the definition and begins. Gives its stop. */
  start(api: Api): () => void {
    api.create('customresourcedefinitions.apiextensions.k8s.io', definition);
    return api.watch(resource, ({ type, object }) => {
      if (type === 'DELETED') return;
      const { namespace, name, uid } = object.metadata;
      setTimeout(() => this.step(api, () => fresh(api, namespace, name, uid)), 5);
    });
  }

  private step(api: Api, look: () => KubeObject | undefined): void {
    const object = look();
    if (!object) return;
    const { metadata, spec, status } = object;
    const update = (change: (draft: KubeObject) => void) =>
      api.update(resource, metadata.namespace, metadata.name, (draft) => {
        if (draft.metadata.uid !== metadata.uid) return undefined;
        change(draft);
        return draft;
      });
    const records: { id: string; phase: string }[] | undefined = status?.experiment?.containerRecords;
    if (metadata.deletionTimestamp) {
      if (this.fails === 'recover' || !metadata.finalizers?.includes(finalizer)) return;
      if (records?.some(({ phase }) => phase === 'Injected')) {
        for (const { id } of records) this.disturbed.delete(id);
        update((draft) => Object.assign(draft, { status: statusOf(records, 'Not Injected') }));
      } else
        update((draft) => {
          draft.metadata.finalizers = [];
        });
    } else if (!metadata.finalizers?.includes(finalizer))
      update((draft) => {
        draft.metadata.finalizers = [...(draft.metadata.finalizers ?? []), finalizer];
      });
    else if (!records)
      update((draft) => Object.assign(draft, { status: statusOf(podsOf(api, spec), 'Not Injected') }));
    else if (this.fails !== 'inject' && records.some(({ phase }) => phase !== 'Injected')) {
      const written = update((draft) => Object.assign(draft, { status: statusOf(records, 'Injected') }));
      if (written) for (const { id } of records) this.disturbed.add(id);
    }
  }
}

function fresh(
  api: Api,
  namespace: string | undefined,
  name: string,
  uid: string | undefined,
): KubeObject | undefined {
  const object = api.get(resource, namespace, name);
  return object?.metadata.uid === uid ? object : undefined;
}

function podsOf(api: Api, spec: KubeObject): { id: string }[] {
  const { namespaces, labelSelectors = {} } = spec.selector as {
    namespaces: string[];
    labelSelectors?: object;
  };
  const labelSelector = Object.entries(labelSelectors)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  return namespaces
    .flatMap((namespace) => api.list('pods', { namespace, labelSelector }))
    .map(({ metadata }) => ({ id: `${metadata.namespace}/${metadata.name}` }));
}

function statusOf(records: readonly { id: string }[], phase: 'Injected' | 'Not Injected'): object {
  const all = { Selected: true, AllInjected: phase === 'Injected', AllRecovered: phase !== 'Injected' };
  return {
    conditions: Object.entries(all).map(([type, holds]) => ({ type, status: holds ? 'True' : 'False' })),
    experiment: { desiredPhase: 'Run', containerRecords: records.map(({ id }) => ({ id, phase })) },
  };
}
