import { arch, platform, release, type as systemType } from 'node:os';
import type { Api, Kubelet, SandboxClock } from '../api.ts';
import type { ControllerContext, StartController } from './context.ts';
import { startCronJobController } from './cronjob/cronjob.ts';
import { startDaemonSetController } from './daemonset/daemonset.ts';
import { startDeploymentController } from './deployment/deployment.ts';
import { startDisruptionController } from './disruption/disruption.ts';
import { startEndpointsController } from './endpoints/controller.ts';
import { startEventExpiry } from './event-expiry.ts';
import { createEventRecorder } from './event-recorder.ts';
import { startGarbageCollector } from './garbage/garbage-collector.ts';
import { startJobController } from './job/job.ts';
import { startTtlController } from './job/ttl.ts';
import { startNamespaceController } from './namespace/namespace.ts';
import { startCordonController } from './node/cordon.ts';
import { startNodes } from './node/heartbeat.ts';
import type { VirtualNode } from './node/virtual-node.ts';
import { startPodGarbageCollector } from './pod/pod-gc.ts';
import { startTaintEviction } from './pod/taint-eviction.ts';
import { startPodAutoscaler } from './podautoscaler/podautoscaler.ts';
import { startReplicaSetController } from './replicaset/replicaset.ts';
import { startResourceQuotaController } from './resourcequota/resourcequota.ts';
import { startScheduler } from './scheduler/scheduler.ts';
import { startStatefulSetController } from './statefulset/statefulset.ts';
import { startClaimController } from './volume/claims.ts';
import { startReclaimController } from './volume/reclaim.ts';
import { createDispatcher } from './work-queue.ts';

export type { VirtualNode } from './node/virtual-node.ts';

export interface ControllerOptions {
  api: Api;
  clock: SandboxClock;
  /** Stops all controllers when it fires. */
  signal: AbortSignal;
  nodes: readonly VirtualNode[];
  /** What the nodes claim to run. Default v1.36.2. */
  kubeletVersion?: string;
  /** A number in [0, 1); decides between equally good nodes. */
  random?: () => number;
  /** Back-offs and the waits of autoscalers are divided by it; default 1. */
  speed?: number;
  /** Measures what pods use; without one there is no metrics API, which autoscalers need. */
  kubelet?: Pick<Kubelet, 'usage'>;
  /** Told of every failed attempt; the key is tried again after `retryMs`. */
  onError?: (controller: string, key: string, error: unknown, retryMs: number) => void;
}

export interface Controllers {
  stop(): void;
  /** Resolves when every change so far has been acted on; what waits for time to pass does not count. */
  settled(): Promise<void>;
}

/** In the order in which they hear of a change. */
const CONTROLLERS: readonly StartController[] = [
  startScheduler,
  startCordonController,
  startDeploymentController,
  startReplicaSetController,
  startStatefulSetController,
  startDaemonSetController,
  startCronJobController,
  startJobController,
  startTtlController,
  startEventExpiry,
  startEndpointsController,
  startGarbageCollector,
  startNamespaceController,
  startPodGarbageCollector,
  startTaintEviction,
  startDisruptionController,
  startPodAutoscaler,
  startResourceQuotaController,
  startReclaimController,
  startClaimController,
];

/** Starts the controllers, the scheduler and the virtual nodes of the embedded control plane. */
export function startControllers(options: ControllerOptions): Controllers {
  const { api, clock, signal, nodes, random = Math.random, speed = 1, kubelet, onError } = options;
  const dispatcher = createDispatcher(clock, onError);
  const context: ControllerContext = {
    api,
    clock,
    dispatcher,
    speed,
    random,
    usage: kubelet && ((pod) => kubelet.usage(pod)),
    events: createEventRecorder(api, clock),
  };
  const system = {
    architecture: arch() === 'x64' ? 'amd64' : arch(),
    operatingSystem: 'linux',
    osImage: `${systemType()} (${platform()})`,
    kernelVersion: release(),
    kubeletVersion: options.kubeletVersion ?? 'v1.36.2',
  };
  const stops = [startNodes(context, nodes, system), ...CONTROLLERS.map((start) => start(context))];

  function stop(): void {
    signal.removeEventListener('abort', stop);
    dispatcher.stop();
    for (const stopOne of stops.splice(0)) stopOne();
  }
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  return { stop, settled: () => dispatcher.settled() };
}
