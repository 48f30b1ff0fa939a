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
