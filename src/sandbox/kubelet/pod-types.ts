/** The parts of a Pod that the kubelet reads; timestamps are strings, as they are in JSON. */
import type { V1Container, V1PodSpec } from '@kubernetes/client-node';
import type { KubeObject } from '../api.ts';

export type Container = V1Container;

export interface Pod extends KubeObject {
  spec: V1PodSpec;
}

export interface Terminated {
  exitCode: number;
  reason: string;
  message?: string;
  startedAt: string;
  finishedAt: string;
  containerID?: string;
}

/** Exactly one of the three. */
export interface ContainerState {
  waiting?: { reason: string; message?: string };
  running?: { startedAt: string };
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
