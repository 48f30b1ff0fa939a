/** Wrong Deployments, ReplicaSets, StatefulSets and DaemonSets, in the words of pkg/apis/apps/validation. */
import { expect, it } from 'vitest';
import { pods, refusalOf, refusalOfChange } from './refused.ts';

const workload = (kind: string, spec: object = {}) => ({
  kind,
  spec: { selector: { matchLabels: { app: 'x' } }, template: pods(), ...spec },
});
const rolling = (rollingUpdate: object) => ({ type: 'RollingUpdate', rollingUpdate });
const noOperator = { matchExpressions: [{ key: 'a', operator: 'Near', values: ['b'] }] };
const deadline = pods({ activeDeadlineSeconds: 5 });
const percent =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
const claim = (spec: object) => [{ metadata: { name: 'd' }, spec }];

it.each([
  [
    'Deployment',
    { strategy: { type: 'Blue' } },
    'spec.strategy: Unsupported value: {"Type":"Blue","RollingUpdate":null}: supported values: "Recreate", "RollingUpdate"',
  ],
  [
    'Deployment',
    { strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } },
    "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
  ],
  [
    'Deployment',
    { strategy: rolling({ maxUnavailable: '110%' }) },
    'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "110%": must not be greater than 100%',
  ],
  [
    'Deployment',
    { strategy: rolling({ maxSurge: '1.5%' }) },
    `spec.strategy.rollingUpdate.maxSurge: Invalid value: "1.5%": ${percent}`,
  ],
  [
    'Deployment',
    { strategy: rolling({ maxSurge: -1 }) },
    'spec.strategy.rollingUpdate.maxSurge: Invalid value: -1: must be greater than or equal to 0',
  ],
  [
    'Deployment',
    { strategy: rolling({ maxSurge: 0, maxUnavailable: 0 }) },
    'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0',
  ],
  [
    'Deployment',
    { selector: noOperator },
    '[spec.selector.matchExpressions[0].operator: Invalid value: "Near": not a valid selector operator, spec.selector: Invalid value: {"matchExpressions":[{"key":"a","operator":"Near","values":["b"]}]}: invalid label selector]',
  ],
  [
    'Deployment',
    { selector: {} },
    'spec.selector: Invalid value: {}: empty selector is invalid for deployment',
  ],
  [
    'ReplicaSet',
    { selector: {} },
    'spec.selector: Invalid value: {}: empty selector is invalid for deployment',
  ],
  [
    'Deployment',
    { template: deadline },
    'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported',
  ],
  [
    'ReplicaSet',
    { template: deadline },
    'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported',
  ],
  [
    'StatefulSet',
    { template: deadline },
    'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in StatefulSet is not Supported',
  ],
  [
    'DaemonSet',
    { template: deadline },
    'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in DaemonSet is not Supported',
  ],
  [
    'ReplicaSet',
    { template: pods({ restartPolicy: 'Never' }) },
    'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
  ],
  [
    'Deployment',
    { template: pods({}, { annotations: { 'controller.kubernetes.io/pod-deletion-cost': '1.5' } }) },
    'spec.template.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "1.5": must be a 32bit integer',
  ],
  [
    'Deployment',
    { progressDeadlineSeconds: 10, minReadySeconds: 10 },
    'spec.progressDeadlineSeconds: Invalid value: 10: must be greater than minReadySeconds',
  ],
  [
    'StatefulSet',
    { podManagementPolicy: 'Random' },
    `spec.podManagementPolicy: Invalid value: "Random": must be 'OrderedReady' or 'Parallel'`,
  ],
  [
    'StatefulSet',
    { updateStrategy: { type: 'Recreate' } },
    `spec.updateStrategy: Invalid value: {"Type":"Recreate","RollingUpdate":null}: must be 'RollingUpdate' or 'OnDelete'`,
  ],
  [
    'StatefulSet',
    { updateStrategy: { type: 'OnDelete', rollingUpdate: { partition: 1 } } },
    `spec.updateStrategy.rollingUpdate: Invalid value: {"Partition":1,"MaxUnavailable":null}: only allowed for updateStrategy 'RollingUpdate'`,
  ],
  [
    'StatefulSet',
    { updateStrategy: rolling({ partition: -1 }) },
    'spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: must be greater than or equal to 0',
  ],
  [
    'StatefulSet',
    { updateStrategy: rolling({ maxUnavailable: 0 }) },
    'spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: 0: cannot be 0',
  ],
  [
    'StatefulSet',
    { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Keep' } },
    'spec.persistentVolumeClaimRetentionPolicy.whenDeleted: Unsupported value: "Keep": supported values: "Retain", "Delete"',
  ],
  [
    'StatefulSet',
    { ordinals: { start: -1 } },
    'spec.ordinals.start: Invalid value: -1: must be greater than or equal to 0',
  ],
  [
    'StatefulSet',
    { serviceName: 'Not_A_Name' },
    'spec.serviceName: Invalid value: "Not_A_Name": a lowercase RFC 1123',
  ],
  [
    'StatefulSet',
    { volumeClaimTemplates: claim({ resources: { requests: { storage: '1Gi' } } }) },
    'spec.volumeClaimTemplates[0].spec.accessModes: Required value: at least 1 access mode is required',
  ],
  [
    'DaemonSet',
    { updateStrategy: { type: 'Recreate' } },
    'spec.updateStrategy: Unsupported value: {"Type":"Recreate","RollingUpdate":null}: supported values: "RollingUpdate", "OnDelete"',
  ],
  [
    'DaemonSet',
    { updateStrategy: rolling({ maxUnavailable: 1, maxSurge: 1 }) },
    'spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero',
  ],
  [
    'DaemonSet',
    { updateStrategy: rolling({ maxUnavailable: 0 }) },
    'spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0',
  ],
  [
    'DaemonSet',
    { updateStrategy: rolling({ maxUnavailable: '200%' }) },
    'spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: "200%": must not be greater than 100%',
  ],
  [
    'DaemonSet',
    { selector: undefined },
    'spec.template.metadata.labels: Invalid value: {"app":"x"}: `selector` does not match template `labels`',
  ],
  [
    'DaemonSet',
    { minReadySeconds: -1 },
    'spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0',
  ],
])('a %s with %j is refused', (kind, spec, why) => {
  expect(refusalOf(workload(kind, spec))).toContain(why);
});

