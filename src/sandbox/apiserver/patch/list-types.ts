/**
 * How server-side apply sees lists and maps (x-kubernetes-list-type and -map-type of the published schemas):
 * the keys of lists that are maps, lists that are sets, maps that belong together. Any other list is atomic.
 */
export const listMapKeys: Record<string, string[]> = {
  'V1PodSpec.containers': ['name'],
  'V1PodSpec.initContainers': ['name'],
  'V1PodSpec.ephemeralContainers': ['name'],
  'V1PodSpec.volumes': ['name'],
  'V1PodSpec.imagePullSecrets': ['name'],
  'V1PodSpec.hostAliases': ['ip'],
  'V1PodSpec.topologySpreadConstraints': ['topologyKey', 'whenUnsatisfiable'],
  'V1Container.ports': ['containerPort', 'protocol'],
  'V1Container.env': ['name'],
  'V1Container.volumeMounts': ['mountPath'],
  'V1EphemeralContainer.env': ['name'],
  'V1EphemeralContainer.volumeMounts': ['mountPath'],
  'V1ServiceSpec.ports': ['port', 'protocol'],
  'V1ServiceAccount.secrets': ['name'],
  'V1ObjectMeta.ownerReferences': ['uid'],
  'V1PodStatus.conditions': ['type'],
  'V1NodeStatus.conditions': ['type'],
  'V1DeploymentStatus.conditions': ['type'],
  'V1ReplicaSetStatus.conditions': ['type'],
  'V1PodDisruptionBudgetStatus.conditions': ['type'],
  'V2HorizontalPodAutoscalerStatus.conditions': ['type'],
};

/** Defaults of keys, for items that leave them out. */
export const keyDefaults: Record<string, unknown> = { protocol: 'TCP' };

export const sets = new Set(['V1ObjectMeta.finalizers']);

/** Models and fields of which nothing smaller than the whole is owned. */
export const atomic = new Set([
  'V1LabelSelector',
  'V1ObjectFieldSelector',
  'V1ResourceFieldSelector',
  'V1ConfigMapKeySelector',
  'V1SecretKeySelector',
  'V1LocalObjectReference',
  'V1ObjectReference',
  'V1RoleRef',
  'V1NodeSelector',
  'V1PodSpec.nodeSelector',
  'V1ServiceSpec.selector',
]);
