/**
 * The seams inside the sandbox process: what apiserver, controllers, kubelet, network and monitor know of
 * each other. Each part implements one of these interfaces and is handed the others; src/sandbox/main.ts
 * wires them. Nothing outside src/sandbox imports this file.
 */
import type { Duplex } from 'node:stream';
import type { V1ObjectMeta, V1OwnerReference } from '@kubernetes/client-node';
import type { Filled, Json } from '../kubernetes.ts';

/** Any Kubernetes object as JSON. Parts narrow it with the types of @kubernetes/client-node where it helps. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  // biome-ignore lint/suspicious/noExplicitAny: spec, status, data … differ by kind; the registry validates them
  [field: string]: any;
}

export type ObjectMeta = Omit<
  Filled<Json<V1ObjectMeta>, 'name' | 'uid' | 'resourceVersion' | 'creationTimestamp'>,
  'managedFields'
> & { managedFields?: unknown[] };

export type OwnerReference = V1OwnerReference;

/** A resource by its plural and group: `pods`, `deployments.apps`, `jobs.batch`, `endpointslices.discovery.k8s.io`. */
export type ResourceName = string;

export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: KubeObject;
}

/**
 * The API server as seen from inside its process (controllers, scheduler, kubelet). The same admission,
 * defaulting, validation and optimistic locking as over HTTPS; calls are synchronous, errors are ApiError.
 * Objects handed out are frozen snapshots: clone before changing.
 */
export interface Api {
  get(resource: ResourceName, namespace: string | undefined, name: string): KubeObject | undefined;
  list(
    resource: ResourceName,
    options?: { namespace?: string; labelSelector?: string },
  ): readonly KubeObject[];
  /** `object` may lack uid, resourceVersion, creationTimestamp; with metadata.generateName it may lack name. */
  create(resource: ResourceName, object: NewObject, by?: string): KubeObject;
  /**
   * Reads, changes a clone, writes; again on conflict. `change` returns the changed object or undefined for
   * "nothing to do". `subresource: 'status'` writes status only. 'binding' is the scheduler's: spec.nodeName
   * and status in one write that does not count as a generation. 'finalize' is the namespace controller's:
   * spec.finalizers. A no-op write leaves resourceVersion alone.
   */
  update(
    resource: ResourceName,
    namespace: string | undefined,
    name: string,
    change: (draft: KubeObject) => KubeObject | undefined,
    options?: { subresource?: 'status' | 'binding' | 'finalize'; by?: string },
  ): KubeObject | undefined;
  /** As DELETE over HTTP: grace period for pods, finalizers, propagation through finalizers/ownerReferences. */
  delete(
    resource: ResourceName,
    namespace: string | undefined,
    name: string,
    options?: {
      uid?: string;
      gracePeriodSeconds?: number;
      propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
    },
  ): void;
  /** Calls `listener` for every existing object (as ADDED) and then for each change, in order. Returns stop. */
  watch(resource: ResourceName, listener: (event: WatchEvent) => void): () => void;
  /** As `watch`, for every resource that there is and for each that comes. Returns stop. */
  watchAll(listener: (resource: ResourceName, event: WatchEvent) => void): () => void;
  /** Every resource name that exists, e.g. for garbage collection. */
  resources(): readonly ResourceName[];
}

export type NewObject = Omit<KubeObject, 'metadata'> & { metadata: Partial<ObjectMeta> };

