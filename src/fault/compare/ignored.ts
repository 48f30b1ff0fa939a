import type { FieldPath } from '../../cluster/fields/path.ts';

/** A field that is left out of the comparison, of every kind or of one. */
export interface IgnoredField {
  path: FieldPath;
  kind?: string;
  /** Only where it was not there before: another value than before is a difference. */
  whereNew?: true;
  reason: string;
}

/**
 * The one reviewed list: what may differ between a cluster before a game and after its restore. Everything
 * that is not on it has to be equal.
 */
export const ignoredFields: readonly IgnoredField[] = [
  { path: ['metadata', 'resourceVersion'], reason: 'counts writes, also those that put things back' },
  { path: ['metadata', 'generation'], reason: 'counts changes of the spec, also those that put it back' },
  { path: ['metadata', 'managedFields'], reason: 'tells who wrote a field last, which restoring does' },
  { path: ['metadata', 'uid'], reason: 'an object that was deleted comes back as a new one' },
  { path: ['metadata', 'creationTimestamp'], reason: 'an object that was deleted comes back as a new one' },
  { path: ['metadata', 'selfLink'], reason: 'derived from the name' },
  { path: ['status'], reason: 'what controllers observe, not what anybody wants' },
  {
    path: ['metadata', 'annotations', 'deployment.kubernetes.io/revision'],
    reason: 'counts rollouts, also those that put things back',
  },
  {
    path: ['metadata', 'annotations', 'deprecated.daemonset.template.generation'],
    reason: 'counts rollouts, also those that put things back',
  },
  {
    path: ['spec', 'template', 'metadata', 'annotations', 'kubectl.kubernetes.io/restartedAt'],
    reason: 'says when somebody restarted it; taking it away would restart it once more',
  },
  {
    path: ['spec', 'selector', 'matchLabels', 'batch.kubernetes.io/controller-uid'],
    kind: 'Job',
    reason: 'the identity of a Job that came back as a new one',
  },
  ...(['controller-uid', 'batch.kubernetes.io/controller-uid'] as const).flatMap((label): IgnoredField[] => [
    {
      path: ['metadata', 'labels', label],
      kind: 'Job',
      reason: 'the identity of a Job that came back as a new one',
    },
    {
      path: ['spec', 'template', 'metadata', 'labels', label],
      kind: 'Job',
      reason: 'the identity of a Job that came back as a new one',
    },
  ]),
  {
    path: ['spec', 'selector', 'matchLabels', 'controller-uid'],
    kind: 'Job',
    reason: 'the identity of a Job that came back as a new one',
  },
  ...[
    ['spec', 'volumeName'],
    ['metadata', 'annotations', 'pv.kubernetes.io/bind-completed'],
    ['metadata', 'annotations', 'pv.kubernetes.io/bound-by-controller'],
    ['metadata', 'annotations', 'volume.kubernetes.io/selected-node'],
    ['metadata', 'annotations', 'volume.kubernetes.io/storage-provisioner'],
    ['metadata', 'annotations', 'volume.beta.kubernetes.io/storage-provisioner'],
  ].map(
    (path): IgnoredField => ({
      path,
      kind: 'PersistentVolumeClaim',
      whereNew: true,
      reason: 'written when its first pod comes, as of a CronJob, and never taken away',
    }),
  ),
  {
    path: ['metadata', 'annotations'],
    kind: 'Node',
    reason: 'written by the kubelet and its plug-ins all the time',
  },
];

/** Kinds that are not compared, and why. */
export const ignoredKinds: readonly { kind: string; reason: string }[] = [
  { kind: 'Event', reason: 'a record of what happened, the game included' },
  { kind: 'Endpoints', reason: 'derived from Services and pods' },
  { kind: 'EndpointSlice', reason: 'derived from Services and pods' },
  { kind: 'Lease', reason: 'heartbeats' },
];

/** Objects that a controller owns (pods, replica sets, Jobs of a CronJob): it makes them anew as it needs them. */
export const controlledReason = 'made by its controller, anew after each rollout';

/** Why empty maps and lists count as absent. */
export const emptyReason = 'the API server treats an empty map or list as an absent one';
