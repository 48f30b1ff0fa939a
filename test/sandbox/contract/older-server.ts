/** Comparing an older Kubernetes with answers of 1.36: what it cannot have, and what it says otherwise. */
import type { Case } from './cases.ts';
import { getJson, type Target } from './target.ts';

/** Fields that came after 1.20, and descriptions, which are reworded all the time: left out on both sides. */
export const laterFields = new Set([
  ...[
    'allocatedResources',
    'clusterIPs',
    'completedIndexes',
    'completionMode',
    'creationTimestamp',
    'description',
  ],
  ...[
    'features',
    'fieldPath',
    'generation',
    'hostIPs',
    'internalTrafficPolicy',
    'ipFamilies',
    'ipFamilyPolicy',
  ],
  ...['kubernetes.io/description', 'kubernetes.io/metadata.name', 'manualSelector', 'observedGeneration'],
  ...['podIPs', 'podReplacementPolicy', 'ready', 'resources', 'runtimeHandlers', 'selfLink', 'singularName'],
  ...['storageVersionHash', 'suspend', 'terminating', 'terminatingReplicas', 'uncountedTerminatedPods'],
  ...['user', 'volumeMounts'],
]);

/** Group versions that the case asks for and the server does not serve. */
export async function lackedBy(target: Target, { steps }: Case): Promise<string[]> {
  const asked = [
    ...JSON.stringify(steps).matchAll(/"(?:path|serverRelativeURL)":"\/apis\/([a-z0-9.]+\/v[a-z0-9]+)/g),
  ];
  const lacking: string[] = [];
  for (const groupVersion of new Set(asked.map(([, name]) => name!))) {
    const { status } = await getJson(target, `/apis/${groupVersion}`);
    if (status === 404) lacking.push(groupVersion);
  }
  return lacking;
}

/** The 20 of 1.20. */
export async function minorOf(target: Target): Promise<number> {
  const { body } = await getJson(target, '/version');
  return Number.parseInt((body as { minor: string }).minor, 10);
}

const tokens = 'tokens of ServiceAccounts were Secrets, one in each namespace, mounted under other names';
const texts = 'the refusal was worded otherwise';
const fields = 'fields that came later, or were written when empty';
const lacks = 'a later feature of the API';
const validation = 'fields were not validated';
const columns = 'a Table had other columns';
const versions = 'groups had other versions';
const conditions = 'conditions and their reasons came later (SuccessCriteriaMet, PodFailed, …)';
const restarts = 'the RESTARTS of a Table were numbers, without an age';
const events = 'Events were worded otherwise, or without `from`';
const young = 'nothing is too old on a cluster that was never compacted: that happens every five minutes';
const order = 'a list comes in the order of keys, a watch without a version in an order of chance';

/** Reasons that hold at times only: what passes all the same is no error in the list. */
export const atTimes: ReadonlySet<string> = new Set([young, order]);

const listed = (reason: string, names: string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, reason]));

