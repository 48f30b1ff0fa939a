/**
 * Field numbers of the messages that kubectl sends as protobuf (generated.proto of k8s.io/api), by model.
 * A list in order; `_` skips a number; `field...` is an embedded message whose fields stand beside the others.
 */
const lists: Record<string, string> = {
  V1ObjectMeta:
    'name generateName namespace selfLink uid resourceVersion generation creationTimestamp deletionTimestamp deletionGracePeriodSeconds labels annotations ownerReferences finalizers _ _ managedFields',
  V1OwnerReference: 'kind _ name uid apiVersion controller blockOwnerDeletion',
  V1LabelSelector: 'matchLabels matchExpressions',
  V1LabelSelectorRequirement: 'key operator values',
  V1DeleteOptions: 'gracePeriodSeconds preconditions orphanDependents propagationPolicy dryRun',
  V1Preconditions: 'uid resourceVersion',
  V1Namespace: 'metadata spec status',
  V1NamespaceSpec: 'finalizers',
  V1NamespaceStatus: 'phase conditions',
  V1ConfigMap: 'metadata data binaryData immutable',
  V1Secret: 'metadata data type stringData immutable',
  V1ServiceAccount: 'metadata secrets imagePullSecrets automountServiceAccountToken',
  V1ObjectReference: 'kind namespace name uid apiVersion resourceVersion fieldPath',
  V1LocalObjectReference: 'name',
  V1Service: 'metadata spec status',
  V1ServiceSpec:
    'ports selector clusterIP type externalIPs _ sessionAffinity loadBalancerIP loadBalancerSourceRanges externalName externalTrafficPolicy healthCheckNodePort publishNotReadyAddresses sessionAffinityConfig _ _ ipFamilyPolicy clusterIPs ipFamilies allocateLoadBalancerNodePorts loadBalancerClass internalTrafficPolicy trafficDistribution',
  V1ServicePort: 'name protocol port targetPort nodePort appProtocol',
  V1ServiceStatus: 'loadBalancer conditions',
  V1LoadBalancerStatus: 'ingress',
  V1Deployment: 'metadata spec status',
  V1DeploymentSpec:
    'replicas selector template strategy minReadySeconds revisionHistoryLimit paused _ progressDeadlineSeconds',
  V1DeploymentStrategy: 'type rollingUpdate',
  V1RollingUpdateDeployment: 'maxUnavailable maxSurge',
  V1DeploymentStatus:
    'observedGeneration replicas updatedReplicas availableReplicas unavailableReplicas conditions readyReplicas collisionCount terminatingReplicas',
  V1Job: 'metadata spec status',
  V1JobSpec:
    'parallelism completions activeDeadlineSeconds selector manualSelector template backoffLimit ttlSecondsAfterFinished completionMode suspend podFailurePolicy backoffLimitPerIndex maxFailedIndexes podReplacementPolicy managedBy successPolicy',
  V1JobStatus: 'conditions startTime completionTime active succeeded failed completedIndexes',
  V1CronJob: 'metadata spec status',
  V1CronJobSpec:
    'schedule startingDeadlineSeconds concurrencyPolicy suspend jobTemplate successfulJobsHistoryLimit failedJobsHistoryLimit timeZone',
  V1CronJobStatus: 'active _ _ lastScheduleTime lastSuccessfulTime',
  V1JobTemplateSpec: 'metadata spec',
  V1PodTemplateSpec: 'metadata spec',
  V1Pod: 'metadata spec status',
  V1PodStatus: 'phase conditions message reason hostIP podIP startTime containerStatuses qosClass',
  V1PodSpec:
    'volumes containers restartPolicy terminationGracePeriodSeconds activeDeadlineSeconds dnsPolicy nodeSelector serviceAccountName serviceAccount nodeName hostNetwork hostPID hostIPC securityContext imagePullSecrets hostname subdomain affinity schedulerName initContainers automountServiceAccountToken tolerations hostAliases priorityClassName priority dnsConfig shareProcessNamespace readinessGates runtimeClassName enableServiceLinks preemptionPolicy overhead topologySpreadConstraints ephemeralContainers setHostnameAsFQDN os hostUsers schedulingGates resourceClaims resources hostnameOverride',
  V1Container:
    'name image command args workingDir ports env resources volumeMounts livenessProbe readinessProbe lifecycle terminationMessagePath imagePullPolicy securityContext stdin stdinOnce tty envFrom terminationMessagePolicy volumeDevices startupProbe resizePolicy restartPolicy',
  V1ContainerPort: 'name hostPort containerPort protocol hostIP',
  V1EnvVar: 'name value valueFrom',
  V1EnvVarSource: 'fieldRef resourceFieldRef configMapKeyRef secretKeyRef',
  V1ObjectFieldSelector: 'apiVersion fieldPath',
  V1ConfigMapKeySelector: 'V1LocalObjectReference... key optional',
  V1SecretKeySelector: 'V1LocalObjectReference... key optional',
  V1EnvFromSource: 'prefix configMapRef secretRef',
  V1ConfigMapEnvSource: 'V1LocalObjectReference... optional',
  V1SecretEnvSource: 'V1LocalObjectReference... optional',
  V1ResourceRequirements: 'limits requests claims',
  V1VolumeMount: 'name readOnly mountPath subPath mountPropagation subPathExpr recursiveReadOnly',
  V1PodSecurityContext:
    'seLinuxOptions runAsUser runAsNonRoot supplementalGroups fsGroup runAsGroup sysctls windowsOptions fsGroupChangePolicy seccompProfile',
  V1Toleration: 'key operator value effect tolerationSeconds',
  V1Role: 'metadata rules',
  V1ClusterRole: 'metadata rules aggregationRule',
  V1AggregationRule: 'clusterRoleSelectors',
  V1PolicyRule: 'verbs apiGroups resources resourceNames nonResourceURLs',
  V1RoleBinding: 'metadata subjects roleRef',
  V1ClusterRoleBinding: 'metadata subjects roleRef',
  V1RoleRef: 'apiGroup kind name',
  RbacV1Subject: 'kind apiGroup name namespace',
  V1SelfSubjectAccessReview: 'metadata spec status',
  V1SelfSubjectAccessReviewSpec: 'resourceAttributes nonResourceAttributes',
  V1ResourceAttributes: 'namespace verb group version resource subresource name fieldSelector labelSelector',
  V1NonResourceAttributes: 'path verb',
  V1SubjectAccessReviewStatus: 'allowed reason evaluationError denied',
  V1SubjectAccessReview: 'metadata spec status',
  V1LocalSubjectAccessReview: 'metadata spec status',
  V1SubjectAccessReviewSpec: 'resourceAttributes nonResourceAttributes user groups extra uid',
  V1SelfSubjectRulesReview: 'metadata spec status',
  V1SelfSubjectRulesReviewSpec: 'namespace',
  V1SubjectRulesReviewStatus: 'resourceRules nonResourceRules incomplete evaluationError',
  V1SelfSubjectReview: 'metadata status',
  V1SelfSubjectReviewStatus: 'userInfo',
  V1UserInfo: 'username uid groups extra',
  AuthenticationV1TokenRequest: 'metadata spec status',
  V1TokenRequestSpec: 'audiences _ boundObjectRef expirationSeconds',
  V1BoundObjectReference: 'kind apiVersion name uid',
  V1TokenRequestStatus: 'token expirationTimestamp',
  V1TokenReview: 'metadata spec status',
  V1TokenReviewSpec: 'token audiences',
  V1TokenReviewStatus: 'authenticated user error audiences',
  V1Eviction: 'metadata deleteOptions',
  V1HorizontalPodAutoscaler: 'metadata spec status',
  V1HorizontalPodAutoscalerSpec: 'scaleTargetRef minReplicas maxReplicas targetCPUUtilizationPercentage',
  V1HorizontalPodAutoscalerStatus:
    'observedGeneration lastScaleTime currentReplicas desiredReplicas currentCPUUtilizationPercentage',
  V1CrossVersionObjectReference: 'kind name apiVersion',
  V2HorizontalPodAutoscaler: 'metadata spec status',
  V2HorizontalPodAutoscalerSpec: 'scaleTargetRef minReplicas maxReplicas metrics behavior',
  V2HorizontalPodAutoscalerStatus:
    'observedGeneration lastScaleTime currentReplicas desiredReplicas currentMetrics conditions',
  V2CrossVersionObjectReference: 'kind name apiVersion',
  V2MetricSpec: 'type object pods resource external _ containerResource',
  V2ResourceMetricSource: 'name target',
  V2MetricTarget: 'type value averageValue averageUtilization',
  V1PodDisruptionBudget: 'metadata spec status',
  V1PodDisruptionBudgetSpec: 'minAvailable selector maxUnavailable unhealthyPodEvictionPolicy',
  V1PodDisruptionBudgetStatus:
    'observedGeneration disruptedPods disruptionsAllowed currentHealthy desiredHealthy expectedPods conditions',
  V1ResourceQuota: 'metadata spec status',
  V1ResourceQuotaSpec: 'hard scopes scopeSelector',
  V1ResourceQuotaStatus: 'hard used',
  V1LimitRange: 'metadata spec',
  V1LimitRangeSpec: 'limits',
  V1LimitRangeItem: 'type max min default defaultRequest maxLimitRequestRatio',
  V1Scale: 'metadata spec status',
  V1ScaleSpec: 'replicas',
  V1ScaleStatus: 'replicas _ targetSelector',
  V1Binding: 'metadata target',
};

/** Model → field number → field; `{ embedded }` for a message whose fields are its own. */
export type Field = { name: string } | { embedded: string };

const tables = new Map<string, Map<number, Field>>();

/** undefined for a message of which no numbers are known. */
export function fieldsOf(model: string): Map<number, Field> | undefined {
  const known = tables.get(model);
  const list = lists[model];
  if (known || list === undefined) return known;
  const entries = list.split(' ').flatMap((word, index): [number, Field][] => {
    if (word === '_') return [];
    const field = word.endsWith('...') ? { embedded: word.slice(0, -3) } : { name: word };
    return [[index + 1, field]];
  });
  const table = new Map(entries);
  tables.set(model, table);
  return table;
}
