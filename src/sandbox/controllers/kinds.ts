/**
 * What the controllers read and write, as JSON. Types are those of @kubernetes/client-node; written out are only those in
 * which the API server's defaults and validation promise more: fields that are always there, values that are one of a few.
 */
import type {
  V1Container,
  V1CronJobSpec,
  V1CronJobStatus,
  V1DaemonSetSpec,
  V1DaemonSetStatus,
  V1DeploymentSpec,
  V1DeploymentStatus,
  V1JobSpec,
  V1JobStatus,
  V1LabelSelector,
  V1NamespaceSpec,
  V1NamespaceStatus,
  V1NodeSelectorRequirement,
  V1NodeSelectorTerm,
  V1NodeSpec,
  V1NodeStatus,
  V1ObjectReference,
  V1PodAffinityTerm,
  V1PodDisruptionBudgetSpec,
  V1PodDisruptionBudgetStatus,
  V1PodSpec,
  V1PodStatus,
  V1PodTemplateSpec,
  V1ReplicaSetSpec,
  V1ReplicaSetStatus,
  V1RollingUpdateDaemonSet,
  V1RollingUpdateDeployment,
  V1ServicePort,
  V1ServiceSpec,
  V1StatefulSetSpec,
  V1StatefulSetStatus,
  V1Taint,
  V1Toleration,
  V1TopologySpreadConstraint,
  V1UncountedTerminatedPods,
  V1WeightedPodAffinityTerm,
  V2HorizontalPodAutoscalerSpec,
  V2HorizontalPodAutoscalerStatus,
  V2HPAScalingPolicy,
  V2HPAScalingRules,
  V2MetricSpec,
  V2MetricStatus,
  V2MetricTarget,
  V2MetricValueStatus,
} from '@kubernetes/client-node';
import type { Filled, Json } from '../../kubernetes.ts';
import type { KubeObject, ObjectMeta } from '../api.ts';

export type LabelSelector = Json<V1LabelSelector>;

export interface PodTemplate extends Omit<Json<V1PodTemplateSpec>, 'metadata' | 'spec'> {
  metadata?: Partial<ObjectMeta>;
  spec: PodSpec;
}

export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
  lastUpdateTime?: string;
  lastProbeTime?: string | null;
  lastHeartbeatTime?: string;
  observedGeneration?: number;
}

/** A status with conditions in one form, whatever the kind. */
type WithConditions<T> = Omit<Json<T>, 'conditions'> & { conditions?: Condition[] };

export type Toleration = Json<V1Toleration>;

export type Taint = Json<V1Taint>;

export type Container = Json<V1Container>;

export type NodeSelectorTerm = Json<V1NodeSelectorTerm>;

export type NodeSelectorRequirement = Json<V1NodeSelectorRequirement>;

/** Which pods to be near to, or away from; `topologyKey` is the label of nodes that says what near is. */
export type PodAffinityTerm = Json<V1PodAffinityTerm>;

export type WeightedPodAffinityTerm = Json<V1WeightedPodAffinityTerm>;

export type TopologySpreadConstraint = Json<V1TopologySpreadConstraint>;

export type PodSpec = Json<V1PodSpec>;

export type PodStatus = WithConditions<V1PodStatus>;

export interface Pod extends KubeObject {
  spec: PodSpec;
  status: PodStatus;
}

export type ReplicaSetStatus = WithConditions<V1ReplicaSetStatus>;

export interface ReplicaSet extends KubeObject {
  spec: Omit<Json<V1ReplicaSetSpec>, 'template'> & { replicas: number; template: PodTemplate };
  status: ReplicaSetStatus;
}

export interface DeploymentSpec extends Omit<Json<V1DeploymentSpec>, 'strategy' | 'template'> {
  replicas: number;
  template: PodTemplate;
  strategy: {
    type: 'RollingUpdate' | 'Recreate';
    rollingUpdate?: Required<V1RollingUpdateDeployment>;
  };
}

export type DeploymentStatus = WithConditions<V1DeploymentStatus>;

export interface Deployment extends KubeObject {
  spec: DeploymentSpec;
  status: DeploymentStatus;
}

/** A template that a StatefulSet or a DaemonSet has or had. */
export interface ControllerRevision extends KubeObject {
  revision: number;
  data: { spec: { template: PodTemplate & { $patch: 'replace' } } };
}

