/** Recorded cases that the sandbox does not claim to answer alike, each with its reason. Reviewed by hand. */

const autoscalers = 'HorizontalPodAutoscalers come later';
const budgets = 'PodDisruptionBudgets come later';
const addressKinds = 'IPAddresses and ServiceCIDRs are not planned';
const quotas = 'ResourceQuotas come later';
const limitRanges = 'LimitRanges come later';
const claims = 'volumes that outlive a Pod are not planned';
const keys = 'kubectl prints the keys in an order of chance';
const turns = 'ErrImagePull and ImagePullBackOff take turns: which of them is seen is chance';
const laterKinds = 'the document lists kinds that come later or are not planned';

/** Topic → name of the case → why. */
export const notClaimed: Record<string, Record<string, string>> = {
  defaulting: {
    'a HorizontalPodAutoscaler with only a target and a maximum': autoscalers,
    'a PodDisruptionBudget': budgets,
    'a ResourceQuota': quotas,
    'the status of a ResourceQuota follows what is used': quotas,
    'a LimitRange fills default requests from default limits': limitRanges,
    'a PersistentVolumeClaim': claims,
  },
  discovery: {
    '/apis lists every group with its versions and preferred version': laterKinds,
    '/api/v1 lists the core resources, subresources included': laterKinds,
    '/apis/autoscaling/v2 lists its resources': autoscalers,
    '/apis/policy/v1 lists its resources': budgets,
    '/apis/networking.k8s.io/v1 lists its resources': addressKinds,
    '/apis/storage.k8s.io/v1 lists its resources': claims,
    '/apis/apps describes one group': autoscalers,
    'aggregated discovery of /api': laterKinds,
    'aggregated discovery of /apis': laterKinds,
    'openapi v3 has one document per group version': laterKinds,
    'without a metrics server the metrics group is a plain 404': 'the sandbox has a metrics API',
  },
  errors: {
    'an eviction that a PodDisruptionBudget blocks is TooManyRequests': budgets,
    'a ResourceQuota that is used up is Forbidden': quotas,
  },
  kubectl: {
    'describe node': 'it prints facts of the recorded machine',
  },
  'list-watch': {
    'nodes as a Table': 'the nodes of the sandbox are in zones, that of the recorded cluster was in none',
    'horizontalpodautoscalers as a Table': autoscalers,
    'poddisruptionbudgets as a Table': budgets,
    'persistentvolumeclaims as a Table': claims,
    'resourcequotas and limitranges as a Table': quotas,
  },
  subresources: {
    'an ephemeral container is added through its subresource': 'ephemeral containers are kept, but not run',
  },
  workloads: {
    'a Pod whose claim is not bound': claims,
    'evictions under a budget: one at a time': budgets,
    'a ResourceQuota that stops a ReplicaSet: FailedCreate and ReplicaFailure': quotas,
    'an autoscaler without metrics': autoscalers,
  },
};

/** By the number of the step, from 1; `versions` is the order of all resource versions at the end. */
export type SkippedSteps = Partial<Record<number | 'versions', string>>;

/** Topic → name of the case → step → why: the rest of the case is claimed. */
export const notClaimedSteps: Record<string, Record<string, SkippedSteps>> = {
  errors: {
    'bad autoscalers, disruption budgets and schedules are Invalid': {
      1: autoscalers,
      2: autoscalers,
      3: budgets,
    },
  },
  kubectl: {
    scale: { 11: autoscalers, 12: autoscalers },
    'describe configmap, secret, job': { 6: keys, 7: keys, 10: keys },
    'api-resources, api-versions, explain, version, cluster-info': {
      3: laterKinds,
      4: laterKinds,
      5: laterKinds,
      11: 'kubectl speaks of its own version',
    },
    'create, run and expose by hand': { 11: quotas },
    'auth can-i and whoami': {
      8: 'the recorded administrator had a certificate, the sandbox gives out tokens',
    },
    'describe a pod that crashes and one whose image is missing': {
      5: 'it shows an instant between two states',
      6: 'it shows an instant between two states',
      7: turns,
      9: turns,
    },
    'exec, cp, port-forward, attach and top when they cannot work': {
      14: 'the sandbox has a metrics API',
    },
  },
  'list-watch': {
    'other kinds take metadata.name and metadata.namespace only, and say so': { 11: autoscalers },
    'jobs as a Table': { versions: 'which of several Jobs ends first is chance' },
  },
  patches: {
    'which kinds have a generation': {
      6: budgets,
      10: autoscalers,
    },
  },
  workloads: {
    'a rollout whose image cannot be pulled misses its deadline': {
      7: turns,
    },
  },
};
