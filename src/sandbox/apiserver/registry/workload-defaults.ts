/** What Deployments, ReplicaSets, StatefulSets, DaemonSets and Jobs share. */
import type { KubeObject } from '../../api.ts';
import { setPodSpecDefaults } from './pod-spec-defaults.ts';

/** Fills the pod template of a workload. Requests that follow from limits are left to the Pods made from it. */
export function setTemplateDefaults(object: KubeObject): void {
  object.spec ??= {};
  object.spec.template ??= {};
  object.spec.template.metadata ??= {};
  object.spec.template.spec ??= {};
  setPodSpecDefaults(object.spec.template.spec);
}
