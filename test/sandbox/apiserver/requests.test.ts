import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Ask, clientOf } from './client.ts';
import { startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
let ask: Ask;
beforeAll(async () => {
  server = await startTestServer();
  ask = clientOf(server);
});
afterEach(() => expect(server.faults.splice(0)).toEqual([]));
afterAll(() => server.close());

const core = '/api/v1/namespaces/default';
const of = (group: string, resource: string) => `/apis/${group}/v1/namespaces/default/${resource}`;

describe('kubectl debug of a pod', () => {
  it('adds its container where others have limits, from which their requests follow', async () => {
    const limited = { name: 'a', image: 'busybox:1', resources: { limits: { cpu: '1' } } };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'd' }, spec: { containers: [limited] } };
    expect((await ask('POST', `${core}/pods`, { body: pod })).status).toBe(201);
    const added = await ask('PATCH', `${core}/pods/d/ephemeralcontainers`, {
      headers: { 'content-type': 'application/strategic-merge-patch+json' },
      body: { spec: { ephemeralContainers: [{ name: 'debugger', image: 'busybox:1' }] } },
    });
    expect(added.status).toBe(200);
    expect(added.body).toMatchObject({ spec: { ephemeralContainers: [{ name: 'debugger' }] } });
  });
});

describe('case Q1: PUT of an object that is not there', () => {
  const meta = { metadata: { name: 'spirit' } };
  const rbac = 'rbac.authorization.k8s.io';
  it.each([
    [`${core}/services`, { apiVersion: 'v1', kind: 'Service', ...meta, spec: { ports: [{ port: 80 }] } }],
    [of(rbac, 'roles'), { apiVersion: `${rbac}/v1`, kind: 'Role', ...meta, rules: [] }],
    [
      of(rbac, 'rolebindings'),
      { apiVersion: `${rbac}/v1`, kind: 'RoleBinding', ...meta, roleRef: { kind: 'Role', name: 'spirit' } },
    ],
    [`/apis/${rbac}/v1/clusterroles`, { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', ...meta, rules: [] }],
    [
      of('coordination.k8s.io', 'leases'),
      { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', ...meta, spec: {} },
    ],
    [`${core}/endpoints`, { apiVersion: 'v1', kind: 'Endpoints', ...meta }],
    [`${core}/limitranges`, { apiVersion: 'v1', kind: 'LimitRange', ...meta, spec: { limits: [] } }],
  ])('makes one at %s', async (path, body) => {
    const made = await ask('PUT', `${path}/spirit`, { body });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ metadata: { name: 'spirit', uid: expect.any(String) } });
    expect((await ask('PUT', `${path}/spirit`, { body: made.body })).status).toBe(200);
    expect((await ask('DELETE', `${path}/spirit`)).status).toBe(200);
  });

  it('gives a Service made so an address', async () => {
    const body = { apiVersion: 'v1', kind: 'Service', ...meta, spec: { ports: [{ port: 80 }] } };
    const made = await ask('PUT', `${core}/services/spirit`, { body });
    expect(made.body).toMatchObject({ spec: { clusterIP: expect.stringMatching(/^10\.96\./) } });
  });

  it.each([
    [`${core}/configmaps`, 'v1', 'ConfigMap'],
    [`${core}/secrets`, 'v1', 'Secret'],
    [`${core}/serviceaccounts`, 'v1', 'ServiceAccount'],
    [`${core}/pods`, 'v1', 'Pod'],
    [
      '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers',
      'autoscaling/v2',
      'HorizontalPodAutoscaler',
    ],
    [of('policy', 'poddisruptionbudgets'), 'policy/v1', 'PodDisruptionBudget'],
    [of('networking.k8s.io', 'networkpolicies'), 'networking.k8s.io/v1', 'NetworkPolicy'],
    [of('apps', 'deployments'), 'apps/v1', 'Deployment'],
    [of('batch', 'jobs'), 'batch/v1', 'Job'],
  ])('makes none at %s', async (path, apiVersion, kind) => {
    const answer = await ask('PUT', `${path}/spirit`, { body: { apiVersion, kind, ...meta } });
    expect(answer.status).toBe(404);
    expect(answer.body?.message).toMatch(/ "spirit" not found$/);
  });
});

describe('case Q2: an object with nothing in it', () => {
  const nameless = 'metadata.name: Required value: name or generateName is required';

  it('is refused as an autoscaler with every cause', async () => {
    const path = '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers';
    const answer = await ask('POST', path, { body: {} });
    expect(answer.status).toBe(422);
    expect(answer.body?.message).toBe(
      `HorizontalPodAutoscaler.autoscaling "" is invalid: [${nameless}, spec.maxReplicas: Required value: must be set and greater than 0, spec.maxReplicas: Invalid value: 0: must be greater than or equal to \`minReplicas\`, spec.scaleTargetRef.kind: Required value, spec.scaleTargetRef.name: Required value, spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group]`,
    );
  });

  it('is refused as a disruption budget for its name alone', async () => {
    const answer = await ask('POST', of('policy', 'poddisruptionbudgets'), { body: {} });
    expect(answer.status).toBe(422);
    expect(answer.body?.message).toBe(`PodDisruptionBudget.policy "" is invalid: ${nameless}`);
  });

  it('is refused with a reason by every kind, or stored', async () => {
    for (const group of ['/api/v1', '/apis/apps/v1', '/apis/batch/v1', '/apis/networking.k8s.io/v1']) {
      const { body } = await ask('GET', group);
      const resources = body?.resources as { name: string; namespaced: boolean; verbs: string[] }[];
      for (const { name, namespaced, verbs } of resources) {
        if (name.includes('/') || !verbs.includes('create')) continue;
        const path = `${group}/${namespaced ? 'namespaces/default/' : ''}${name}`;
        expect([path, (await ask('POST', path, { body: {} })).status]).toEqual([
          path,
          name === 'bindings' ? 500 : 422,
        ]);
      }
    }
  });
});

describe('case Q3: lists and deletions that make no sense', () => {
  it('a negative limit is none at all', async () => {
    const all = await ask('GET', `${core}/configmaps`);
    const answer = await ask('GET', `${core}/configmaps?limit=-1`);
    expect(answer.status).toBe(200);
    expect(answer.body?.items).toEqual(all.body?.items);
  });

  const removal = async (asking: Parameters<Ask>[2], query = '') => {
    await ask('POST', `${core}/configmaps`, {
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } },
    });
    return ask('DELETE', `${core}/configmaps/c${query}`, asking);
  };

  it.each([
    [
      '{"propagationPolicy":',
      400,
      "couldn't get version/kind; json parse error: unexpected end of JSON input",
    ],
    ['{"propagationPolicy":"Sideways"}', 422, 'supported values: "Foreground", "Background", "Orphan"'],
    ['{"gracePeriodSeconds":"soon"}', 400, 'cannot unmarshal string into Go struct field'],
    ['{"preconditions":[]}', 400, 'cannot unmarshal array'],
    ['{"kind":"Pod","apiVersion":"v1"}', 400, 'cannot be converted to DeleteOptions'],
    ['[]', 400, 'DeleteOptions'],
    ['null', 400, 'DeleteOptions'],
  ])('a DELETE with the body %s is %i', async (bytes, status, why) => {
    const answer = await removal({ bytes });
    expect(answer.status).toBe(status);
    expect(answer.body?.message).toContain(why);
  });

  it('a DELETE of an unknown type of body is 415, one with a query that is no number 400', async () => {
    expect((await removal({ bytes: '{}', headers: { 'content-type': 'text/plain' } })).status).toBe(415);
    expect((await removal({}, '?gracePeriodSeconds=soon')).status).toBe(400);
    expect((await removal({ bytes: '{"apiVersion":"policy/v1","kind":"DeleteOptions"}' })).status).toBe(200);
  });

  it.each(['//[', '/%ff', '//x/y', '/api/v1/namespaces/%ff/pods', '/api/v1/pods?labelSelector=%ff', '/%'])(
    'the path %s is answered with less than 500',
    async (path) => {
      expect((await ask('GET', path)).status).toBeLessThan(500);
    },
  );
});

