import type { Api, ContainerUsage, KubeObject, SandboxClock } from '../api.ts';
import type { EventRecorder } from './event-recorder.ts';
import type { Dispatcher } from './work-queue.ts';

/** What every controller is given. */
export interface ControllerContext {
  api: Api;
  clock: SandboxClock;
  dispatcher: Dispatcher;
  events: EventRecorder;
  /** Back-offs and the waits of autoscalers are divided by it. */
  speed: number;
  /** A number in [0, 1): names of pods, ties between nodes. */
  random: () => number;
  /** What metrics.k8s.io says of a pod; absent where there is no metrics API. */
  usage?: (pod: KubeObject) => readonly ContainerUsage[];
}

/** Starts a controller: it watches and reconciles until the returned function is called. */
export type StartController = (context: ControllerContext) => () => void;
