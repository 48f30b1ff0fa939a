/** The API server as its own process sees it: controllers, scheduler and kubelet call this without HTTP. */
import type { Api, KubeObject, SandboxClock } from '../api.ts';
import { ApiError } from '../api.ts';
import { bootstrap } from './bootstrap.ts';
import { same } from './json.ts';
import { createOperations, type Operations } from './operations.ts';
import type { ResourceDefinition } from './registry/definition.ts';
import { resourceName } from './registry/definition.ts';
import { definitionOf, definitions } from './registry/index.ts';
import { decode } from './schema/decode.ts';
import { matchesLabels, parseLabelSelector } from './selectors.ts';
import { createStore, type Store } from './store.ts';

export interface LocalApi extends Api {
  /** For the HTTPS server in front of the same objects. */
  readonly store: Store;
  readonly operations: Operations;
}

export interface ApiOptions {
  clock: Pick<SandboxClock, 'now'>;
  /** Numbers in [0, 1) for generated names and addresses. */
  random?: () => number;
  /** PEM of the cluster's CA, for the ConfigMap kube-root-ca.crt of each namespace. */
  caPem?: string;
  /** How many changes a watch can look back. */
  historyLimit?: number;
  /** Told of an error of one who watches. Default: it surfaces as uncaught. */
  report?: (error: unknown) => void;
}

/** An API with the namespaces and the service that every cluster starts with. */
export function createApi(options: ApiOptions): LocalApi {
  const store = createStore({ historyLimit: options.historyLimit, report: options.report });
  const operations = createOperations(store, () => options.clock.now(), options.random ?? Math.random);

  const api: LocalApi = {
    store,
    operations,
    get: (resource, namespace, name) => {
      const definition = known(resource);
      return store.get(resource, definition.namespaced ? namespace : undefined, name);
    },
    list(resource, { namespace, labelSelector } = {}) {
      known(resource);
      const all = store.list(resource, namespace);
      if (!labelSelector) return all;
      const requirements = parseLabelSelector(labelSelector);
      return all.filter((object) => matchesLabels(requirements, object.metadata.labels));
    },
    create(resource, object, by) {
      const definition = known(resource);
      return operations.create(definition, decode(definition.model, object), { manager: by });
    },
    update(resource, namespace, name, change, { subresource, by } = {}) {
      const definition = known(resource);
      const current = api.get(resource, namespace, name);
      if (!current) return undefined;
      let unchanged = false;
      const apply = (draft: KubeObject) => {
        const wanted = change(draft);
        unchanged = wanted === undefined || same(wanted, current);
        return decode<KubeObject>(definition.model, wanted ?? draft);
      };
      const updated = operations.update(definition, namespace, name, apply, { subresource, manager: by });
      return unchanged ? current : updated;
    },
    delete(resource, namespace, name, deletion = {}) {
      operations.delete(known(resource), namespace, name, deletion);
    },
    watch(resource, listener) {
      known(resource);
      return store.follow(
        resource,
        (object) => listener({ type: 'ADDED', object }),
        ({ type, object }) => listener({ type, object }),
      );
    },
    resources: () => definitions.map(resourceName),
  };
  bootstrap(api, options.caPem ?? '');
  return api;
}

function known(resource: string): ResourceDefinition {
  const definition = definitionOf(resource);
  if (!definition) {
    throw new ApiError(
      404,
      'NotFound',
      `the server has no resource ${resource}; it has pods, deployments.apps, …`,
    );
  }
  return definition;
}