/** An error as Kubernetes gives it: the body of a Status. */
export class ApiError extends Error {
  constructor(
    /** HTTP status, e.g. 404. */
    readonly code: number,
    /** e.g. NotFound, AlreadyExists, Conflict, Invalid, Forbidden. */
    readonly reason: string,
    message: string,
    readonly details?: Record<string, unknown>,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

/** What the API server asks of the kubelet for pods/log, pods/exec, pods/attach, pods/portforward and metrics.k8s.io. */
export interface Kubelet {
  /** The log of one container. The stream ends when `follow` is off, the container is gone or `signal` fires. */
  logs(
    pod: KubeObject,
    container: string,
    options: LogOptions,
    signal: AbortSignal,
  ): AsyncIterable<Uint8Array>;
  /** Runs one of the sandbox's own small tools in the container's folder; resolves to its exit code. */
  exec(
    pod: KubeObject,
    container: string,
    command: string[],
    io: ExecStreams,
    signal: AbortSignal,
  ): Promise<ExecResult>;
  /** Connects to the container's running process: its output from now on. */
  attach(pod: KubeObject, container: string, io: ExecStreams, signal: AbortSignal): Promise<ExecResult>;
  /** A connection to a port of the pod, from inside it; rejects in the words of a node's runtime. */
  portForward(pod: KubeObject, port: number): Promise<Duplex>;
  /** Usage now, per container: CPU in cores over the last window, memory working set in bytes. */
  usage(pod: KubeObject): ContainerUsage[];
  /** Usage of a virtual node: the sum of its pods and a small overhead. */
  nodeUsage(
    node: string,
  ): { cpuCores: number; memoryBytes: number; windowSeconds: number; at: number } | undefined;
}

export interface LogOptions {
  follow?: boolean;
  previous?: boolean;
  tailLines?: number;
  limitBytes?: number;
  sinceSeconds?: number;
  /** RFC 3339. */
  sinceTime?: string;
  timestamps?: boolean;
}

export interface ExecStreams {
  stdin?: AsyncIterable<Uint8Array>;
  /** A promise asks to wait with the next one until it resolves. */
  stdout(chunk: Uint8Array): void | Promise<void>;
  stderr(chunk: Uint8Array): void | Promise<void>;
  /** The command begins to run. */
  started?(): void;
  tty: boolean;
  /** Terminal size when it changes (tty only). */
  onResize?(listener: (size: { cols: number; rows: number }) => void): void;
}

/** `error` is set when the command could not be started (as a container runtime says it: exit code 126/127/128). */
export interface ExecResult {
  exitCode: number;
  error?: string;
}

export interface ContainerUsage {
  container: string;
  cpuCores: number;
  memoryBytes: number;
  windowSeconds: number;
  /** Periods of 100 ms, since the container started, in which it used up what its CPU limit allows; 0 if left out. */
  throttledPeriods?: number;
  /** Wall time of the reading, ms since epoch. */
  at: number;
}

/**
 * The pod network: virtual pod and service addresses over real sockets on 127.0.0.1.
 * `from` is the IP of the connecting pod, or undefined for parts of the control plane.
 */
export interface Network {
  /** A free pod IP on a node's range (10.244.x.y); released when the pod is gone. */
  allocatePodIP(node: string, podUid: string): string;
  releasePodIP(podUid: string): void;
  /** Where to connect for host:port (pod IP, service cluster IP, service DNS name): picks a ready endpoint as kube-proxy does. */
  resolve(from: string | undefined, host: string, port: number): Promise<Route>;
  /** Addresses for a DNS name (`svc`, `svc.ns`, `svc.ns.svc.cluster.local`, headless, pod). */
  lookup(from: string | undefined, host: string): Lookup;
  /** An HTTP GET to a pod or service from the control plane (probes, scrapes). Rejects as a socket would. */
  fetch(
    host: string,
    port: number,
    path: string,
    options?: {
      timeoutMs?: number;
      headers?: Record<string, string>;
      scheme?: 'http' | 'https';
      from?: string;
    },
  ): Promise<{ status: number; body: string }>;
  /**
   * A raw connection from the control plane (TCP probes, curl and port-forward). Who no longer waits aborts `signal`: the
   * promise rejects with the code ETIMEDOUT, and a connection that is made later is closed.
   */
  connect(host: string, port: number, from?: string, signal?: AbortSignal): Promise<Duplex>;
}

export type Route = { kind: 'local'; port: number; address: string; podUid?: string; link?: Link } | Failure;

/** What happens to what one pod sends to another; `loss` is the share of the packets that is lost, up to 1. */
export interface Link {
  delayMs: number;
  /** More or less delay by as much, each time another. */
  jitterMs: number;
  loss: number;
}

/** How a connection fails, as libc says it, and after how many ms. */
export interface Failure {
  kind: 'failed';
  code: 'ECONNREFUSED' | 'EHOSTUNREACH' | 'ETIMEDOUT' | 'ENOTFOUND' | 'EAI_AGAIN';
  syscall: 'connect' | 'getaddrinfo';
  afterMs: number;
}

/** `unansweredMs`: the DNS does not answer; a resolver gives up after this. No addresses otherwise: NXDOMAIN. */
export interface Lookup {
  addresses: string[];
  unansweredMs?: number;
}

/** Time and chance, injected so that tests can steer them. */
export interface SandboxClock {
  /** Wall time, ms since epoch. */
  now(): number;
  setTimeout(action: () => void, ms: number): () => void;
  setInterval(action: () => void, ms: number): () => void;
}

/** One line of progress while the sandbox comes up: which component, how far. */
export interface Progress {
  component: string;
  done: number;
  total: number;
  detail?: string;
}

/** What the sandbox writes to its state file (0600) when it is up; all that the game knows of it. */
export interface SandboxState {
  version: 1;
  pid: number;
  startedAt: string;
  /** Folder with everything of this sandbox; removed on stop. */
  folder: string;
  /** Kubeconfig of the game master (cluster-admin) and of a responder (edit rights in all namespaces but kube-system, nodes patch). */
  kubeconfig: string;
  responderKubeconfig: string;
  context: string;
  prometheus: string;
  alertmanager: string;
  grafana: string;
  /** UID of the marker object by which the game recognises a sandbox of ours: ConfigMap kube-system/cluster-identity. */
  markerUid: string;
  /** Factor by which rule durations, intervals and waits are shortened; 1 = real time. */
  speed: number;
  /** It ends by itself when nobody has sent it a request for so long; 0: never. */
  idleMinutes: number;
  /** Whether pods run behind the second wall (namespaces of the kernel), and if not, why. */
  wall: { stands: true } | { stands: false; why: string };
}
