/** Wrong Ingresses, classes, policies, autoscalers, quotas, roles, Leases, nodes, volumes, Secrets. */
import { expect, it } from 'vitest';
import { refusalOf, refusalOfChange } from './refused.ts';

const backend = { service: { name: 'a', port: { number: 80 } } };
const ingress = (spec: object) => ({ kind: 'Ingress', spec });
const path = (more: object) =>
  ingress({ rules: [{ http: { paths: [{ path: '/', pathType: 'Prefix', backend, ...more }] } }] });
const at = 'spec.rules[0].http.paths[0]';
const policy = (spec: object) => ({ kind: 'NetworkPolicy', spec: { podSelector: {}, ...spec } });
const autoscaler = (spec: object) => ({
  kind: 'HorizontalPodAutoscaler',
  spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' }, ...spec },
});
const metric = (type: string, source: object) =>
  autoscaler({ metrics: [{ type, [type.charAt(0).toLowerCase() + type.slice(1)]: source }] });
const cpu = (target: object) => metric('Resource', { name: 'cpu', target });
const limits = (limit: object) => ({
  kind: 'LimitRange',
  spec: { limits: [{ type: 'Container', ...limit }] },
});
const quota = (spec: object) => ({ kind: 'ResourceQuota', spec });
const scoped = (one: object, hard: object = { pods: '1' }) =>
  quota({ hard, scopeSelector: { matchExpressions: [one] } });
const role = (rule: object) => ({
  kind: 'Role',
  rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'], ...rule }],
});
const binding = (more: object) => ({
  kind: 'RoleBinding',
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' },
  ...more,
});
const volume = (spec: object) => ({
  kind: 'PersistentVolume',
  spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/a' }, ...spec },
});
const claim = (spec: object) => ({
  kind: 'PersistentVolumeClaim',
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
});
const secret = (type: string, data?: object) => ({ kind: 'Secret', type, data });
const taint = (more: object) => ({
  kind: 'Node',
  spec: { taints: [{ key: 'a', effect: 'NoSchedule', ...more }] },
});
const ingressClass = (spec: object) => ({ kind: 'IngressClass', spec: { controller: 'a.b/c', ...spec } });