export interface StatefulSetSpec
  extends Omit<Json<V1StatefulSetSpec>, 'template' | 'updateStrategy' | 'volumeClaimTemplates'> {
  replicas: number;
  template: PodTemplate;
  podManagementPolicy: 'OrderedReady' | 'Parallel';
  updateStrategy: { type: 'RollingUpdate' | 'OnDelete'; rollingUpdate?: { partition?: number } };
  volumeClaimTemplates?: (Pick<KubeObject, 'metadata'> & { spec: object })[];
}

export type StatefulSetStatus = Filled<WithConditions<V1StatefulSetStatus>, 'availableReplicas'>;

export interface StatefulSet extends KubeObject {
  spec: StatefulSetSpec;
  status: StatefulSetStatus;
}

export interface DaemonSetSpec extends Omit<Json<V1DaemonSetSpec>, 'template' | 'updateStrategy'> {
  template: PodTemplate;
  updateStrategy: {
    type: 'RollingUpdate' | 'OnDelete';
    rollingUpdate?: Required<V1RollingUpdateDaemonSet>;
  };
}

export type DaemonSetStatus = WithConditions<V1DaemonSetStatus>;

export interface DaemonSet extends KubeObject {
  spec: DaemonSetSpec;
  status: DaemonSetStatus;
}

export interface CronJobSpec extends Omit<Json<V1CronJobSpec>, 'jobTemplate'> {
  concurrencyPolicy: 'Allow' | 'Forbid' | 'Replace';
  suspend: boolean;
  jobTemplate: { metadata?: Partial<ObjectMeta>; spec: Partial<JobSpec> };
}

export type ObjectReference = Filled<V1ObjectReference, 'name' | 'uid'>;

export interface CronJobStatus extends Omit<Json<V1CronJobStatus>, 'active'> {
  active?: ObjectReference[];
}

export interface CronJob extends KubeObject {
  spec: CronJobSpec;
  status: CronJobStatus;
}

export interface JobSpec extends Omit<Json<V1JobSpec>, 'template'> {
  parallelism: number;
  backoffLimit: number;
  completionMode?: 'NonIndexed' | 'Indexed';
  podReplacementPolicy?: 'TerminatingOrFailed' | 'Failed';
  selector: LabelSelector;
  template: PodTemplate;
}

export type UncountedPods = Json<V1UncountedTerminatedPods>;

export type JobStatus = WithConditions<V1JobStatus>;

export interface Job extends KubeObject {
  spec: JobSpec;
  status: JobStatus;
}

export type PodDisruptionBudgetStatus = WithConditions<V1PodDisruptionBudgetStatus>;

export interface PodDisruptionBudget extends KubeObject {
  spec: Json<V1PodDisruptionBudgetSpec>;
  status: PodDisruptionBudgetStatus;
}

export type MetricAmount = Partial<V2MetricTarget & V2MetricValueStatus>;

export type MetricSpec = Json<V2MetricSpec>;

export type MetricStatus = Json<V2MetricStatus>;

export interface ScalingRules extends Omit<V2HPAScalingRules, 'policies'> {
  selectPolicy: 'Max' | 'Min' | 'Disabled';
  policies: (V2HPAScalingPolicy & { type: 'Pods' | 'Percent' })[];
}

export interface HorizontalPodAutoscalerStatus
  extends Omit<WithConditions<V2HorizontalPodAutoscalerStatus>, 'currentMetrics'> {
  currentMetrics: MetricStatus[] | null;
}

export interface HorizontalPodAutoscaler extends KubeObject {
  spec: Omit<Filled<Json<V2HorizontalPodAutoscalerSpec>, 'minReplicas' | 'metrics'>, 'behavior'> & {
    behavior?: { scaleUp: ScalingRules; scaleDown: ScalingRules };
  };
  status: HorizontalPodAutoscalerStatus;
}

export type ServicePort = Json<V1ServicePort>;

export interface Service extends KubeObject {
  spec: Json<V1ServiceSpec>;
}

export interface Node extends KubeObject {
  spec: Json<V1NodeSpec>;
  status: WithConditions<V1NodeStatus>;
}

export interface Namespace extends KubeObject {
  spec: V1NamespaceSpec;
  status: WithConditions<V1NamespaceStatus>;
}
