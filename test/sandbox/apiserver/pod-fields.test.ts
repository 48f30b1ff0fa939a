import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Ask, clientOf } from './client.ts';
import { startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
let ask: Ask;
beforeAll(async () => {
  server = await startTestServer();
  ask = clientOf(server);
});
afterAll(() => server.close());

const post = (more: object, container: object = {}) =>
  ask('POST', '/api/v1/namespaces/default/pods?dryRun=All', {
    body: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'v' },
      spec: { containers: [{ name: 'a', image: 'busybox:1', ...container }], ...more },
    },
  });
const required = 'requiredDuringSchedulingIgnoredDuringExecution';
const preferred = 'preferredDuringSchedulingIgnoredDuringExecution';

it.each([
  [
    'runAsUser',
    {},
    { securityContext: { runAsUser: -1 } },
    'spec.containers[0].securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive',
  ],
  [
    'runAsGroup of a pod',
    { securityContext: { runAsGroup: -5 } },
    {},
    'spec.securityContext.runAsGroup: Invalid value: -5: must be between 0 and 2147483647, inclusive',
  ],
  ['fsGroup', { securityContext: { fsGroup: -1 } }, {}, 'spec.securityContext.fsGroup: Invalid value: -1'],
  [
    'a privileged container',
    {},
    { securityContext: { privileged: true, allowPrivilegeEscalation: false } },
    'cannot set `allowPrivilegeEscalation` to false and `privileged` to true',
  ],
  [
    'a seccomp profile',
    { securityContext: { seccompProfile: { type: 'Localhost' } } },
    {},
    'seccompProfile.localhostProfile: Required value',
  ],
  ['subdomain', { subdomain: 'A_b' }, {}, 'spec.subdomain: Invalid value: "A_b": a lowercase RFC 1123 label'],
  [
    'a variable from all labels',
    {},
    { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.labels' } } }] },
    'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "metadata.labels": supported values: "metadata.name", "metadata.namespace"',
  ],
  [
    'a variable from a key that leads out',
    {},
    { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'x', key: '../x' } } }] },
    `spec.containers[0].env[0].valueFrom.configMapKeyRef.key: Invalid value: "../x": a valid config key must consist of`,
  ],
  [
    'dnsPolicy None',
    { dnsPolicy: 'None' },
    {},
    'spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None',
  ],
  [
    'a nameserver',
    { dnsConfig: { nameservers: ['here'] } },
    {},
    'spec.dnsConfig.nameservers[0]: Invalid value: "here": must be a valid IP address',
  ],
  [
    'no topologyKey',
    { affinity: { podAntiAffinity: { [required]: [{ labelSelector: {} }] } } },
    {},
    `spec.affinity.podAntiAffinity.${required}[0].topologyKey: Required value: can not be empty`,
  ],
  [
    'a weight',
    { affinity: { podAffinity: { [preferred]: [{ weight: 101, podAffinityTerm: { topologyKey: 'a' } }] } } },
    {},
    `spec.affinity.podAffinity.${preferred}[0].weight: Invalid value: 101: must be in the range 1-100`,
  ],
  [
    'no node selector term',
    { affinity: { nodeAffinity: { [required]: { nodeSelectorTerms: [] } } } },
    {},
    'nodeSelectorTerms: Required value: must have at least one node selector term',
  ],
  [
    'a toleration with a value',
    { tolerations: [{ operator: 'Exists', value: 'x' }] },
    {},
    `spec.tolerations[0].operator: Invalid value: "x": value must be empty when \`operator\` is 'Exists'`,
  ],
  [
    'tolerationSeconds',
    { tolerations: [{ key: 'a', operator: 'Exists', tolerationSeconds: 3 }] },
    {},
    "effect must be 'NoExecute' when `tolerationSeconds` is set",
  ],
  [
    'maxSkew',
    { topologySpreadConstraints: [{ maxSkew: 0, topologyKey: 'a', whenUnsatisfiable: 'DoNotSchedule' }] },
    {},
    'spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero',
  ],
])('case Q7: %s that makes no sense is refused', async (_what, more, container, why) => {
  const answer = await post(more, container);
  expect(answer.status).toBe(422);
  expect(answer.body?.message).toContain(why);
  const details = answer.body?.details as { causes: { field: string; message: string }[] } | undefined;
  const first = details?.causes[0];
  expect(`${first?.field}: ${first?.message}`).toContain(why);
});

