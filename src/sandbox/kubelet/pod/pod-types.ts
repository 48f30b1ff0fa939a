/** The parts of a Pod that the kubelet reads; timestamps are strings, as they are in JSON. */
import type {
  V1Container,
  V1ContainerStateRunning,
  V1ContainerStateTerminated,
  V1ContainerStateWaiting,
  V1PodSpec,
} from '@kubernetes/client-node';
import type { Filled, Json } from '../../../kubernetes.ts';
import type { KubeObject } from '../../api.ts';

export type Container = V1Container;

export interface Pod extends KubeObject {
  spec: V1PodSpec;
}

export type Terminated = Filled<Json<V1ContainerStateTerminated>, 'reason' | 'startedAt' | 'finishedAt'>;

/** Exactly one of the three. */
export interface ContainerState {
  waiting?: Filled<V1ContainerStateWaiting, 'reason'>;
  running?: Filled<Json<V1ContainerStateRunning>, 'startedAt'>;
  terminated?: Terminated;
}

/** What the kubelet knows of one container, apart from its spec. */
export interface ContainerRecord {
  state: ContainerState;
  lastState: ContainerState;
  ready: boolean;
  started: boolean;
  restartCount: number;
  containerID?: string;
  imageID?: string;
}

export function asPod(object: KubeObject): Pod {
  return object as Pod;
}

/** They have what a container has, but no ports, probes and resources. */
export function ephemeralContainers(pod: Pod): Container[] {
  return pod.spec.ephemeralContainers ?? [];
}
