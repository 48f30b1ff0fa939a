/** Recorded cases that the sandbox does not claim to answer alike, each with its reason. Reviewed by hand. */

const addressKinds = 'IPAddresses and ServiceCIDRs are not planned';
const noMetrics = 'the sandbox has a metrics API';
const drivers = 'of storage.k8s.io there are StorageClasses only';
const keys = 'kubectl prints the keys in an order of chance';
const turns = 'ErrImagePull and ImagePullBackOff take turns: which of them is seen is chance';
const descriptions =
  'the generated client, of which the documents are made, describes no fields that are objects and no enums';
const laterKinds = 'the document lists kinds that come later or are not planned';

/** Topic → name of the case → why. */
export const notClaimed: Record<string, Record<string, string>> = {
  discovery: {
    '/apis lists every group with its versions and preferred version': laterKinds,
    '/api/v1 lists the core resources, subresources included': laterKinds,
    '/apis/networking.k8s.io/v1 lists its resources': addressKinds,
    '/apis/storage.k8s.io/v1 lists its resources': drivers,
    'aggregated discovery of /api': laterKinds,
    'aggregated discovery of /apis': laterKinds,
    'openapi v3 has one document per group version': laterKinds,
    'without a metrics server the metrics group is a plain 404': noMetrics,
  },
  kubectl: {
    'describe node': 'it prints facts of the recorded machine',
  },
  'list-watch': {
    'nodes as a Table': 'the nodes of the sandbox are in zones, that of the recorded cluster was in none',
  },
  workloads: {
    'an autoscaler without metrics': noMetrics,
  },
};

/** By the number of the step, from 1; `versions` is the order of all resource versions at the end. */
export type SkippedSteps = Partial<Record<number | 'versions', string>>;

/** Topic → name of the case → step → why: the rest of the case is claimed. */
export const notClaimedSteps: Record<string, Record<string, SkippedSteps>> = {
  kubectl: {
    'describe configmap, secret, job': { 6: keys, 7: keys, 10: keys },
    'api-resources, api-versions, explain, version, cluster-info': {
      3: laterKinds,
      4: laterKinds,
      5: laterKinds,
      6: descriptions,
      7: descriptions,
      11: 'kubectl speaks of its own version',
    },
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
      14: noMetrics,
    },
  },
  'list-watch': {
    'jobs as a Table': { versions: 'which of several Jobs ends first is chance' },
    'statefulsets as a Table': { 2: 'it shows an instant before the controller wrote the status' },
  },
  workloads: {
    'evictions under a budget: one at a time': {
      10: 'it shows an instant between two states',
      14: 'the recording lacks Events of the kubelet',
    },
    'a ResourceQuota that stops a ReplicaSet: FailedCreate and ReplicaFailure': {
      8: 'how many Events come one by one before they are combined depends on how often was tried',
    },
    'a rollout whose image cannot be pulled misses its deadline': {
      7: turns,
    },
  },
};
