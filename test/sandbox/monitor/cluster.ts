import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import type {
  Api,
  ContainerUsage,
  Kubelet,
  KubeObject,
  Network,
  SandboxClock,
  WatchEvent,
} from '../../../src/sandbox/api.ts';

/** A cluster as small as the monitor needs it: objects in a map, pods that are real HTTP servers on loopback. */
export class SmallCluster {
  readonly #objects = new Map<string, Map<string, KubeObject>>();
  readonly #listeners = new Map<string, Set<(event: WatchEvent) => void>>();
  readonly #servers = new Map<string, Server>();
  #serial = 0;
  usage: ContainerUsage[] = [];

  readonly api = {
    get: (resource, namespace, name) => this.#of(resource).get(`${namespace ?? ''}/${name}`),
    list: (resource) => [...this.#of(resource).values()],
    watch: (resource, listener) => {
      const listeners = this.#listeners.get(resource) ?? new Set();
      this.#listeners.set(resource, listeners.add(listener));
      for (const object of this.#of(resource).values()) listener({ type: 'ADDED', object });
      return () => void listeners.delete(listener);
    },
    create: (resource, object) => this.put(resource, object as Parameters<SmallCluster['put']>[1]),
    resources: () => [...this.#objects.keys()],
  } as Partial<Api> as Api;

  readonly network = {
    fetch: async (host, port, path, options) => {
      const server = this.#servers.get(`${host}:${port}`);
      if (!server) throw new Error(`connect ECONNREFUSED ${host}:${port}`);
      const real = (server.address() as AddressInfo).port;
      const signal = AbortSignal.timeout(options?.timeoutMs ?? 1000);
      const answer = await fetch(`http://127.0.0.1:${real}${path}`, { signal, headers: options?.headers });
      return { status: answer.status, body: await answer.text() };
    },
    connect: async (host, port) =>
      connect((this.#servers.get(`${host}:${port}`)!.address() as AddressInfo).port),
  } as Partial<Network> as Network;

  readonly kubelet = { usage: () => this.usage, nodeUsage: () => undefined } as Partial<Kubelet> as Kubelet;

  readonly clock: SandboxClock = {
    now: () => Date.now(),
    setTimeout: (action, ms) => {
      const timer = setTimeout(action, ms);
      return () => clearTimeout(timer);
    },
    setInterval: (action, ms) => {
      const timer = setInterval(action, ms);
      return () => clearInterval(timer);
    },
  };

  /** Adds or replaces an object and tells the watchers. */
  put(
    resource: string,
    object: Pick<KubeObject, 'kind'> & { metadata: Partial<KubeObject['metadata']> } & Record<
        string,
        unknown
      >,
  ): KubeObject {
    const { namespace = '', name = '' } = object.metadata;
    const known = this.#of(resource).get(`${namespace}/${name}`);
    const stored = {
      apiVersion: 'v1',
      ...object,
      metadata: {
        name,
        uid: known?.metadata.uid ?? `uid-${++this.#serial}`,
        resourceVersion: String(++this.#serial),
        creationTimestamp: '2026-01-01T00:00:00Z',
        ...object.metadata,
      },
    } as KubeObject;
    this.#of(resource).set(`${namespace}/${name}`, stored);
    this.#tell(resource, { type: known ? 'MODIFIED' : 'ADDED', object: stored });
    return stored;
  }

  remove(resource: string, namespace: string, name: string): void {
    const object = this.#of(resource).get(`${namespace}/${name}`)!;
    this.#of(resource).delete(`${namespace}/${name}`);
    this.#tell(resource, { type: 'DELETED', object });
  }

  /** A pod whose port 9100 answers with `metrics()` on /metrics. */
  async pod(
    name: string,
    metrics: () => string,
    labels: Record<string, string> = { app: 'checkout' },
  ): Promise<KubeObject> {
    const server = createServer((_, response) => response.end(metrics()));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const podIP = `10.244.0.${this.#servers.size + 5}`;
    this.#servers.set(`${podIP}:9100`, server);
    return this.put('pods', {
      kind: 'Pod',
      metadata: {
        name,
        namespace: 'shop',
        labels,
        annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '9100' },
      },
      spec: { nodeName: 'node-1', containers: [{ name: 'main', ports: [{ containerPort: 9100 }] }] },
      status: { phase: 'Running', podIP, containerStatuses: [] },
    });
  }

  close(): void {
    for (const server of this.#servers.values()) {
      server.close();
      server.closeAllConnections();
    }
  }

  #of(resource: string): Map<string, KubeObject> {
    const objects = this.#objects.get(resource) ?? new Map<string, KubeObject>();
    this.#objects.set(resource, objects);
    return objects;
  }

  #tell(resource: string, event: WatchEvent): void {
    for (const listener of this.#listeners.get(resource) ?? []) listener(event);
  }
}

/** Polls until `read` gives something true. */
export async function until<T>(
  read: () => Promise<T> | T,
  what: string,
  timeoutMs = 15_000,
): Promise<NonNullable<T>> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await read();
    if (value) return value as NonNullable<T>;
    if (Date.now() > deadline) throw new Error(`Expected ${what} within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Unwraps a reply of the Prometheus API. */
export async function data<T>(url: string): Promise<T> {
  const answer = (await (await fetch(url)).json()) as { status: string; data: T; error?: string };
  if (answer.status !== 'success') throw new Error(answer.error);
  return answer.data;
}
