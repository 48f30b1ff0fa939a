import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Api, Kubelet, KubeObject, SandboxClock } from '../../api.ts';
import type { SandboxNetwork } from '../../network/network.ts';
import type { Runtime } from '../../runtime/client.ts';
import type { KubeletContext } from '../deps.ts';
import { EventRecorder } from '../events.ts';
import { readLog } from '../logs.ts';
import type { PostgresHost } from '../postgres-host.ts';
import { Semaphore } from '../semaphore.ts';
import { attach } from '../sessions/attach.ts';
import { portForward } from '../sessions/port-forward.ts';
import { Sessions } from '../sessions/sessions.ts';
import { UsageWatch } from '../usage.ts';
import { dropVolume } from '../volumes/claimed.ts';
import { mountsObject } from '../volumes/volumes.ts';
import { PodWorker } from './pod.ts';
import { asPod, type Pod } from './pod-types.ts';

export interface KubeletOptions {
  api: Api;
  clock: SandboxClock;
  network: SandboxNetwork;
  runtime: Runtime;
  /** Names and addresses of the nodes whose pods this kubelet runs. */
  nodes: readonly { name: string; ip: string }[];
  /** An own folder for the pods' files. */
  folder: string;
  /** dist/preload.cjs */
  preload: string;
  /** dist/redis.cjs: what a container of the image `redis` runs. */
  redis: string;
  /** What containers of the image `postgres` run; none: there is no such image. */
  postgres?: PostgresHost;
  /** dist/session.js */
  session: string;
  speed?: number;
  /** A bearer token for a ServiceAccount; pods get it mounted. */
  token?: (namespace: string, serviceAccount: string) => string;
  /** Told of what nobody expected and what was survived. */
  onError?: (error: unknown) => void;
}

export interface RunningKubelet extends Kubelet {
  /** Ends every container. */
  close(): Promise<void>;
}

const STARTS_AT_A_TIME = 4;
const TAKE_RETRY_MS = 2000;
/** ConfigMaps and Secrets reach running pods after this; Kubernetes takes up to a minute. */
const REFRESH_MS = 500;

/** Starts one kubelet for all virtual nodes. */
export function startKubelet(options: KubeletOptions): RunningKubelet {
  const { api, clock, network, runtime } = options;
  mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  const context: KubeletContext = {
    api,
    clock,
    network,
    runtime,
    events: new EventRecorder(api, clock),
    folder: options.folder,
    kept: join(options.folder, 'kept'),
    preload: options.preload,
    redis: options.redis,
    postgres: options.postgres,
    speed: options.speed ?? 1,
    sessions: new Sessions(options.session, network),
    starts: new Semaphore(STARTS_AT_A_TIME),
    token: options.token ?? (() => ''),
    onError: options.onError ?? (() => undefined),
  };
  const addresses = new Map(options.nodes.map(({ name, ip }) => [name, ip]));
  const workers = new Map<string, PodWorker>();
  let closed = false;

  function take(pod: Pod): void {
    const known = workers.get(pod.metadata.uid);
    if (known) return known.update(pod);
    const hostIP = addresses.get(pod.spec.nodeName ?? '');
    if (hostIP === undefined || isOver(pod)) return;
    let worker: PodWorker;
    try {
      worker = new PodWorker(pod, hostIP, context);
    } catch (error) {
      return retry(pod, error);
    }
    workers.set(pod.metadata.uid, worker);
    // Not inside the write that told us of it.
    setImmediate(() => {
      worker.update(worker.current());
      worker.run().catch(context.onError);
    });
  }

  /** One pod that cannot be taken, for whatever reason, waits; all others go on. */
  function retry(pod: Pod, error: unknown): void {
    context.onError(error);
    context.events.record(pod, pod.spec.nodeName!, {
      type: 'Warning',
      reason: 'FailedCreatePodSandBox',
      message: 'Failed to create pod sandbox: the node could not make a place for the pod',
    });
    clock.setTimeout(() => {
      const { namespace, name, uid } = pod.metadata;
      const now = closed ? undefined : api.get('pods', namespace, name);
      if (now?.metadata.uid === uid) take(asPod(now));
    }, TAKE_RETRY_MS);
  }

  function drop(uid: string): Promise<void> | undefined {
    const worker = workers.get(uid);
    workers.delete(uid);
    return worker?.remove();
  }

  const stops = [
    api.watch('pods', ({ type, object }) => {
      if (type === 'DELETED') drop(object.metadata.uid)?.catch(context.onError);
      else take(asPod(object));
    }),
    api.watch('persistentvolumes', ({ type, object }) => {
      if (type !== 'DELETED') return;
      const folder = dropVolume(context.kept, object);
      if (folder) context.postgres?.drop(folder);
    }),
    ...['configmaps', 'secrets'].map((resource) => api.watch(resource, ({ object }) => refresh(object))),
  ];

  const stale = new Set<PodWorker>();
  function refresh(source: KubeObject): void {
    for (const worker of workers.values()) {
      const pod = worker.current();
      if (pod.metadata.namespace !== source.metadata.namespace) continue;
      if (!mountsObject(pod, source.kind, source.metadata.name)) continue;
      if (stale.size === 0) clock.setTimeout(refreshStale, REFRESH_MS);
      stale.add(worker);
    }
  }
  function refreshStale(): void {
    for (const worker of stale) worker.refreshVolumes();
    stale.clear();
  }

  const usage = new UsageWatch(context, () => workers.values());
  const workerOf = (pod: KubeObject): PodWorker | undefined => workers.get(pod.metadata.uid);

  return {
    logs: (pod, container, logOptions, signal) =>
      readLog(workerOf(pod)?.containers.get(container), logOptions, { clock, signal }),
    exec: async (pod, container, command, io, signal) => {
      const worker = workerOf(pod)?.containers.get(container);
      return worker ? worker.exec(command, io, signal) : { exitCode: 126, error: 'container is not running' };
    },
    attach: (pod, container, io, signal) =>
      attach(workerOf(pod)?.containers.get(container), io, { clock, signal }),
    portForward: (pod, port) => portForward(workerOf(pod), port, network),
    usage: (pod) => usage.of(pod.metadata.uid),
    nodeUsage: (node) => usage.ofNode(node, addresses.has(node)),
    close: async () => {
      closed = true;
      for (const stop of stops) stop();
      usage.stop();
      await Promise.all([...workers.keys()].map(drop));
      context.sessions.close();
    },
  };
}

function isOver(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}