it.each([
  [ingress({}), 'spec: Invalid value: null: either `defaultBackend` or `rules` must be specified'],
  [path({ pathType: undefined }), `${at}.pathType: Required value: pathType must be specified`],
  [
    path({ pathType: 'Regex' }),
    `${at}.pathType: Unsupported value: "Regex": supported values: "Exact", "ImplementationSpecific", "Prefix"`,
  ],
  [path({ path: 'a' }), `${at}.path: Invalid value: "a": must be an absolute path`],
  [path({ path: '/a//b' }), `${at}.path: Invalid value: "/a//b": must not contain '//'`],
  [path({ backend: {} }), `${at}.backend: Invalid value: "": resource or service backend is required`],
  [
    path({ backend: { service: { name: 'a' } } }),
    `${at}.backend: Required value: port name or number is required`,
  ],
  [
    path({ backend: { service: { name: 'a', port: { number: 80, name: 'http' } } } }),
    `${at}.backend: Invalid value: "": cannot set both port name & port number`,
  ],
  [
    path({ backend: { service: { name: 'a', port: { number: 70_000 } } } }),
    `${at}.backend.service.port.number: Invalid value: 70000: must be between 1 and 65535, inclusive`,
  ],
  [
    path({ backend: { resource: { name: 'a' } } }),
    `${at}.backend.resource.kind: Required value: kind is required`,
  ],
  [
    ingress({ rules: [{ host: '1.2.3.4' }] }),
    'spec.rules[0].host: Invalid value: "1.2.3.4": must be a DNS name, not an IP address',
  ],
  [
    ingress({ rules: [{ host: 'a.*.c' }] }),
    `spec.rules[0].host: Invalid value: "a.*.c": a wildcard DNS-1123 subdomain must start with '*.'`,
  ],
  [ingress({ defaultBackend: backend, tls: [{ hosts: ['A'] }] }), 'spec.tls[0].hosts[0]: Invalid value: "A"'],
  [
    ingress({ defaultBackend: backend, tls: [{ secretName: 'A_b' }] }),
    'spec.tls[0].secretName: Invalid value: "A_b"',
  ],
  [
    ingressClass({ controller: 'nginx' }),
    'spec.controller: Invalid value: "nginx": must be a domain-prefixed path (such as "acme.io/foo")',
  ],
  [ingressClass({ parameters: { name: 'a' } }), 'spec.parameters.kind: Required value: kind is required'],
  [
    ingressClass({ parameters: { kind: 'K', name: 'a', scope: 'Namespace' } }),
    'spec.parameters.namespace: Required value: `parameters.scope` is set to `Namespace`',
  ],

  [
    policy({ podSelector: { matchExpressions: [{ key: 'a', operator: 'In' }] } }),
    "spec.podSelector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
  ],
  [
    policy({ policyTypes: ['Sideways'] }),
    'spec.policyTypes[0]: Unsupported value: "Sideways": supported values: "Ingress", "Egress"',
  ],
  [policy({ ingress: [{ from: [{}] }] }), 'spec.ingress[0].from[0]: Required value: must specify a peer'],
  [
    policy({ egress: [{ to: [{ ipBlock: { cidr: '10.0.0.1' } }] }] }),
    'spec.egress[0].to[0].ipBlock.cidr: Invalid value: "10.0.0.1": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
  ],
  [
    policy({ egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['11.0.0.0/9'] } }] }] }),
    'spec.egress[0].to[0].ipBlock.except[0]: Invalid value: "11.0.0.0/9": must be a strict subset of `cidr`',
  ],
  [
    policy({ ingress: [{ from: [{ podSelector: {}, ipBlock: { cidr: '10.0.0.0/8' } }] }] }),
    'spec.ingress[0].from[0]: Forbidden: may not specify both ipBlock and another peer',
  ],
  [
    policy({ ingress: [{ ports: [{ port: 70_000 }] }] }),
    'spec.ingress[0].ports[0].port: Invalid value: 70000: must be between 1 and 65535, inclusive',
  ],
  [
    policy({ ingress: [{ ports: [{ port: 'http', endPort: 9 }] }] }),
    'spec.ingress[0].ports[0].endPort: Invalid value: 9: may not be specified when `port` is non-numeric',
  ],

  [
    autoscaler({ minReplicas: 5 }),
    'spec.maxReplicas: Invalid value: 3: must be greater than or equal to `minReplicas`',
  ],
  [autoscaler({ minReplicas: 0 }), 'spec.minReplicas: Invalid value: 0: must be greater than or equal to 1'],
  [
    cpu({ type: 'Percent', averageUtilization: 5 }),
    'spec.metrics[0].resource.target.type: Invalid value: "Percent": must be either Utilization, Value, or AverageValue',
  ],
  [
    cpu({ type: 'Utilization' }),
    'spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization',
  ],
  [
    cpu({ type: 'Utilization', averageUtilization: 0 }),
    'spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0',
  ],
  [
    metric('ContainerResource', { name: 'cpu', target: { type: 'Utilization', averageUtilization: 5 } }),
    'spec.metrics[0].containerResource.container: Required value: must specify a container',
  ],
  [
    metric('Pods', { metric: {}, target: { type: 'AverageValue', averageValue: '5' } }),
    'spec.metrics[0].pods.metric.name: Required value: must specify a metric name',
  ],
  [
    metric('Pods', { metric: { name: 'a' }, target: { type: 'Value', value: '5' } }),
    'spec.metrics[0].pods.target.averageValue: Required value: must specify a positive target averageValue',
  ],
  [
    metric('External', { metric: { name: 'a' }, target: { type: 'Value' } }),
    'spec.metrics[0].external.target.averageValue: Required value: must set either a target value for metric or a per-pod target',
  ],
  [
    metric('Object', {
      describedObject: { kind: 'K', name: 'n', apiVersion: 'g/v' },
      metric: { name: 'a' },
      target: { type: 'Value' },
    }),
    'spec.metrics[0].object.target.averageValue: Required value: must set either a target value or averageValue',
  ],
  [
    autoscaler({ behavior: { scaleUp: { policies: [{ type: 'Pods', value: 0, periodSeconds: 5 }] } } }),
    'spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero',
  ],
  [
    autoscaler({ behavior: { scaleDown: { stabilizationWindowSeconds: 3601 } } }),
    'spec.behavior.scaleDown.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600',
  ],

  [
    limits({ type: 'Thing' }),
    'spec.limits[0].type: Invalid value: "Thing": must be a standard limit type or fully qualified',
  ],
  [
    limits({ type: 'PersistentVolumeClaim' }),
    'spec.limits[0].limits: Required value: either minimum or maximum storage value is required, but neither was provided',
  ],
  [
    limits({ max: { storage: '1Gi' } }),
    'spec.limits[0].max[storage]: Invalid value: "storage": must be a standard resource for containers',
  ],
  [
    limits({ min: { cpu: '2' }, max: { cpu: '1' } }),
    'spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1',
  ],
  [
    limits({ maxLimitRequestRatio: { cpu: '500m' } }),
    'spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is less than 1',
  ],
  [
    quota({ hard: { cpus: '1' } }),
    '[spec.hard[cpus]: Invalid value: "cpus": must be a standard resource type or fully qualified, spec.hard[cpus]: Invalid value: "cpus": must be a standard resource for quota]',
  ],
  [quota({ hard: { pods: '1500m' } }), 'spec.hard[pods]: Invalid value: "1500m": must be an integer'],
  [
    quota({ hard: { services: '1' }, scopes: ['Terminating'] }),
    'spec.scopes: Invalid value: ["Terminating"]: unsupported scope applied to resource',
  ],
  [
    quota({ hard: { pods: '1' }, scopes: ['Terminating', 'NotTerminating'] }),
    'spec.scopes: Invalid value: ["Terminating","NotTerminating"]: conflicting scopes',
  ],
  [
    scoped({ scopeName: 'PriorityClass', operator: 'In' }),
    "spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
  ],
  [
    scoped({ scopeName: 'BestEffort', operator: 'In', values: ['a'] }),
    `spec.scopeSelector.matchExpressions.operator: Invalid value: "In": must be 'Exists' when scope is any of`,
  ],

  [role({ verbs: [] }), 'rules[0].verbs: Required value: verbs must contain at least one value'],
  [
    role({ resources: [] }),
    'rules[0].resources: Required value: resource rules must supply at least one resource',
  ],
  [
    { kind: 'ClusterRole', aggregationRule: {} },
    'aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil',
  ],
  [
    binding({ subjects: [{ kind: 'ServiceAccount', name: 'A_b', namespace: 'd' }] }),
    'subjects[0].name: Invalid value: "A_b"',
  ],
  [
    binding({ subjects: [{ kind: 'Robot', name: 'a' }] }),
    'subjects[0].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"',
  ],
  [
    { kind: 'Lease', spec: { leaseDurationSeconds: 0 } },
    'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0',
  ],
  [
    { kind: 'Lease', spec: { preferredHolder: 'a' } },
    'spec.preferredHolder: Forbidden: may only be specified if `strategy` is defined',
  ],
  [
    taint({ effect: 'Maybe' }),
    'metadata.taints[0].effect: Unsupported value: "Maybe": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
  ],
  [taint({ key: '' }), 'metadata.taints[0].key: Invalid value: "": name part must be non-empty'],
  [
    {
      kind: 'StorageClass',
      provisioner: 'a.b/c',
      allowedTopologies: [{ matchLabelExpressions: [{ key: 'a', values: [] }] }],
    },
    'allowedTopologies[0].matchLabelExpressions[0].values: Required value',
  ],

  [volume({ hostPath: undefined }), 'spec: Required value: must specify a volume type'],
  [
    volume({ hostPath: { path: '/a/../b' } }),
    `spec.hostPath.path: Invalid value: "/a/../b": must not contain '..'`,
  ],
  [
    volume({ hostPath: undefined, nfs: { path: 'a' } }),
    '[spec.nfs.server: Required value, spec.nfs.path: Invalid value: "a": must be an absolute path]',
  ],
  [
    volume({ persistentVolumeReclaimPolicy: 'Recycle', hostPath: { path: '/' } }),
    "spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'",
  ],
  [claim({ storageClassName: 'A_b' }), 'spec.storageClassName: Invalid value: "A_b"'],
  [
    claim({ accessModes: ['ReadWriteOncePod', 'ReadOnlyMany'] }),
    'spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes',
  ],
  [
    claim({ dataSource: { kind: 'VolumeSnapshot', name: 'a' } }),
    `spec.dataSource: Invalid value: "VolumeSnapshot": must be 'PersistentVolumeClaim' when referencing the default apiGroup`,
  ],

  [secret('kubernetes.io/tls'), '[data[tls.crt]: Required value, data[tls.key]: Required value]'],
  [secret('kubernetes.io/ssh-auth', { 'ssh-privatekey': '' }), 'data[ssh-privatekey]: Required value'],
  [secret('kubernetes.io/basic-auth'), '[data[username]: Required value, data[password]: Required value]'],
  [secret('kubernetes.io/dockerconfigjson'), 'data[.dockerconfigjson]: Required value'],
  [
    secret('kubernetes.io/service-account-token'),
    'metadata.annotations[kubernetes.io/service-account.name]: Required value',
  ],
])('%j is refused', (wrong, why) => {
  expect(refusalOf(wrong)).toContain(why);
});

it('what a node was given once it keeps', () => {
  const right = {
    kind: 'Node',
    spec: { podCIDRs: ['10.0.0.0/24'], podCIDR: '10.0.0.0/24', providerID: 'a' },
  };
  const change = (to: object) => refusalOfChange(right, ({ spec }) => Object.assign(spec, to));
  expect(change({ providerID: 'b' })).toBe(
    'spec.providerID: Forbidden: node updates may not change providerID except from "" to valid',
  );
  expect(change({ podCIDRs: ['10.0.1.0/24'] })).toBe(
    'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
  );
});

it('what a binding gives, a Secret is of and a class is served by stays', () => {
  expect(refusalOfChange(binding({}), (draft) => Object.assign(draft.roleRef, { name: 's' }))).toContain(
    'cannot change roleRef',
  );
  expect(refusalOfChange(secret('Opaque'), (draft) => Object.assign(draft, { type: 'a/b' }))).toBe(
    'type: Invalid value: "a/b": field is immutable',
  );
  expect(refusalOfChange(ingressClass({}), ({ spec }) => Object.assign(spec, { controller: 'a.b/d' }))).toBe(
    'spec.controller: Invalid value: "a.b/d": field is immutable',
  );
});