describe('bodies that are large in one direction', () => {
  it.each([
    ['json', '['.repeat(100_000)],
    ['json', `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`],
    ['yaml', '['.repeat(100_000)],
    ['yaml', '- '.repeat(50_000)],
    ['yaml', `a: ${'{a: '.repeat(50_000)}`],
    ['yaml', `a: &a [x]\n${'b: [*a, *a, *a]\n'.repeat(10)}`],
    ['yaml', '!a '.repeat(60_000)],
    ['yaml', Array.from({ length: 20_000 }, (_, index) => `k${index}: v`).join('\n')],
  ])('are refused, as %s', async (type, bytes) => {
    const headers = { 'content-type': `application/${type}` };
    const answer = await ask('POST', `${core}/configmaps`, { bytes, headers });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
  });

  it('a number of a billion digits is the largest that there is', async () => {
    const body = {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'much' },
      spec: { hard: { cpu: '1e999999999', memory: '1e-999999999' } },
    };
    const made = await ask('POST', `${core}/resourcequotas`, { body });
    expect(made.body).toMatchObject({ spec: { hard: { memory: '1e-9' } } });
  });

  it('warnings of any characters fit into a header', async () => {
    const unknown = Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`\u4e2d\n${index}`, 1]));
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'warned' }, ...unknown };
    const answer = await ask('POST', `${core}/configmaps`, { body });
    expect(answer.status).toBe(201);
    expect(String(answer.headers.warning)).toContain('\\u4e2d');
  });
});

