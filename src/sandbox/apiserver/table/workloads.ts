/** The columns of Deployments, ReplicaSets, StatefulSets, DaemonSets and ControllerRevisions. */
import { age } from './duration.ts';
import {
  ageColumn,
  column,
  labelsText,
  nameColumn,
  type Printer,
  templateCells,
  templateColumns,
} from './printer.ts';

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

/** A StatefulSet shows no selector. */
export const statefulsets: Printer = {
  columns: [
    nameColumn,
    column('Ready', 'Number of the pod with ready state'),
    ageColumn,
    ...templateColumns('').slice(0, 2),
  ],
  row: ({ metadata, spec, status }, now) => [
    metadata.name,
    `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    age(metadata.creationTimestamp, now),
    ...templateCells(spec).slice(0, 2),
  ],
};

export const daemonsets: Printer = {
  columns: [
    nameColumn,
    column('Desired', 'V1DaemonSetStatus.desiredNumberScheduled', { type: 'integer' }),
    column('Current', 'V1DaemonSetStatus.currentNumberScheduled', { type: 'integer' }),
    column('Ready', 'V1DaemonSetStatus.numberReady', { type: 'integer' }),
    column('Up-to-date', 'V1DaemonSetStatus.updatedNumberScheduled', { type: 'integer' }),
    column('Available', 'V1DaemonSetStatus.numberAvailable', { type: 'integer' }),
    column('Node Selector', 'V1PodSpec.nodeSelector'),
    ageColumn,
    ...templateColumns(
      "A label query over pods that are managed by the daemon set. Must match in order to be controlled. It must match the pod template's labels. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors",
    ),
  ],
  row: ({ metadata, spec, status }, now) => [
    metadata.name,
    status?.desiredNumberScheduled ?? 0,
    status?.currentNumberScheduled ?? 0,
    status?.numberReady ?? 0,
    status?.updatedNumberScheduled ?? 0,
    status?.numberAvailable ?? 0,
    labelsText(spec.template.spec.nodeSelector),
    age(metadata.creationTimestamp, now),
    ...templateCells(spec),
  ],
};

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