it('a container of a StatefulSet mounts a volume of its Pod or a claim of its own, and nothing else', () => {
  const volumeMounts = (name: string) => [{ name, mountPath: '/data' }];
  const set = (name: string) =>
    workload('StatefulSet', {
      serviceName: 'x',
      template: pods({
        containers: [{ name: 'c', image: 'busybox:1', volumeMounts: volumeMounts(name) }],
        volumes: [{ name: 'own', emptyDir: {} }],
      }),
      volumeClaimTemplates: claim({
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: '1Gi' } },
      }),
    });
  expect(['own', 'd', 'neither'].map((name) => refusalOf(set(name)))).toEqual([
    'accepted',
    'accepted',
    'spec.template.spec.containers[0].volumeMounts[0].name: Not found: "neither"',
  ]);
});

it.each(['Deployment', 'ReplicaSet', 'DaemonSet'])('the selector of a %s stays', (kind) => {
  const labels = { app: 'x', tier: 'a' };
  const right = workload(kind, { template: pods({}, { labels }) });
  const why = 'spec.selector: Invalid value: {"matchLabels":{"tier":"a"}}: field is immutable';
  expect(
    refusalOfChange(right, ({ spec }) => Object.assign(spec.selector, { matchLabels: { tier: 'a' } })),
  ).toBe(why);
});

it.each([
  ['serviceName', 'other'],
  ['podManagementPolicy', 'Parallel'],
  [
    'volumeClaimTemplates',
    claim({ accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }),
  ],
])('the %s of a StatefulSet stays', (field, value) => {
  const right = workload('StatefulSet', { serviceName: 'x' });
  expect(refusalOfChange(right, ({ spec }) => Object.assign(spec, { [field]: value }))).toBe(
    "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
  );
});

it('a ControllerRevision has data, which stays', () => {
  const right = { kind: 'ControllerRevision', data: { a: 1 }, revision: 1 };
  expect(refusalOf({ kind: 'ControllerRevision', revision: 1 })).toBe(
    'data: Required value: data is mandatory',
  );
  expect(refusalOf({ ...right, revision: -1 })).toBe(
    'revision: Invalid value: -1: must be greater than or equal to 0',
  );
  const why = 'data: Invalid value: {"a":2}: field is immutable';
  expect(refusalOfChange(right, (draft) => Object.assign(draft, { data: { a: 2 } }))).toBe(why);
});
