import type { KubeObject } from '../../api.ts';
import { isTimeZone, parseSchedule } from '../../cron.ts';
import { fallback } from '../json.ts';
import type { FieldError } from '../status.ts';
import { age } from '../table/duration.ts';
import { ageColumn, column, nameColumn, templateCells, templateColumns } from '../table/printer.ts';
import { invalidValue, nonNegative, oneOf, required } from '../validation/rules.ts';
import { editable, status } from './access.ts';
import type { ResourceDefinition } from './definition.ts';
import { validateJobSpec } from './job/validation.ts';
import { setPodSpecDefaults } from './pod/spec/defaults.ts';

/** The names of the Jobs are eleven characters longer. */
const LONGEST_NAME = 52;

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
  access: editable,
  storageVersionHash: 'sd5LIXh4Fjs=',
  hasStatus: true,
  counted: true,
  subresources: [status('CronJob')],
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
  validateCreate: validateName,
  table: {
    columns: [
      nameColumn,
      column('Schedule', 'V1CronJobSpec.schedule'),
      column('Timezone', 'V1CronJobSpec.timeZone'),
      column('Suspend', 'V1CronJobSpec.suspend', { type: 'boolean' }),
      column('Active', 'V1CronJobStatus.active', { type: 'integer' }),
      column('Last Schedule', 'V1CronJobStatus.lastScheduleTime'),
      ageColumn,
      ...templateColumns(
        'A label query over pods that should match the pod count. Normally, the system sets this field for you. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors',
      ),
    ],
    row: ({ metadata, spec, status }, now) => [
      metadata.name,
      spec.schedule,
      spec.timeZone ?? '<none>',
      spec.suspend ? 'True' : 'False',
      status?.active?.length ?? 0,
      status?.lastScheduleTime ? age(status.lastScheduleTime, now) : '<none>',
      age(metadata.creationTimestamp, now),
      ...templateCells(spec.jobTemplate.spec),
    ],
  },
};

function validateCronJob({ spec }: KubeObject): FieldError[] {
  const { selector, manualSelector } = spec.jobTemplate.spec;
  const template = 'spec.jobTemplate.spec';
  return [
    ...scheduleErrors(spec.schedule ?? ''),
    ...nonNegative('spec.startingDeadlineSeconds', spec.startingDeadlineSeconds),
    ...timeZoneErrors(spec.timeZone),
    ...oneOf('spec.concurrencyPolicy', spec.concurrencyPolicy, ['Allow', 'Forbid', 'Replace']),
    ...validateJobSpec(spec.jobTemplate.spec, template),
    ...(selector
      ? [invalidValue(`${template}.selector`, selector, '`selector` will be auto-generated')]
      : []),
    ...(manualSelector ? oneOf(`${template}.manualSelector`, true, ['nil', 'false']) : []),
    ...nonNegative('spec.successfulJobsHistoryLimit', spec.successfulJobsHistoryLimit),
    ...nonNegative('spec.failedJobsHistoryLimit', spec.failedJobsHistoryLimit),
  ];
}

/** One that was made before the rule may be changed. */
function validateName({ metadata: { name = '' } }: KubeObject): FieldError[] {
  if (name.length <= LONGEST_NAME) return [];
  return [invalidValue('metadata.name', name, `must be no more than ${LONGEST_NAME} characters`)];
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

const zoneParts = /^(?!-|\.$|\.\.$)[A-Za-z._0-9+-]{1,14}$/;

function timeZoneErrors(zone: string | undefined): FieldError[] {
  const refuse = (why: string) => [invalidValue('spec.timeZone', zone, why)];
  if (zone === undefined) return [];
  if (zone === '') return refuse('timeZone must be nil or non-empty string');
  const isNamed = zone.split('/').every((part) => zoneParts.test(part));
  if (isNamed && zone.toLowerCase() === 'local') {
    const where = 'https://www.iana.org/time-zones';
    return refuse(`timeZone must be an explicit time zone as defined in ${where}`);
  }
  return isNamed && isTimeZone(zone) ? [] : refuse(`unknown time zone ${zone}`);
}
