import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ask, clientOf } from './client.ts';
import { startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
let ask: Ask;
beforeAll(async () => {
  server = await startTestServer();
  ask = clientOf(server);
});
afterAll(() => server.close());

const rule =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
const upwards = "must not start with '..'";
const core = '/api/v1/namespaces/default';

const configMap = (name: string, more: object) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  ...more,
});

describe('case Q5: names of keys', () => {
  it.each([
    [
      '../up',
      `[data[../up]: Invalid value: "../up": ${rule}, data[../up]: Invalid value: "../up": ${upwards}]`,
    ],
    ['..data', `data[..data]: Invalid value: "..data": ${upwards}`],
    ['..', `data[..]: Invalid value: "..": must not be '..'`],
    ['.', `data[.]: Invalid value: ".": must not be '.'`],
    ['a b', `data[a b]: Invalid value: "a b": ${rule}`],
    ['', `data[]: Invalid value: "": ${rule}`],
    ['a/b', `data[a/b]: Invalid value: "a/b": ${rule}`],
    ['x'.repeat(254), 'must be no more than 253 characters'],
  ])('refuses a ConfigMap with the key %j', async (key, why) => {
    const answer = await ask('POST', `${core}/configmaps`, {
      body: configMap('k', { data: { [key]: 'x' } }),
    });
    expect(answer.status).toBe(422);
    expect(answer.body?.message).toContain(why);
    const binary = configMap('k', { binaryData: { [key]: 'eA==' } });
    expect((await ask('POST', `${core}/configmaps`, { body: binary })).status).toBe(422);
  });

  it.each(['..up', 'a/b', '.'])(
    'refuses a Secret with the key %j, as data and as stringData',
    async (key) => {
      const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'k' } };
      for (const content of [{ data: { [key]: 'eA==' } }, { stringData: { [key]: 'x' } }]) {
        const answer = await ask('POST', `${core}/secrets`, { body: { ...secret, ...content } });
        expect(answer.status).toBe(422);
        expect(answer.body?.message).toContain(`data[${key}]`);
      }
    },
  );

  it('refuses such a key that comes by any way of writing', async () => {
    await ask('POST', `${core}/configmaps`, { body: configMap('ways', { data: { a: '1' } }) });
    const path = `${core}/configmaps/ways`;
    const data = { '..up': 'x' };
    const ways: [method: string, type: string, body: unknown][] = [
      ['PUT', 'application/json', configMap('ways', { data })],
      ['PATCH', 'application/merge-patch+json', { data }],
      ['PATCH', 'application/strategic-merge-patch+json', { data }],
      ['PATCH', 'application/json-patch+json', [{ op: 'add', path: '/data/..up', value: 'x' }]],
      ['PATCH', 'application/apply-patch+yaml', configMap('ways', { data })],
    ];
    for (const [method, type, body] of ways) {
      const answer = await ask(method, `${path}?fieldManager=t`, { body, headers: { 'content-type': type } });
      expect([type, answer.status]).toEqual([type, 422]);
    }
  });

  it('takes the names that Kubernetes takes, and a key once only', async () => {
    const data = { 'a.b': '', '.hidden': '', A_B: '', 'a..b': '', __proto__x: '' };
    const fine = await ask('POST', `${core}/configmaps`, { body: configMap('fine', { data }) });
    expect(fine.status).toBe(201);
    const twice = configMap('twice', { data: { a: '' }, binaryData: { a: '' } });
    const refused = await ask('POST', `${core}/configmaps`, { body: twice });
    expect(refused.body?.message).toContain(
      'data[a]: Invalid value: "a": duplicate of key present in binaryData',
    );
  });
});

const pod = (volume: object) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'v' },
  spec: { containers: [{ name: 'a', image: 'busybox:1' }], volumes: [{ name: 'v', ...volume }] },
});
const post = (volume: object) => ask('POST', `${core}/pods?dryRun=All`, { body: pod(volume) });

/** A source of each kind that puts a file at `path`, and the field that is named when the path is wrong. */
const places: [name: string, volume: (path: string) => object, field: string][] = [
  [
    'configMap',
    (path) => ({ configMap: { name: 'x', items: [{ key: 'a', path }] } }),
    'configMap.items[0].path',
  ],
  [
    'secret',
    (path) => ({ secret: { secretName: 'x', items: [{ key: 'a', path }] } }),
    'secret.items[0].path',
  ],
  [
    'downwardAPI',
    (path) => ({ downwardAPI: { items: [{ path, fieldRef: { fieldPath: 'metadata.name' } }] } }),
    'downwardAPI.path',
  ],
  [
    'projected configMap',
    (path) => ({ projected: { sources: [{ configMap: { name: 'x', items: [{ key: 'a', path }] } }] } }),
    'projected.sources[0].configMap.items[0].path',
  ],
  [
    'projected secret',
    (path) => ({ projected: { sources: [{ secret: { name: 'x', items: [{ key: 'a', path }] } }] } }),
    'projected.sources[0].secret.items[0].path',
  ],
  [
    'projected downwardAPI',
    (path) => ({
      projected: {
        sources: [{ downwardAPI: { items: [{ path, fieldRef: { fieldPath: 'metadata.name' } }] } }],
      },
    }),
    'projected.sources[0].downwardAPI.path',
  ],
  [
    'projected token',
    (path) => ({ projected: { sources: [{ serviceAccountToken: { path, expirationSeconds: 3600 } }] } }),
    'projected.path',
  ],
];