const at = 'spec.containers[0]';
const sub = 'a lowercase RFC 1123 subdomain must consist of';
const claims = 'must be one of the names in pod.spec.resourceClaims which is empty';
const mode = ['Always', 'IfNotPresent', 'Never'].map((text) => `"${text}"`).join(', ');
const hook = (preStop: object) => ({ lifecycle: { preStop } });
const volume = (source: object) => ({ volumes: [{ name: 'v', ...source }] });
const resources = (requests: object, limits: object = requests) => ({ resources: { requests, limits } });
const env = (resourceFieldRef: object) => ({ env: [{ name: 'A', valueFrom: { resourceFieldRef } }] });
const sysctls = (...names: string[]) => ({
  securityContext: { sysctls: names.map((name) => ({ name, value: '1' })) },
});

it.each([
  [{ nodeName: 'BAD_NAME' }, {}, `spec.nodeName: Invalid value: "BAD_NAME": ${sub}`],
  [
    { hostAliases: [{ ip: 'x' }] },
    {},
    'spec.hostAliases[0].ip: Invalid value: "x": must be a valid IP address',
  ],
  [
    { hostAliases: [{ ip: '10.0.0.1', hostnames: ['a_b'] }] },
    {},
    `spec.hostAliases[0].hostnames[0]: Invalid value: "a_b": ${sub}`,
  ],
  [
    sysctls('Kernel'),
    {},
    'spec.securityContext.sysctls[0].name: Invalid value: "Kernel": must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$',
  ],
  [sysctls('a.b', 'a.b'), {}, 'spec.securityContext.sysctls[1].name: Duplicate value: "a.b"'],
  [
    { ...sysctls('net.core.somaxconn'), hostNetwork: true },
    {},
    `spec.securityContext.sysctls[0].name: Invalid value: "net.core.somaxconn": may not be specified when 'hostNetwork' is true`,
  ],
  [
    { securityContext: { fsGroupChangePolicy: 'Never' } },
    {},
    'spec.securityContext.fsGroupChangePolicy: Unsupported value: "Never": supported values: "Always", "OnRootMismatch"',
  ],
  [
    { readinessGates: [{ conditionType: 'a b' }] },
    {},
    'spec.readinessGates[0].conditionType: Invalid value: "a b": name part must consist of',
  ],
  [{ schedulingGates: [{ name: 'a' }, { name: 'a' }] }, {}, 'spec.schedulingGates[1]: Duplicate value: "a"'],
  [
    { schedulingGates: [{ name: 'a' }], nodeName: 'n' },
    {},
    'spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared',
  ],
  [
    { hostPID: true, shareProcessNamespace: true },
    {},
    'spec.securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled',
  ],
  [{ os: { name: 'beos' } }, {}, 'spec.os: Unsupported value: "beos": supported values: "linux", "windows"'],
  [{ os: {} }, {}, 'spec.os.name: Required value: cannot be empty'],
  [
    { resourceClaims: [{ name: 'a' }] },
    {},
    'spec.resourceClaims[0]: Invalid value: {"name":"a"}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`',
  ],
  [{}, { resources: { claims: [{ name: 'a' }] } }, `${at}.resources.claims[0]: Not found: "a": ${claims}`],
  [
    { ephemeralContainers: [{ name: 'e', image: 'busybox:1' }] },
    {},
    'spec.ephemeralContainers: Forbidden: cannot be set on create',
  ],
  [{}, hook({}), `${at}.lifecycle.preStop: Required value: must specify a handler type`],
  [{}, hook({ exec: {} }), `${at}.lifecycle.preStop.exec.command: Required value`],
  [
    {},
    hook({ sleep: { seconds: 1 }, exec: { command: ['a'] } }),
    `${at}.lifecycle.preStop.sleep: Forbidden: may not specify more than 1 handler type`,
  ],
  [
    {},
    hook({ sleep: { seconds: 31 } }),
    `${at}.lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)`,
  ],
  [
    {},
    { livenessProbe: { httpGet: { port: 'a_b' } } },
    `${at}.livenessProbe.httpGet.port: Invalid value: "a_b": must contain only alpha-numeric characters`,
  ],
  [
    {},
    { livenessProbe: { tcpSocket: { port: 0 } } },
    `${at}.livenessProbe.tcpSocket.port: Invalid value: 0: must be between 1 and 65535, inclusive`,
  ],
  [
    { initContainers: [{ name: 'i', image: 'busybox:1', livenessProbe: { grpc: { port: 1 } } }] },
    {},
    'spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
  ],
  [
    {},
    { terminationMessagePolicy: 'None' },
    `${at}.terminationMessagePolicy: Unsupported value: "None": supported values: "File", "FallbackToLogsOnError"`,
  ],
  [
    {},
    { securityContext: { procMount: 'All' } },
    `${at}.securityContext.procMount: Unsupported value: "All": supported values: "Default", "Unmasked"`,
  ],
  [
    {},
    { securityContext: { allowPrivilegeEscalation: false, capabilities: { add: ['CAP_SYS_ADMIN'] } } },
    'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN',
  ],
  [
    {},
    { envFrom: [{ prefix: 'A' }] },
    `${at}.envFrom: Invalid value: "": must specify one of: \`configMapRef\` or \`secretRef\``,
  ],
  [{}, { envFrom: [{ secretRef: {} }] }, `${at}.envFrom[0].secretRef.name: Required value`],
  [
    {},
    env({ resource: 'limits.disk' }),
    `${at}.env[0].valueFrom.resourceFieldRef.resource: Unsupported value: "limits.disk": supported values: "limits.cpu"`,
  ],
  [
    {},
    env({ resource: 'limits.cpu', divisor: '1k' }),
    `${at}.env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor's values 1m and 1 are supported with the cpu resource`,
  ],
  [
    {},
    resources({ 'a.io/gpu': '1500m' }),
    `${at}.resources.limits[a.io/gpu]: Invalid value: "1500m": must be an integer`,
  ],
  [
    {},
    resources({ 'a.io/gpu': '1' }, { 'a.io/gpu': '2' }),
    `${at}.resources.requests: Invalid value: "1": must be equal to a.io/gpu limit of 2`,
  ],
  [
    {},
    resources({ 'a.io/gpu': '1' }, {}),
    `${at}.resources.limits: Required value: Limit must be set for non overcommitable resources`,
  ],
  [
    volume({ emptyDir: { sizeLimit: '-1' } }),
    {},
    'spec.volumes[0].emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity',
  ],
  [
    volume({ hostPath: { path: '/a', type: 'Disk' } }),
    {},
    'spec.volumes[0].hostPath.type: Unsupported value: "Disk": supported values: "", "BlockDevice", "CharDevice"',
  ],
  [
    volume({ nfs: { server: 's', path: 'a' } }),
    {},
    'spec.volumes[0].nfs.path: Invalid value: "a": must be an absolute path',
  ],
  [volume({ image: {} }), {}, 'spec.volumes[0].image.reference: Required value'],
  [
    volume({ image: { reference: 'a', pullPolicy: 'Now' } }),
    {},
    `spec.volumes[0].image.pullPolicy: Unsupported value: "Now": supported values: ${mode}`,
  ],
])('case Q7: a Pod with %j and a container with %j is refused', async (more, container, why) => {
  const answer = await post(more, container);
  expect(answer.status).toBe(422);
  expect(answer.body?.message).toContain(why);
});

