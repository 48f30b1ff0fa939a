/** Rules of Jobs and CronJobs (pkg/apis/batch/validation). */
import type { KubeObject } from '../../api.ts';
import { isTimeZone, parseSchedule } from '../../cron.ts';
import { same } from '../json.ts';
import type { FieldError } from '../status.ts';
import { immutable, invalidValue, nonNegative, oneOf, required } from './rules.ts';
import { validateTemplate } from './workloads.ts';

export function validateJob(job: KubeObject): FieldError[] {
  return validateJobSpec(job.spec, 'spec');
}

function validateJobSpec(spec: KubeObject['spec'], path: string): FieldError[] {
  const errors = [
    ...nonNegative(`${path}.parallelism`, spec.parallelism),
    ...nonNegative(`${path}.completions`, spec.completions),
    ...nonNegative(`${path}.activeDeadlineSeconds`, spec.activeDeadlineSeconds),
    ...nonNegative(`${path}.backoffLimit`, spec.backoffLimit),
    ...nonNegative(`${path}.ttlSecondsAfterFinished`, spec.ttlSecondsAfterFinished),
    ...(spec.completionMode === undefined
      ? []
      : oneOf(`${path}.completionMode`, spec.completionMode, ['NonIndexed', 'Indexed'])),
    ...validateTemplate(spec.template, `${path}.template`),
  ];
  // Always is what the defaults write when nothing is given, so both look alike here, as on the real server.
  if (spec.template.spec.restartPolicy === 'Always') {
    errors.push(required(`${path}.template.spec.restartPolicy`, 'valid values: "OnFailure", "Never"'));
  }
  return errors;
}

/** Of a running Job parallelism, suspend, deadlines and back-off may change; what its Pods are may not. */
export function validateJobUpdate(job: KubeObject, old: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ['completions', 'selector', 'template', 'completionMode', 'podFailurePolicy']) {
    const isElastic = field === 'completions' && job.spec.completionMode === 'Indexed';
    const isHeld = field === 'template' && old.spec.suspend && !old.status?.startTime;
    if (!isElastic && !isHeld && !same(job.spec[field], old.spec[field])) {
      errors.push(immutable(`spec.${field}`, job.spec[field] ?? null));
    }
  }
  return errors;
}

/** The names of the Jobs are eleven characters longer. */
const LONGEST_NAME = 52;

export function validateCronJob({ spec, metadata }: KubeObject): FieldError[] {
  const errors = [
    ...scheduleErrors(spec.schedule ?? ''),
    ...nonNegative('spec.startingDeadlineSeconds', spec.startingDeadlineSeconds),
    ...timeZoneErrors(spec.timeZone),
    ...oneOf('spec.concurrencyPolicy', spec.concurrencyPolicy, ['Allow', 'Forbid', 'Replace']),
    ...validateJobSpec(spec.jobTemplate.spec, 'spec.jobTemplate.spec'),
    ...nonNegative('spec.successfulJobsHistoryLimit', spec.successfulJobsHistoryLimit),
    ...nonNegative('spec.failedJobsHistoryLimit', spec.failedJobsHistoryLimit),
  ];
  if ((metadata.name ?? '').length > LONGEST_NAME) {
    errors.push(
      invalidValue('metadata.name', metadata.name, `must be no more than ${LONGEST_NAME} characters`),
    );
  }
  return errors;
}

function scheduleErrors(schedule: string): FieldError[] {
  const field = 'spec.schedule';
  if (schedule === '') return [required(field)];
  if (schedule.includes('TZ')) {
    const why = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead';
    return [invalidValue(field, schedule, why)];
  }
  try {
    parseSchedule(schedule);
    return [];
  } catch (error) {
    return [invalidValue(field, schedule, (error as Error).message)];
  }
}

function timeZoneErrors(zone: string | undefined): FieldError[] {
  if (zone === undefined || (zone !== '' && isTimeZone(zone))) return [];
  const why = zone === '' ? 'timeZone must be nil or non-empty string' : `unknown time zone ${zone}`;
  return [invalidValue('spec.timeZone', zone, why)];
}
