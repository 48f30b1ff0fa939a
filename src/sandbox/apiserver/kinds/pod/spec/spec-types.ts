import type {
  V1Container,
  V1EnvVar,
  V1EphemeralContainer,
  V1LifecycleHandler,
  V1PodSpec,
  V1Probe,
  V1VolumeMount,
} from '@kubernetes/client-node';
import type { Unvalidated } from '../../../../../kubernetes.ts';

export type PodSpec = Unvalidated<V1PodSpec>;

export type Container = Unvalidated<V1Container>;

export type EphemeralContainer = Unvalidated<V1EphemeralContainer>;

export type VolumeMount = Unvalidated<V1VolumeMount>;

export type EnvVar = Unvalidated<V1EnvVar>;

export type Probe = Unvalidated<V1Probe>;

/** What is done: one of exec, httpGet, tcpSocket, grpc (of probes), sleep (of hooks). */
export type Handler = Probe | Unvalidated<V1LifecycleHandler>;
