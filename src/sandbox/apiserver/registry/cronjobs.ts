import { validateCronJob } from '../validation/jobs.ts';
import type { ResourceDefinition } from './definition.ts';
import { fallback, setPodSpecDefaults } from './pod-spec-defaults.ts';

export const cronjobs: ResourceDefinition = {
  group: 'batch',
  version: 'v1',
  kind: 'CronJob',
  plural: 'cronjobs',
  singular: 'cronjob',
  shortNames: ['cj'],
  categories: ['all'],
  namespaced: true,
  model: 'V1CronJob',
  storageVersionHash: 'sd5LIXh4Fjs=',
  hasStatus: true,
  counted: true,
  subresources: [{ name: 'status', kind: 'CronJob', verbs: ['get', 'patch', 'update'] }],
  setDefaults(cronJob) {
    cronJob.spec ??= {};
    const spec = cronJob.spec;
    fallback(spec, 'concurrencyPolicy', 'Allow');
    fallback(spec, 'suspend', false);
    fallback(spec, 'successfulJobsHistoryLimit', 3);
    fallback(spec, 'failedJobsHistoryLimit', 1);
    // Of the Job only its Pods get their defaults here; the rest when it is made.
    fallback(spec, 'jobTemplate', {});
    fallback(spec.jobTemplate, 'metadata', {});
    fallback(spec.jobTemplate, 'spec', {});
    fallback(spec.jobTemplate.spec, 'template', {});
    fallback(spec.jobTemplate.spec.template, 'metadata', {});
    fallback(spec.jobTemplate.spec.template, 'spec', {});
    setPodSpecDefaults(spec.jobTemplate.spec.template.spec);
  },
  prepareCreate(cronJob) {
    cronJob.status = {};
  },
  validate: validateCronJob,
};
