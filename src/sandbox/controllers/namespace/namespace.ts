import { isDeepStrictEqual } from 'node:util';
import { ApiError, type KubeObject } from '../../api.ts';
import type { ControllerContext } from '../context.ts';
import type { Namespace } from '../kinds.ts';
import { timestamp } from '../time.ts';
import { deletionConditions, type Remaining } from './conditions.ts';

const FINALIZER = 'kubernetes';
/** What other parties hold is looked at again after this time at the latest. */
const RECHECK_MS = 5000;

/** Empties namespaces that are being deleted and lets them go when nothing is left. */
export function startNamespaceController(context: ControllerContext): () => void {
  const { api, dispatcher } = context;
  const terminating = new Set<string>();
  const queue = dispatcher.queue('namespace', (name) => {
    const namespace = api.get('namespaces', undefined, name) as Namespace | undefined;
    if (!namespace?.metadata.deletionTimestamp || !namespace.spec.finalizers?.includes(FINALIZER)) {
      terminating.delete(name);
      return;
    }
    if (empty(context, namespace)) finalize(context, namespace);
    else queue.addAfter(name, RECHECK_MS);
  });
  const stops = [
    api.watch('namespaces', ({ type, object }) => {
      if (type === 'DELETED' || !object.metadata.deletionTimestamp) return;
      terminating.add(object.metadata.name);
      queue.add(object.metadata.name);
    }),
    api.watchAll((_, { type, object }) => {
      const { namespace } = object.metadata;
      if (type === 'DELETED' && namespace !== undefined && terminating.has(namespace)) queue.add(namespace);
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Deletes what can be deleted. True if nothing is left. */
function empty(context: ControllerContext, namespace: Namespace): boolean {
  const { api } = context;
  const { name } = namespace.metadata;
  const remaining: Remaining = { resources: new Map(), finalizers: new Map(), failures: [] };
  for (const resource of api.resources()) {
    for (const object of contents(context, resource, name)) {
      if (object.metadata.deletionTimestamp) continue;
      try {
        api.delete(resource, name, object.metadata.name, {
          uid: object.metadata.uid,
          propagationPolicy: 'Background',
        });
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (error.code !== 404) remaining.failures.push(error.message);
      }
    }
    const left = contents(context, resource, name);
    if (left.length > 0) remaining.resources.set(resource, left.length);
    for (const object of left) {
      for (const finalizer of object.metadata.finalizers ?? []) {
        remaining.finalizers.set(finalizer, (remaining.finalizers.get(finalizer) ?? 0) + 1);
      }
    }
  }
  const conditions = deletionConditions(
    namespace.status.conditions ?? [],
    remaining,
    timestamp(context.clock),
  );
  if (!isDeepStrictEqual(conditions, namespace.status.conditions)) {
    api.update(
      'namespaces',
      undefined,
      name,
      (draft) => ({ ...draft, status: { ...draft.status, conditions } }),
      {
        subresource: 'status',
      },
    );
  }
  return remaining.resources.size === 0;
}

function contents({ api }: ControllerContext, resource: string, namespace: string): KubeObject[] {
  return api.list(resource, { namespace }).filter((object) => object.metadata.namespace === namespace);
}

function finalize({ api }: ControllerContext, namespace: Namespace): void {
  api.update(
    'namespaces',
    undefined,
    namespace.metadata.name,
    (draft) => {
      const finalizers = (draft.spec.finalizers ?? []).filter((finalizer: string) => finalizer !== FINALIZER);
      return { ...draft, spec: { ...draft.spec, finalizers } };
    },
    { subresource: 'finalize' },
  );
}
