/** The API server as its own process sees it: controllers, scheduler and kubelet call this without HTTP. */
import type { Api, KubeObject, SandboxClock } from '../api.ts';
import { ApiError } from '../api.ts';
import { bootstrap } from './bootstrap.ts';
import { createKinds, type Kinds } from './custom/kinds.ts';
import { followDefinitions } from './custom/lifecycle.ts';
import { same } from './json.ts';
import { CRDS } from './kinds/customresourcedefinition/customresourcedefinition.ts';
import type { ResourceDefinition } from './kinds/definition.ts';
import { resourceName } from './kinds/definition.ts';
import { definitions } from './kinds/kinds.ts';
import { createOperations, type Operations } from './operations.ts';
import { readAs } from './schema/read.ts';
import { matchesLabels, parseLabelSelector } from './selectors.ts';
import { createStore, type Store } from './store.ts';

export interface LocalApi extends Api {
  /** For the HTTPS server in front of the same objects. */
  readonly store: Store;
  readonly operations: Operations;
  /** The kinds that there are now, custom ones among them. */
  kinds(): Kinds;
}

export interface ApiOptions {
  clock: Pick<SandboxClock, 'now'>;
  /** Numbers in [0, 1) for generated names and addresses. */
  random?: () => number;
  /** PEM of the cluster's CA, for the ConfigMap kube-root-ca.crt of each namespace. */
  caPem?: string;
  /** Told of an error of one who watches. Default: it surfaces as uncaught. */
  report?: (error: unknown) => void;
}

/** An API with the namespaces and the service that every cluster starts with. */
export function createApi(options: ApiOptions): LocalApi {
  const store = createStore({ report: options.report });
  const operations = createOperations(store, () => options.clock.now(), options.random ?? Math.random);

  const kinds = createKinds(store);
  const known = (resource: string) => kinds().definitionOf(resource) ?? refuse(resource);

  const api: LocalApi = {
    store,
    operations,
    kinds,
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
      return operations.create(definition, readAs(definition, object), { manager: by });
    },
    update(resource, namespace, name, change, { subresource, by } = {}) {
      const definition = known(resource);
      const current = api.get(resource, namespace, name);
      if (!current) return undefined;
      let unchanged = false;
      const apply = (draft: KubeObject) => {
        const wanted = change(draft);
        unchanged = wanted === undefined || same(wanted, current);
        return readAs<KubeObject>(definition, wanted ?? draft);
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
    watchAll(listener) {
      const stops = new Map<string, () => void>();
      const begin = () => {
        for (const resource of api.resources()) {
          if (stops.has(resource)) continue;
          stops.set(
            resource,
            api.watch(resource, (event) => listener(resource, event)),
          );
        }
      };
      begin();
      const stop = api.watch(CRDS, begin);
      return () => {
        stop();
        for (const end of stops.values()) end();
      };
    },
    resources: () => [...definitions, ...kinds().custom].map(resourceName),
  };
  bootstrap(api, options.caPem ?? '');
  followDefinitions(api, () => options.clock.now());
  return api;
}

function refuse(resource: string): ResourceDefinition {
  throw new ApiError(
    404,
    'NotFound',
    `the server has no resource ${resource}; it has pods, deployments.apps, …`,
  );
}