describe('case Q6: paths in volumes, as the API server checks them', () => {
  it.each(places)('refuses paths that leave the folder of a %s', async (_name, volume, field) => {
    const wrong: [path: string, why: string][] = [
      ['../b', `Invalid value: "../b": must not contain '..'`],
      ['a/../../b', `Invalid value: "a/../../b": must not contain '..'`],
      ['/etc/b', 'Invalid value: "/etc/b": must be a relative path'],
      ['..data', `Invalid value: "..data": must not start with '..'`],
      ['..x', `Invalid value: "..x": must not start with '..'`],
      ['', 'Required value'],
    ];
    for (const [path, why] of wrong) {
      const answer = await post(volume(path));
      expect([path, answer.status]).toEqual([path, 422]);
      expect(answer.body?.message).toContain(`spec.volumes[0].${field}: ${why}`);
    }
  });

  it.each(places)('takes the paths that Kubernetes takes for a %s', async (_name, volume) => {
    for (const path of ['./b', 'a/b', '.b', 'a..b', 'a/.../b', 'a/..b']) {
      expect([path, (await post(volume(path))).status]).toEqual([path, 201]);
    }
  });

  it('says what Kubernetes says of the whole volume', async () => {
    const answer = await post({ configMap: { name: 'x', items: [{ key: 'a', path: '../b' }] } });
    expect(answer.body?.message).toBe(
      `Pod "v" is invalid: spec.volumes[0].configMap.items[0].path: Invalid value: "../b": must not contain '..'`,
    );
  });

  it('refuses modes, durations and pairs that make no sense', async () => {
    const token = { serviceAccountToken: { path: 't', expirationSeconds: 3600 } };
    const wrong: [volume: object, why: string][] = [
      [
        { configMap: { name: 'x', defaultMode: 0o1000 } },
        'configMap.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive',
      ],
      [
        { secret: { secretName: 'x', items: [{ key: 'a', path: 'a', mode: -1 }] } },
        'secret.items[0].mode: Invalid value: -1',
      ],
      [
        { projected: { sources: [{ serviceAccountToken: { path: 't', expirationSeconds: 5 } }] } },
        'expirationSeconds: Invalid value: 5: may not specify a duration less than 10 minutes',
      ],
      [
        { projected: { sources: [token, token] } },
        'projected: Invalid value: "t": conflicting duplicate paths',
      ],
      [
        { projected: { sources: [{ ...token, secret: { name: 'x' } }] } },
        'sources[0]: Forbidden: may not specify more than 1 volume type per source',
      ],
      [
        { downwardAPI: { items: [{ path: 'a' }] } },
        'downwardAPI: Required value: one of fieldRef and resourceFieldRef is required',
      ],
      [
        { downwardAPI: { items: [{ path: 'a', fieldRef: { fieldPath: 'spec.nodeName' } }] } },
        'downwardAPI.fieldRef.fieldPath: Unsupported value: "spec.nodeName"',
      ],
      [{ hostPath: { path: '/a/../b' } }, `hostPath.path: Invalid value: "/a/../b": must not contain '..'`],
    ];
    for (const [volume, why] of wrong) {
      const answer = await post(volume);
      expect(answer.status).toBe(422);
      expect(answer.body?.message).toContain(why);
    }
  });

  it('refuses a subPath that leaves the volume, also in a template', async () => {
    const mount = (more: object) => ({
      containers: [
        { name: 'a', image: 'busybox:1', volumeMounts: [{ name: 'v', mountPath: '/v', ...more }] },
      ],
      volumes: [{ name: 'v', emptyDir: {} }],
    });
    for (const more of [{ subPath: '../x' }, { subPath: '/x' }, { subPathExpr: '../$(A)' }]) {
      const body = { ...pod({}), spec: mount(more) };
      expect((await ask('POST', `${core}/pods?dryRun=All`, { body })).status).toBe(422);
      const deployment = {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'd' },
        spec: {
          selector: { matchLabels: { app: 'd' } },
          template: { metadata: { labels: { app: 'd' } }, spec: mount(more) },
        },
      };
      const path = '/apis/apps/v1/namespaces/default/deployments?dryRun=All';
      expect((await ask('POST', path, { body: deployment })).status).toBe(422);
    }
  });
});
