import type { V1SubjectRulesReviewStatus } from '@kubernetes/client-node';
import { type Clock, realClock } from '../../clock.ts';
import type {
  AccessRule,
  Cluster,
  ClusterObject,
  PatchType,
  Permission,
  Ref,
  ResourceKind,
} from '../cluster.ts';
import { ClusterError, notKubernetes } from '../cluster-error.ts';
import { formatRef } from '../ref.ts';
import type { Credentials } from './credentials.ts';
import { Discovery, type KnownKind } from './discovery.ts';
import { type Request, type Timeouts, Transport } from './transport.ts';
import { watchKind } from './watch.ts';

const patchTypes: Record<PatchType, string> = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
};

const pageSize = 500;

/** The verbs of one API server over plain HTTPS; authentication is client-node's (credentials.ts). */
export class KubeCluster implements Cluster {
  readonly context: string;
  readonly server: string;
  readonly #credentials: Credentials;
  readonly #transport: Transport;
  readonly #discovery: Discovery;
  readonly #clock: Clock;

  constructor(credentials: Credentials, timeouts: Timeouts, clock: Clock = realClock) {
    this.context = credentials.context;
    this.server = credentials.server;
    this.#credentials = credentials;
    this.#transport = new Transport(credentials, timeouts);
    this.#clock = clock;
    this.#discovery = new Discovery((path, accept) => this.#discover(path, accept));
  }

  async kind(ref: Pick<Ref, 'kind' | 'group'>): Promise<ResourceKind> {
    return resourceKind(await this.#discovery.find(ref));
  }

  async kinds(): Promise<ResourceKind[]> {
    return (await this.#discovery.preferred()).map(resourceKind);
  }

  async get(ref: Ref, signal?: AbortSignal): Promise<ClusterObject | undefined> {
    const path = await this.#objectPath(ref);
    const request = { method: 'GET', path, what: `get ${formatRef(ref)}` };
    const answer = await this.#transport.send(request, signal);
    if (answer.status === 404) return undefined;
    if (answer.status >= 400) throw this.#transport.errorOf(request, answer);
    return this.#parse(request, answer.body);
  }

  async list(
    kind: Pick<Ref, 'kind' | 'group'>,
    options: { namespace?: string; labelSelector?: string; fieldSelector?: string } = {},
    signal?: AbortSignal,
  ): Promise<ClusterObject[]> {
    const { items } = await this.#list(await this.#discovery.find(kind), options, signal);
    return items;
  }

  async create(
    object: ClusterObject,
    options: { dryRun?: boolean } = {},
    signal?: AbortSignal,
  ): Promise<ClusterObject> {
    const kind = await this.#discovery.ofObject(object.apiVersion, object.kind);
    const path = this.#collectionPath(kind, object.metadata.namespace ?? this.#credentials.namespace);
    const what = `create ${kind.resource} ${object.metadata.name}`;
    return await this.#write(
      'POST',
      path + query({ dryRun: options.dryRun && 'All' }),
      what,
      object,
      {},
      signal,
    );
  }

  async replace(
    object: ClusterObject,
    options: { dryRun?: boolean } = {},
    signal?: AbortSignal,
  ): Promise<ClusterObject> {
    const kind = await this.#discovery.ofObject(object.apiVersion, object.kind);
    const { name, namespace } = object.metadata;
    const path = `${this.#collectionPath(kind, namespace ?? this.#credentials.namespace)}/${encodeURIComponent(name)}`;
    const what = `replace ${kind.resource} ${name}`;
    return await this.#write(
      'PUT',
      path + query({ dryRun: options.dryRun && 'All' }),
      what,
      object,
      {},
      signal,
    );
  }

