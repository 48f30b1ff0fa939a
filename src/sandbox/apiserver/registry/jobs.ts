import type { KubeObject } from '../../api.ts';
import { validateJob, validateJobUpdate } from '../validation/jobs.ts';
import type { ResourceDefinition } from './definition.ts';
import { fallback } from './pod-spec-defaults.ts';
import { setTemplateDefaults } from './workload-defaults.ts';

export const jobs: ResourceDefinition = {
  group: 'batch',
  version: 'v1',
  kind: 'Job',
  plural: 'jobs',
  singular: 'job',
  categories: ['all'],
  namespaced: true,
  model: 'V1Job',
  storageVersionHash: 'mudhfqk/qZY=',
  hasStatus: true,
  counted: true,
  subresources: [{ name: 'status', kind: 'Job', verbs: ['get', 'patch', 'update'] }],
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
  validate: validateJob,
  validateUpdate: validateJobUpdate,
  prepareCreate(job) {
    job.status = {};
    addSelector(job);
  },
  fields: (job) => ({ 'status.successful': String(job.status?.succeeded ?? 0) }),
  fieldNames: ['status.successful'],
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
