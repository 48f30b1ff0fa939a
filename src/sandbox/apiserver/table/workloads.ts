/** The columns of Deployments, ReplicaSets, Jobs and ControllerRevisions. */
import type { KubeObject } from '../../api.ts';
import { age, humanDuration } from './duration.ts';
import { ageColumn, column, nameColumn, type Printer, templateCells, templateColumns } from './printer.ts';

export const deployments: Printer = {
  columns: [
    nameColumn,
    column('Ready', 'Number of the pod with ready state'),
    column('Up-to-date', 'V1DeploymentStatus.updatedReplicas'),
    column('Available', 'V1DeploymentStatus.availableReplicas'),
    ageColumn,
    ...templateColumns(
      "Label selector for pods. Existing ReplicaSets whose pods are selected by this will be the ones affected by this deployment. It must match the pod template's labels.",
    ),
  ],
  row: ({ metadata, spec, status }, now) => [
    metadata.name,
    `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    status?.updatedReplicas ?? 0,
    status?.availableReplicas ?? 0,
    age(metadata.creationTimestamp, now),
    ...templateCells(spec),
  ],
};

export const replicasets: Printer = {
  columns: [
    nameColumn,
    column('Desired', 'V1ReplicaSetSpec.replicas', { type: 'integer' }),
    column('Current', 'V1ReplicaSetStatus.replicas', { type: 'integer' }),
    column('Ready', 'V1ReplicaSetStatus.readyReplicas', { type: 'integer' }),
    ageColumn,
    ...templateColumns(
      "Selector is a label query over pods that should match the replica count. Label keys and values that must match in order to be controlled by this replica set. It must match the pod template's labels. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors",
    ),
  ],
  row: ({ metadata, spec, status }, now) => [
    metadata.name,
    spec.replicas ?? 0,
    status?.replicas ?? 0,
    status?.readyReplicas ?? 0,
    age(metadata.creationTimestamp, now),
    ...templateCells(spec),
  ],
};

export const jobs: Printer = {
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

export const controllerrevisions: Printer = {
  columns: [
    nameColumn,
    column('Controller', 'Controller of the object'),
    column('Revision', 'V1ControllerRevision.revision'),
    ageColumn,
  ],
  row: ({ metadata, apiVersion: _, ...rest }, now) => [
    metadata.name,
    controllerText(metadata.ownerReferences),
    rest.revision ?? 0,
    age(metadata.creationTimestamp, now),
  ],
};

function controllerText(
  owners: { controller?: boolean; kind: string; name: string; apiVersion: string }[] = [],
) {
  const owner = owners.find((reference) => reference.controller);
  if (!owner) return '<none>';
  const [group, version] = owner.apiVersion.split('/');
  const kind = owner.kind.toLowerCase();
  return version ? `${kind}.${group}/${owner.name}` : `${kind}/${owner.name}`;
}