  async patch(
    ref: Ref,
    type: PatchType,
    body: unknown,
    options: { dryRun?: boolean; subresource?: string } = {},
    signal?: AbortSignal,
  ): Promise<ClusterObject> {
    const base = await this.#objectPath(ref);
    const path = options.subresource ? `${base}/${options.subresource}` : base;
    const headers = { 'content-type': patchTypes[type] };
    const what = `patch ${formatRef(ref)}`;
    return await this.#write(
      'PATCH',
      path + query({ dryRun: options.dryRun && 'All' }),
      what,
      body,
      headers,
      signal,
    );
  }

  async delete(
    ref: Ref,
    options: {
      uid?: string;
      resourceVersion?: string;
      propagation?: 'Background' | 'Foreground' | 'Orphan';
      gracePeriodSeconds?: number;
      dryRun?: boolean;
    } = {},
    signal?: AbortSignal,
  ): Promise<boolean> {
    const { uid, resourceVersion } = options;
    const path = await this.#objectPath(ref);
    const body = {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      propagationPolicy: options.propagation ?? 'Background',
      ...((uid || resourceVersion) && { preconditions: { uid, resourceVersion } }),
      ...(options.gracePeriodSeconds !== undefined && { gracePeriodSeconds: options.gracePeriodSeconds }),
      ...(options.dryRun && { dryRun: ['All'] }),
    };
    const request = { method: 'DELETE', path, what: `delete ${formatRef(ref)}`, body: JSON.stringify(body) };
    const answer = await this.#transport.send(request, signal);
    if (answer.status < 400) return true;
    if (answer.status === 404) return false;
    if (answer.status === 409 && uid) {
      const now = await this.get(ref, signal);
      if (now?.metadata.uid !== uid) return false;
    }
    throw this.#transport.errorOf(request, answer);
  }

  async watch(
    kind: Pick<Ref, 'kind' | 'group'>,
    options: { namespace?: string; labelSelector?: string },
    listener: (event: { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: ClusterObject }) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const found = await this.#discovery.find(kind);
    const path = this.#collectionPath(found, options.namespace);
    const selector = { labelSelector: options.labelSelector };
    await watchKind(
      {
        list: async () => await this.#list(found, options, signal),
        stream: (resourceVersion) => {
          const parameters = {
            ...selector,
            watch: 'true',
            allowWatchBookmarks: 'true',
            timeoutSeconds: '300',
            resourceVersion,
          };
          const what = `watch ${found.resource}`;
          return this.#transport.lines({ method: 'GET', path: path + query(parameters), what }, signal);
        },
      },
      listener,
      this.#clock,
      signal,
    );
  }

  async can(permission: Permission, signal?: AbortSignal): Promise<boolean> {
    const { verb, group, resource, subresource, namespace, name } = permission;
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { verb, group, resource, subresource, namespace, name } },
    };
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
    const answer = await this.#write(
      'POST',
      path,
      `ask for the permission to ${verb} ${resource}`,
      review,
      {},
      signal,
    );
    return (answer.status as { allowed?: boolean } | undefined)?.allowed === true;
  }

  async rules(namespace: string, signal?: AbortSignal): Promise<AccessRule[] | undefined> {
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectRulesReview',
      spec: { namespace },
    };
    const path = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews';
    const what = `ask what is allowed in the namespace ${namespace}`;
    const request = { method: 'POST', path, what, body: JSON.stringify(review) };
    const answer = await this.#transport.send(request, signal);
    // Not everybody may ask this everywhere.
    if (answer.status === 403 || answer.status === 404) return undefined;
    if (answer.status >= 400) throw this.#transport.errorOf(request, answer);
    const { status } = this.#parse(request, answer.body) as { status?: V1SubjectRulesReviewStatus };
    if (!status?.resourceRules || status.incomplete || status.evaluationError) return undefined;
    return status.resourceRules.map(({ verbs = [], apiGroups = [], resources = [], resourceNames = [] }) => ({
      ...{ verbs, resources },
      groups: apiGroups,
      names: resourceNames,
    }));
  }

  async logs(
    pod: { namespace: string; name: string; container?: string; tailLines?: number; sinceSeconds?: number },
    signal?: AbortSignal,
  ): Promise<string> {
    const { container, tailLines, sinceSeconds } = pod;
    const path = `/api/v1/namespaces/${pod.namespace}/pods/${encodeURIComponent(pod.name)}/log`;
    const parameters = query({
      container,
      tailLines: tailLines?.toString(),
      sinceSeconds: sinceSeconds?.toString(),
    });
    const what = `read the log of pod/${pod.namespace}/${pod.name}`;
    const headers = { accept: '*/*' };
    return (await this.#transport.expect({ method: 'GET', path: path + parameters, what, headers }, signal))
      .body;
  }

  async raw(
    path: string,
    options: { method?: string; body?: string; headers?: Record<string, string> } = {},
    signal?: AbortSignal,
  ): Promise<{ status: number; body: string; date?: string }> {
    const { method = 'GET', body, headers } = options;
    const {
      status,
      body: answer,
      date,
    } = await this.#transport.send(
      { method, path, what: `${method} ${path.split('?')[0]}`, body, headers },
      signal,
    );
    return { status, body: answer, ...(date !== undefined && { date }) };
  }

  close(): void {
    this.#credentials.close();
  }

  async #list(
    kind: KnownKind,
    options: { namespace?: string; labelSelector?: string; fieldSelector?: string },
    signal?: AbortSignal,
  ): Promise<{ items: ClusterObject[]; resourceVersion: string }> {
    const { labelSelector, fieldSelector } = options;
    const items: ClusterObject[] = [];
    let page: string | undefined;
    for (;;) {
      const parameters = query({ labelSelector, fieldSelector, limit: String(pageSize), continue: page });
      const path = this.#collectionPath(kind, options.namespace) + parameters;
      const where = options.namespace ? ` in ${options.namespace}` : '';
      const request = { method: 'GET', path, what: `list ${kind.resource}${where}` };
      const answer = await this.#transport.expect(request, signal);
      const list = this.#parse(request, answer.body) as unknown as ListBody;
      // Items of a list carry neither; everything here expects whole objects.
      const head = { apiVersion: kind.apiVersion, kind: kind.kind };
      for (const item of list.items ?? []) items.push({ ...item, ...head });
      page = list.metadata?.continue || undefined;
      if (page === undefined) return { items, resourceVersion: list.metadata?.resourceVersion ?? '' };
    }
  }

  async #write(
    method: string,
    path: string,
    what: string,
    body: unknown,
    headers: Record<string, string>,
    signal?: AbortSignal,
  ): Promise<ClusterObject> {
    const request = { method, path, what, body: JSON.stringify(body), headers };
    const answer = await this.#transport.expect(request, signal);
    return this.#parse(request, answer.body);
  }

  #parse(request: Request, body: string): ClusterObject {
    try {
      const value = JSON.parse(body) as ClusterObject;
      if (value !== null && typeof value === 'object') return value;
    } catch {
      // Falls through: whatever is no JSON object is not Kubernetes'.
    }
    throw notKubernetes(this.#transport.asked(request));
  }

  async #discover(path: string, accept?: string): Promise<unknown> {
    const request: Request = { method: 'GET', path, what: 'ask which kinds there are' };
    if (accept) request.headers = { accept };
    const answer = await this.#transport.send(request);
    // A broken aggregated API answers 503 for its group only; the others count.
    const isGroup = path.startsWith('/apis/');
    if (answer.status >= 400 && isGroup) return undefined;
    if (answer.status >= 400) throw this.#transport.errorOf(request, answer);
    return this.#parse(request, answer.body);
  }

  async #objectPath(ref: Ref): Promise<string> {
    const kind = await this.#discovery.find(ref);
    if (!ref.name) throw new ClusterError('bad-ref', `Expected a name in ${formatRef(ref)}.`);
    return `${this.#collectionPath(kind, ref.namespace ?? this.#credentials.namespace)}/${encodeURIComponent(ref.name)}`;
  }

  #collectionPath(kind: KnownKind, namespace: string | undefined): string {
    const root = kind.group ? `/apis/${kind.group}/${kind.version}` : `/api/${kind.version}`;
    const scope = kind.namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : '';
    return `${root}${scope}/${kind.resource}`;
  }
}

const resourceKind = ({ apiVersion, kind, resource, namespaced }: KnownKind): ResourceKind => ({
  ...{ apiVersion, kind, resource, namespaced },
});

interface ListBody {
  metadata?: { resourceVersion?: string; continue?: string };
  items?: ClusterObject[];
}

function query(parameters: Record<string, string | false | undefined>): string {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => !!entry[1]);
  return given.length > 0 ? `?${new URLSearchParams(given)}` : '';
}