it('case Q7: a template is refused what its Pods would be refused, and what only Pods may have', async () => {
  const template = {
    preemptionPolicy: 'Now',
    ephemeralContainers: [{ name: 'e', image: 'busybox:1' }],
    containers: [{ name: 'a', image: 'busybox:1' }],
  };
  const answer = await ask('POST', '/apis/apps/v1/namespaces/default/deployments?dryRun=All', {
    body: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'v' },
      spec: {
        selector: { matchLabels: { a: 'b' } },
        template: { metadata: { labels: { a: 'b' } }, spec: template },
      },
    },
  });
  expect(answer.status).toBe(422);
  for (const why of [
    'spec.template.spec.preemptionPolicy: Unsupported value: "Now": supported values: "PreemptLowerPriority", "Never"',
    'spec.template.spec.ephemeralContainers: Forbidden: ephemeral containers not allowed in pod template',
  ]) {
    expect(answer.body?.message).toContain(why);
  }
});

it('case Q7: a Pod of a class that is not there is refused by admission', async () => {
  const answer = await post({ priorityClassName: 'none' });
  expect(answer.status).toBe(403);
  expect(answer.body?.message).toContain('no PriorityClass with name none was found');
});

it('a JSON Patch of more than ten thousand operations is refused', async () => {
  const patch = (count: number) =>
    ask('PATCH', '/api/v1/namespaces/default?dryRun=All', {
      headers: { 'content-type': 'application/json-patch+json' },
      body: Array.from({ length: count }, () => ({ op: 'test', path: '/kind', value: 'Namespace' })),
    });
  expect((await patch(10_000)).status).toBe(200);
  const refused = await patch(10_001);
  expect(refused.status).toBe(413);
  expect(refused.body).toMatchObject({
    reason: 'RequestEntityTooLarge',
    message: 'Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001',
  });
});