describe('case Q10: a Service made again with its address', () => {
  it('keeps its address by a deletion and a new one, not by a patch', async () => {
    const service = (spec: object) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'again' },
      spec: { ports: [{ port: 80 }], ...spec },
    });
    const path = `${core}/services`;
    const first = (await ask('POST', path, { body: service({}) })).body as unknown as {
      spec: { clusterIP: string };
    };
    const { clusterIP } = first.spec;
    await ask('DELETE', `${path}/again`);
    await ask('POST', path, { body: service({}) });
    const patched = await ask('PATCH', `${path}/again`, {
      body: { spec: { clusterIP, clusterIPs: [clusterIP] } },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    expect(patched.status).toBe(422);
    expect(patched.body?.message).toContain(
      `spec.clusterIPs[0]: Invalid value: ["${clusterIP}"]: may not change once set`,
    );
    expect((await ask('DELETE', `${path}/again`)).status).toBe(200);
    const again = await ask('POST', path, { body: service({ clusterIP }) });
    expect(again.status).toBe(201);
    expect(again.body).toMatchObject({ spec: { clusterIP, clusterIPs: [clusterIP] } });
    const other = await ask('POST', path, {
      body: { ...service({ clusterIP }), metadata: { name: 'other' } },
    });
    expect(other.body?.message).toContain(
      `failed to allocate IP ${clusterIP}: provided IP is already allocated`,
    );
  });

  it('a Secret, a RoleBinding and a Job say what of them may not change', async () => {
    const binding = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'fixed' },
      roleRef: { kind: 'Role', name: 'a' },
    };
    const path = of('rbac.authorization.k8s.io', 'rolebindings');
    await ask('POST', path, { body: binding });
    const moved = await ask('PUT', `${path}/fixed`, {
      body: { ...binding, roleRef: { kind: 'Role', name: 'b' } },
    });
    expect(moved.body?.message).toContain('cannot change roleRef');
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'fixed' }, type: 'a/b' };
    await ask('POST', `${core}/secrets`, { body: secret });
    const typed = await ask('PUT', `${core}/secrets/fixed`, { body: { ...secret, type: 'a/c' } });
    expect(typed.body?.message).toContain('type: Invalid value: "a/c": field is immutable');
  });
});

describe('case F10: a container that is not named', () => {
  it('is asked for also where kubectl knows a default', async () => {
    const metadata = { name: 'two', annotations: { 'kubectl.kubernetes.io/default-container': 'app' } };
    const containers = ['mesh', 'app'].map((name) => ({ name, image: 'busybox:1' }));
    await ask('POST', `${core}/pods`, {
      body: { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers } },
    });
    for (const subresource of ['log']) {
      const answer = await ask('GET', `${core}/pods/two/${subresource}`);
      expect(answer.status).toBe(400);
      expect(answer.body?.message).toBe(
        'a container name must be specified for pod two, choose one of: [mesh app]',
      );
    }
  });
});

describe('times that no year can say', () => {
  it.each([
    [599, 422, 'may not specify a duration less than 10 minutes'],
    [2 ** 32 + 1, 422, 'may not specify a duration larger than 2^32 seconds'],
    [Number.MAX_SAFE_INTEGER + 1, 422, 'may not specify a duration larger than 2^32 seconds'],
    [2 ** 32, 201, ''],
  ])('a token for %d seconds is answered with %d', async (expirationSeconds, status, why) => {
    const body = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { audiences: ['a'], expirationSeconds },
    };
    const answer = await ask('POST', `${core}/serviceaccounts/default/token`, { body });
    expect(answer).toMatchObject({ status });
    expect(JSON.stringify(answer.body)).toContain(why);
  });

  it('a pod that may take for ever to end is marked with a time that there is', async () => {
    const spec = { containers: [{ name: 'a', image: 'busybox:1' }], nodeName: 'n' };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'late' }, spec };
    expect((await ask('POST', `${core}/pods`, { body: pod })).status).toBe(201);
    const grace = 'gracePeriodSeconds=9007199254740991';
    expect(await ask('DELETE', `${core}/pods/late?${grace}`, {})).toMatchObject({
      status: 200,
      body: { metadata: { deletionTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) } },
    });
    expect((await ask('DELETE', `${core}/pods/late?gracePeriodSeconds=0`, {})).status).toBe(200);
  });
});
