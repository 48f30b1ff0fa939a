import type { KubeObject } from '../../../api.ts';
import { age, humanDuration } from '../../table/duration.ts';
import {
  ageColumn,
  column,
  nameColumn,
  type Printer,
  templateCells,
  templateColumns,
} from '../../table/printer.ts';

export const table: Printer = {
  columns: [
    nameColumn,
    column('Status', 'Status of the job.'),
    column('Completions', 'V1JobStatus.succeeded'),
    column('Duration', 'Time required to complete the job.'),
    ageColumn,
    ...templateColumns(
      'A label query over pods that should match the pod count. Normally, the system sets this field for you. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors',
    ),
  ],
  row: (job, now) => [
    job.metadata.name,
    jobStatus(job),
    completions(job),
    jobDuration(job, now),
    age(job.metadata.creationTimestamp, now),
    ...templateCells(job.spec),
  ],
};

function jobStatus(job: KubeObject): string {
  const conditions: { type: string; status: string }[] = job.status?.conditions ?? [];
  const has = (type: string) => conditions.some((c) => c.type === type && c.status === 'True');
  if (has('Complete')) return 'Complete';
  if (has('Failed')) return 'Failed';
  if (job.metadata.deletionTimestamp) return 'Terminating';
  if (has('Suspended')) return 'Suspended';
  if (has('FailureTarget')) return 'FailureTarget';
  if (has('SuccessCriteriaMet')) return 'SuccessCriteriaMet';
  return 'Running';
}

function completions({ spec, status }: KubeObject): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const parallelism = spec.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function jobDuration({ status }: KubeObject, now: number): string {
  if (!status?.startTime) return '';
  const end = status.completionTime ? Date.parse(status.completionTime) : (lastTransition(status) ?? now);
  return humanDuration(end - Date.parse(status.startTime));
}

/** A failed Job has no completion time: its condition says when it ended. */
function lastTransition(status: KubeObject['status']): number | undefined {
  const conditions: { type: string; status: string; lastTransitionTime?: string }[] = status.conditions ?? [];
  const failed = conditions.find((c) => c.type === 'Failed' && c.status === 'True');
  return failed?.lastTransitionTime ? Date.parse(failed.lastTransitionTime) : undefined;
}