it('case Q7: a negative grace period is one second', async () => {
  const made = await post({ terminationGracePeriodSeconds: -1 });
  expect(made.status).toBe(201);
  expect(made.body).toMatchObject({ spec: { terminationGracePeriodSeconds: 1 } });
});

it('case Q7: what makes sense is taken', async () => {
  const made = await post(
    {
      dnsPolicy: 'None',
      dnsConfig: { nameservers: ['10.96.0.10'], searches: ['svc'], options: [{ name: 'ndots', value: '2' }] },
      securityContext: { runAsUser: 0, fsGroup: 2 ** 31 - 1, supplementalGroups: [1] },
      tolerations: [
        { operator: 'Exists' },
        { key: 'a', value: 'b', effect: 'NoExecute', tolerationSeconds: 3 },
      ],
    },
    { securityContext: { runAsUser: 1000, allowPrivilegeEscalation: false } },
  );
  expect(made.status).toBe(201);
});

it('case Q7: what only looks wrong is taken', async () => {
  const made = await post(
    {
      terminationGracePeriodSeconds: 60,
      os: { name: 'linux' },
      readinessGates: [{ conditionType: 'example.com/Ready' }],
      schedulingGates: [{ name: 'a.io/one' }, { name: 'two' }],
      ...sysctls('net/ipv4/ip_forward', 'kernel.sem'),
      hostAliases: [{ ip: '::1', hostnames: ['a.b'] }],
      resourceClaims: [{ name: 'gpu', resourceClaimName: 'mine' }],
      initContainers: [
        {
          name: 'i',
          image: 'busybox:1',
          restartPolicy: 'Always',
          startupProbe: { exec: { command: ['a'] } },
        },
      ],
      volumes: [
        { name: 'a', emptyDir: { sizeLimit: '0' } },
        { name: 'b', hostPath: { path: 'relative', type: 'Socket' } },
        { name: 'c', image: { reference: 'busybox:1' } },
      ],
    },
    {
      ...hook({ sleep: { seconds: 60 } }),
      ...env({ resource: 'limits.hugepages-2Mi', divisor: '1Mi' }),
      // No container has a port of that name.
      readinessProbe: { httpGet: { port: 'nowhere' } },
      terminationMessagePath: 'anything',
      terminationMessagePolicy: 'FallbackToLogsOnError',
      resources: { limits: { 'a.io/gpu': '2', cpu: '1500m' }, claims: [{ name: 'gpu', request: 'one' }] },
      securityContext: { allowPrivilegeEscalation: false, capabilities: { add: ['SYS_ADMIN'] } },
    },
  );
  expect(made.body?.message).toBeUndefined();
  expect(made.status).toBe(201);
});