/** Minor version of the server → topic → name of the case → what differs. Reviewed by hand. */
export const differsOn: Record<number, Record<string, Record<string, string>>> = {
  20: {
    defaulting: {
      'a Namespace gets its name label, a finalizer and a default ServiceAccount': tokens,
      'a Pod with nothing but a name and an image': tokens,
      'a Pod with probes, ports, lifecycle, environment and volumes': tokens,
      'a Job': fields,
      'a CronJob': lacks,
      'a DaemonSet': fields,
      'a StatefulSet': fields,
      'dryRun=All answers as if created and leaves nothing': fields,
    },
    discovery: {
      '/version gives major, minor and build facts as strings': 'it is another version',
      '/apis lists every group with its versions and preferred version': versions,
      '/apis/apps describes one group': versions,
      'aggregated discovery of /api': lacks,
      'aggregated discovery of /apis': lacks,
      'aggregated discovery is negotiated from a list of media types': texts,
      'a media type that cannot be produced is 406': texts,
      'accept wildcards and fallbacks give JSON': texts,
      'the root lists paths': lacks,
      'openapi v3 has one document per group version': lacks,
    },
    errors: {
      'reading, patching, replacing or deleting what does not exist is NotFound': texts,
      'names that are no DNS names are Invalid': texts,
      'a Deployment without selector, or whose selector does not match its template, is Invalid': texts,
      'the selector of a Deployment is immutable': texts,
      'bad labels and annotations are Invalid': texts,
      'bad ports of a Service are Invalid': texts,
      'bad quantities: unparsable is BadRequest, a request above its limit is Invalid': texts,
      'environment and volumes are checked': texts,
      'identity fields cannot change: name, namespace and uid of an update': texts,
      'most of the spec of a Pod is immutable': tokens,
      'fieldValidation decides what an unknown or doubled field does': validation,
      'unknown fields deep in a Deployment are reported with their path': validation,
      'malformed JSON, the wrong kind, the wrong version and an empty body are BadRequest': texts,
      'a ResourceQuota that is used up is Forbidden': tokens,
      'bad dryRun, deletion and patch options are refused': texts,
    },
    'list-watch': {
      'label selectors that cannot be parsed': texts,
      'label selectors: every operator': tokens,
      'resourceVersion and resourceVersionMatch of a list': tokens,
      'a list has kind, version and items without their own kind': tokens,
      'limit and continue page through a list in order of names': tokens,
      'a watch from a resourceVersion gives ADDED, MODIFIED and DELETED since then': tokens,
      'a watch without a resourceVersion starts with what exists': order,
      'a resourceVersion of the future times out, one of the far past is Expired': young,
      'a watch from a version that is too old': young,
      'field selectors of Pods': lacks,
      'pods as a Table': columns,
      'jobs as a Table': columns,
      'sendInitialEvents gives the list as events and then a bookmark': lacks,
      'deleting a collection': tokens,
      'timeoutSeconds ends a watch, with a bookmark before the end': tokens,
      'configmaps as a Table': fields,
      'namespaces as a Table': fields,
      'persistentvolumeclaims as a Table': columns,
      'resourcequotas and limitranges as a Table': columns,
    },
    patches: {
      'tolerations of a Pod: more may be added, and the two default ones always come back': tokens,
      'a JSON patch whose test or path fails is refused whole': texts,
      'server-side apply refuses what it cannot do': texts,
      'server-side apply in YAML text, and lists merged by key': texts,
      'a patch of the scale subresource': texts,
    },
    subresources: {
      ...listed(lacks, [
        'the log of a container: whole, tail, limited, since, with timestamps',
        'TokenReview and SelfSubjectReview',
        'an ephemeral container is added through its subresource',
        'an eviction that no budget minds deletes the Pod',
        'SelfSubjectRulesReview lists what a Role grants',
      ]),
      ...listed('a Scale without a namespace in its metadata was refused', [
        'scale of a Deployment: GET and PUT',
        'scale of a ReplicaSet whose selector has expressions',
      ]),
      'the log of the previous container after a restart':
        'an image that has several names on the node was told by any of them',
      'PUT of a status: labels in the body count, the spec does not': tokens,
      'a token for a ServiceAccount': fields,
      'SelfSubjectAccessReview of an administrator and of a ServiceAccount': texts,
      'a Pod that names its node skips the scheduler': conditions,
      'what a container sees: arguments with variables, environment from everywhere, mounted files': events,
    },
    workloads: {
      ...listed(tokens, [
        'a Deployment from its creation till it is ready',
        'a Pod from its creation till it runs, in full',
      ]),
      ...listed(events, [
        'the strategy Recreate takes all down first',
        'a rolling update with maxSurge 1 and maxUnavailable 0',
        'a rolling update with maxSurge 0 and maxUnavailable 1',
        'a Deployment scaled up and down',
        'a rollout undone as kubectl does it reuses the old ReplicaSet',
        'a liveness probe that fails restarts the container',
      ]),
      ...listed(conditions, [
        'a Pod whose container ends badly: Failed, Error',
        'a container that takes too much memory: OOMKilled',
        'a command that does not exist: StartError',
        'a Pod past its activeDeadlineSeconds',
        'a Job that completes',
        'a Job past its activeDeadlineSeconds',
        'a Job that fails by its backoffLimit',
        'an Indexed Job',
        'a Job with parallelism 2 and three completions',
      ]),
      ...listed(restarts, [
        'a Pod whose container ends well: Succeeded, Completed',
        'an image that is not there and may not be pulled: ErrImageNeverPull',
        'a ConfigMap key that is missing: CreateContainerConfigError',
        'a volume whose ConfigMap is missing: ContainerCreating and FailedMount',
        'init containers run one after the other',
        'a Pod that asks for more than any node has',
        'a Pod whose claim is not bound',
        'an init container that fails: Init:CrashLoopBackOff',
        'a container that keeps failing: CrashLoopBackOff',
        'deleting a Pod: the grace period, and none',
      ]),
      ...listed(texts, [
        'an image that is not there: ErrImagePull, ImagePullBackOff',
        'an owner that goes takes its dependants along',
        'a cordoned node takes no Pods, until uncordoned',
      ]),
      ...listed(lacks, [
        'a CronJob triggered by hand as kubectl does it',
        'a CronJob at its time',
        'a Job that is deleted by ttlSecondsAfterFinished',
        'a Job suspended while it runs, and resumed',
        'a StatefulSet starts, scales and updates its Pods in order',
      ]),
      ...listed(fields, ['a DaemonSet runs one Pod a node and updates it', 'deleting a Namespace']),
      'a rollout whose image cannot be pulled misses its deadline':
        'the hash of a template was another, and with it the order of the names of Pods',
    },
    conflicts: {
      'a Lease is never overwritten blindly': texts,
    },
  },
};
