import type { KubeObject } from '../../../api.ts';
import { fallback } from '../../json.ts';
import { editable, status } from '../access.ts';
import type { ResourceDefinition } from '../definition.ts';
import { setTemplateDefaults } from '../template.ts';
import { table } from './table.ts';
import { validateJob, validateJobUpdate } from './validation.ts';

export const jobs: ResourceDefinition = {
  group: 'batch',
  version: 'v1',
  kind: 'Job',
  plural: 'jobs',
  singular: 'job',
  categories: ['all'],
  namespaced: true,
  model: 'V1Job',
  zeros: {
    omitted: ['V1JobStatus.active', 'V1JobStatus.failed', 'V1JobStatus.succeeded'],
    written: { V1JobCondition: { lastProbeTime: null, lastTransitionTime: null } },
  },
  lists: {
    'V1JobStatus.conditions': { merge: 'type' },
  },
  access: editable,
  storageVersionHash: 'mudhfqk/qZY=',
  hasStatus: true,
  counted: true,
  subresources: [status('Job')],
  setDefaults(job) {
    // A Job's template must name its restart policy: the default of Pods would be refused.
    const given = job.spec?.template?.spec?.restartPolicy;
    setTemplateDefaults(job);
    if (given === undefined) job.spec.template.spec.restartPolicy = 'Always';
    const spec = job.spec;
    if (spec.completions === undefined && spec.parallelism === undefined) {
      spec.completions = 1;
      spec.parallelism = 1;
    }
    fallback(spec, 'parallelism', 1);
    fallback(spec, 'backoffLimit', spec.backoffLimitPerIndex === undefined ? 6 : 2_147_483_647);
    fallback(spec, 'completionMode', 'NonIndexed');
    fallback(spec, 'suspend', false);
    fallback(spec, 'manualSelector', false);
    fallback(spec, 'podReplacementPolicy', spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed');
  },
  // For the sake of old clients; kubectl always names a policy (registry/batch/job).
  deletion: {
    orphans:
      'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
  },
  validate: validateJob,
  validateUpdate: validateJobUpdate,
  prepareCreate(job) {
    job.status = {};
    addSelector(job);
  },
  fields: (job) => ({ 'status.successful': String(job.status?.succeeded ?? 0) }),
  fieldNames: ['status.successful'],
  table,
};

/** The server makes the selector of a Job from its uid, unless manualSelector is set. */
function addSelector(job: KubeObject): void {
  if (job.spec.manualSelector) return;
  const uid = job.metadata.uid;
  const template = job.spec.template;
  template.metadata.labels = {
    ...template.metadata.labels,
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': job.metadata.name ?? '',
    'controller-uid': uid,
    'job-name': job.metadata.name ?? '',
  };
  job.metadata.labels ??= { ...template.metadata.labels };
  job.spec.selector ??= {};
  job.spec.selector.matchLabels = {
    ...job.spec.selector.matchLabels,
    'batch.kubernetes.io/controller-uid': uid,
  };
}
