/** Wrong Pods, in the words of pkg/apis/core/validation; their containers: containers.test.ts. */
import { expect, it } from 'vitest';
import type { KubeObject } from '../../../../src/sandbox/api.ts';
import { podWith as c, refusalOf, refusalOfChange } from './refused.ts';

const p = (spec: object) => c({}, spec);
const spread = (more: object) =>
  p({
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', ...more },
    ],
  });
const vol = (source: object) => p({ volumes: [{ name: 'v', ...source }] });

it.each<[Parameters<typeof refusalOf>[0], string]>([
  [
    p({ restartPolicy: 'Sometimes' }),
    'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
  ],
  [
    p({ dnsPolicy: 'X' }),
    'spec.dnsPolicy: Unsupported value: "X": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"',
  ],
  [
    p({ dnsPolicy: 'None' }),
    'spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None',
  ],
  [
    p({ dnsConfig: { nameservers: ['x'] } }),
    'spec.dnsConfig.nameservers[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
  ],
  [p({ dnsConfig: { searches: ['A_b..c'] } }), 'spec.dnsConfig.searches[0]: Invalid value: "A_b..c"'],
  [
    p({ hostAliases: [{ ip: 'x', hostnames: ['a'] }] }),
    'spec.hostAliases[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
  ],
  [
    p({ hostAliases: [{ ip: '1.2.3.4', hostnames: ['A_b'] }] }),
    'spec.hostAliases[0].hostnames[0]: Invalid value: "A_b"',
  ],
  [
    p({ activeDeadlineSeconds: 0 }),
    'spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive',
  ],
  [p({ nodeName: 'A_b' }), 'spec.nodeName: Invalid value: "A_b"'],
  [p({ nodeSelector: { 'a b': 'c' } }), 'spec.nodeSelector: Invalid value: "a b"'],
  [p({ hostname: 'a.b' }), 'spec.hostname: Invalid value: "a.b": must not contain dots'],
  [p({ tolerations: [{ key: 'a b', operator: 'Exists' }] }), 'spec.tolerations[0].key: Invalid value: "a b"'],
  [
    p({ tolerations: [{ key: 'a', operator: 'In' }] }),
    'spec.tolerations[0].operator: Unsupported value: "In": supported values: "Equal", "Exists"',
  ],
  [
    p({ tolerations: [{ key: 'a', operator: 'Exists', effect: 'X' }] }),
    'spec.tolerations[0].effect: Unsupported value: "X": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
  ],
  [
    p({ tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoSchedule', tolerationSeconds: 5 }] }),
    'spec.tolerations[0].effect: Invalid value: "NoSchedule": effect must be \'NoExecute\' when `tolerationSeconds` is set',
  ],
  [
    p({
      affinity: {
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            { weight: 0, podAffinityTerm: { topologyKey: 'a', labelSelector: {} } },
          ],
        },
      },
    }),
    'spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 0: must be in the range 1-100',
  ],
  [
    p({
      affinity: {
        podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: {} }] },
      },
    }),
    'spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Required value: can not be empty',
  ],
  [
    p({
      affinity: {
        podAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'a', namespaces: ['A_b'] }],
        },
      },
    }),
    'spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].namespace: Invalid value: "A_b"',
  ],
  [
    p({
      affinity: {
        podAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'a', matchLabelKeys: ['x'] }],
        },
      },
    }),
    'spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].matchLabelKeys: Forbidden: must not be specified when labelSelector is not set',
  ],
  [
    p({
      affinity: {
        nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } },
      },
    }),
    'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term',
  ],
  [
    p({
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'X' }] }],
          },
        },
      },
    }),
    'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].operator: Invalid value: "X": not a valid selector operator',
  ],
  [
    p({
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Gt', values: ['1', '2'] }] }],
          },
        },
      },
    }),
    "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].values: Required value: must be specified single value when `operator` is 'Lt' or 'Gt'",
  ],
  [
    p({
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['a b'] }] }],
          },
        },
      },
    }),
    'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].values[0]: Invalid value: "a b"',
  ],
  [
    p({
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [
              { matchFields: [{ key: 'metadata.namespace', operator: 'In', values: ['a'] }] },
            ],
          },
        },
      },
    }),
    'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchFields[0].key: Invalid value: "metadata.namespace": not a valid field selector key',
  ],
  [
    p({
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'Exists' }] }],
          },
        },
      },
    }),
    'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchFields[0].operator: Invalid value: "Exists": not a valid selector operator',
  ],
  [
    spread({ maxSkew: 0 }),
    'spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero',
  ],
  [
    spread({ whenUnsatisfiable: 'X' }),
    'spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: "X": supported values: "DoNotSchedule", "ScheduleAnyway"',
  ],
  [
    spread({ minDomains: 0 }),
    'spec.topologySpreadConstraints[0].minDomains: Invalid value: 0: must be greater than zero',
  ],
  [
    spread({ minDomains: 2, whenUnsatisfiable: 'ScheduleAnyway' }),
    'spec.topologySpreadConstraints[0].minDomains: Invalid value: 2: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway',
  ],
  [
    spread({ nodeAffinityPolicy: 'X' }),
    'spec.topologySpreadConstraints[0].nodeAffinityPolicy: Unsupported value: "X": supported values: "Honor", "Ignore"',
  ],
  [
    p({
      topologySpreadConstraints: [1, 2].map(() => ({
        maxSkew: 1,
        topologyKey: 'zone',
        whenUnsatisfiable: 'DoNotSchedule',
      })),
    }),
    'spec.topologySpreadConstraints[0].{topologyKey, whenUnsatisfiable}: Duplicate value: "{zone, DoNotSchedule}"',
  ],
  [
    spread({ matchLabelKeys: ['a'] }),
    'spec.topologySpreadConstraints[0].matchLabelKeys: Forbidden: must not be specified when labelSelector is not set',
  ],
  [
    vol({ emptyDir: {}, hostPath: { path: '/' } }),
    'spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type',
  ],
  [p({ volumes: [{ name: 'A_b', emptyDir: {} }] }), 'spec.volumes[0].name: Invalid value: "A_b"'],
  [
    p({
      volumes: [
        { name: 'v', emptyDir: {} },
        { name: 'v', emptyDir: {} },
      ],
    }),
    'spec.volumes[1].name: Duplicate value: "v"',
  ],
  [
    vol({ hostPath: { path: '/', type: 'X' } }),
    'spec.volumes[0].hostPath.type: Unsupported value: "X": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"',
  ],
  [
    vol({ secret: { secretName: 'a', defaultMode: 512 } }),
    'spec.volumes[0].secret.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive',
  ],
  [vol({ persistentVolumeClaim: {} }), 'spec.volumes[0].persistentVolumeClaim.claimName: Required value'],
  [vol({ csi: {} }), 'spec.volumes[0].csi.driver: Required value'],
  [vol({ ephemeral: {} }), 'spec.volumes[0].ephemeral.volumeClaimTemplate: Required value'],
  [vol({ gitRepo: {} }), 'spec.volumes[0].gitRepo.repository: Required value'],
  [
    vol({ iscsi: {} }),
    '[spec.volumes[0].iscsi.targetPortal: Required value, spec.volumes[0].iscsi.iqn: Required value]',
  ],
  [
    vol({ fc: {} }),
    'spec.volumes[0].fc.targetWWNs: Required value: must specify either targetWWNs or wwids, but not both',
  ],
  [
    p({ securityContext: { sysctls: [{ name: 'a b', value: '1' }] } }),
    'spec.securityContext.sysctls[0].name: Invalid value: "a b": must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$',
  ],
  [
    p({ securityContext: { runAsUser: -1 } }),
    'spec.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive',
  ],
  [
    p({ securityContext: { supplementalGroups: [-1] } }),
    'spec.securityContext.supplementalGroups[0]: Invalid value: -1: must be between 0 and 2147483647, inclusive',
  ],
  [
    c({ securityContext: { seccompProfile: { type: 'X' } } }),
    'spec.containers[0].securityContext.seccompProfile.type: Unsupported value: "X": supported values: "Localhost", "RuntimeDefault", "Unconfined"',
  ],
  [
    c({ securityContext: { seccompProfile: { type: 'RuntimeDefault', localhostProfile: 'a' } } }),
    'spec.containers[0].securityContext.seccompProfile.localhostProfile: Invalid value: {"Type":"RuntimeDefault","LocalhostProfile":"a"}: can only be set when seccomp type is Localhost',
  ],
  [
    p({ os: { name: 'linux' }, securityContext: { windowsOptions: { runAsUserName: 'a' } } }),
    'spec.securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod',
  ],
  [p({ os: { name: 'windows' }, hostPID: true }), 'spec.hostPID: Forbidden: cannot be set for a windows pod'],
  [
    p({ hostUsers: false, hostNetwork: true }),
    'spec.hostNetwork: Forbidden: when `pod.Spec.HostUsers` is false',
  ],
  [
    p({ overhead: { cpu: '1' } }),
    'pods "x" is forbidden: pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead',
  ],
  [p({ runtimeClassName: 'nope' }), 'pods "x" is forbidden: pod rejected: RuntimeClass "nope" not found'],
  [
    p({ readinessGates: [{ conditionType: 'a b' }] }),
    'spec.readinessGates[0].conditionType: Invalid value: "a b"',
  ],
  [
    p({ resources: { limits: { disk: '1' } } }),
    'spec.resources.limits[disk]: Unsupported value: "disk": supported values: "cpu", "hugepages-", "memory"',
  ],
  [
    c({ resources: { requests: { cpu: '2' } } }, { resources: { requests: { cpu: '1' } } }),
    'spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 2',
  ],
  [
    { ...p({}), metadata: { annotations: { 'controller.kubernetes.io/pod-deletion-cost': 'a' } } },
    'metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "a": must be a 32bit integer',
  ],
  [{ ...p({}), metadata: { name: 'A_b' } }, 'metadata.name: Invalid value: "A_b"'],
  [{ ...p({}), metadata: { labels: { a: 'b c' } } }, 'metadata.labels: Invalid value: "b c"'],
  [
    { ...p({}), metadata: { finalizers: ['a'] } },
    'metadata.finalizers[0]: Invalid value: "a": name is neither a standard finalizer name nor is it fully qualified',
  ],
  [
    { ...p({}), metadata: { ownerReferences: [{ kind: 'A', name: 'a', apiVersion: 'v1' }] } },
    'metadata.ownerReferences.uid: Invalid value: "": must not be empty',
  ],
  [
    { ...p({}), metadata: { ownerReferences: [{ kind: '', name: '', apiVersion: '', uid: '' }] } },
    'metadata.ownerReferences.apiVersion: Invalid value: "": version must not be empty',
  ],
  [
    p({ shareProcessNamespace: true, hostPID: true }),
    'spec.securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled',
  ],
])('%j is refused', (wrong, why) => {
  expect(refusalOf(wrong)).toContain(why);
});

it.each([
  [10, 'spec.activeDeadlineSeconds: Invalid value: 10: must be less than or equal to previous value'],
  [
    undefined,
    'spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value',
  ],
  [3, 'accepted'],
])('of a Pod with 5 seconds to live, %j seconds: %s', (seconds, answer) => {
  const change = ({ spec }: KubeObject) => {
    if (seconds === undefined) delete spec.activeDeadlineSeconds;
    else spec.activeDeadlineSeconds = seconds;
  };
  expect(refusalOfChange(p({ activeDeadlineSeconds: 5 }), change)).toBe(answer);
});
