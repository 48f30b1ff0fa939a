import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { runKubectl } from '../../../kubectl.ts';
import { type Ask, clientOf } from '../client.ts';
import { refusalOf, refusalOfChange } from '../refusals/refused.ts';
import { startTestServer, type TestServer } from '../test-server.ts';

let server: TestServer;
let ask: Ask;
beforeAll(async () => {
  server = await startTestServer();
  ask = clientOf(server);
});
afterAll(() => server.close());

const schema = {
  type: 'object',
  required: ['spec'],
  properties: {
    spec: {
      type: 'object',
      description: 'What is to be backed up.',
      required: ['schedule'],
      properties: {
        schedule: { type: 'string', pattern: '^[0-9* /,-]+$' },
        keep: { type: 'integer', minimum: 1, maximum: 30, default: 7 },
        mode: { type: 'string', enum: ['full', 'changes'], default: 'full' },
        replicas: { type: 'integer' },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
        targets: {
          type: 'array',
          items: {
            type: 'object',
            required: ['name'],
            properties: { name: { type: 'string' }, path: { type: 'string' } },
          },
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
        },
        raw: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        port: { 'x-kubernetes-int-or-string': true },
      },
    },
    status: {
      type: 'object',
      properties: { phase: { type: 'string' }, replicas: { type: 'integer' }, selector: { type: 'string' } },
    },
  },
};

const version = (more: object = {}) => ({
  name: 'v1',
  served: true,
  storage: true,
  schema: { openAPIV3Schema: schema },
  subresources: {
    status: {},
    scale: {
      specReplicasPath: '.spec.replicas',
      statusReplicasPath: '.status.replicas',
      labelSelectorPath: '.status.selector',
    },
  },
  additionalPrinterColumns: [
    { name: 'Schedule', type: 'string', jsonPath: '.spec.schedule' },
    { name: 'Keep', type: 'integer', jsonPath: '.spec.keep', priority: 1 },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  ...more,
});

const crd = (spec: object = {}, name = 'backups.ops.example') => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name },
  spec: {
    group: 'ops.example',
    scope: 'Namespaced',
    names: { plural: 'backups', kind: 'Backup', shortNames: ['bk'] },
    versions: [version()],
    ...spec,
  },
});

const backup = (name: string, spec: object, more: object = {}) => ({
  apiVersion: 'ops.example/v1',
  kind: 'Backup',
  metadata: { name },
  spec,
  ...more,
});

const backups = '/apis/ops.example/v1/namespaces/default/backups';
const kubectl = (args: string[], input?: unknown) =>
  runKubectl(args, { ...server, stdin: input === undefined ? undefined : stringify(input) });

it('a definition is accepted, established and found by kubectl', async () => {
  const made = await kubectl(['apply', '-f', '-'], crd());
  expect(made.stdout).toBe('customresourcedefinition.apiextensions.k8s.io/backups.ops.example created\n');
  const waited = await kubectl([
    'wait',
    '--for=condition=Established',
    'crd/backups.ops.example',
    '--timeout=5s',
  ]);
  expect(waited.stdout).toContain('condition met');
  expect((await kubectl(['api-resources', '--api-group=ops.example', '--no-headers'])).stdout).toMatch(
    /^backups +bk +ops\.example\/v1 +true +Backup\n$/,
  );
  expect((await kubectl(['get', 'crd', '--no-headers'])).stdout).toMatch(/^backups\.ops\.example +\d{4}-/);
});

it('its objects get defaults, lose what nobody named, and are shown in its columns', async () => {
  const given = backup('nightly', { schedule: '0 3 * * *', raw: { any: 1 }, port: 'http', colour: 'red' });
  const { status, body, headers } = await ask('POST', `${backups}?fieldValidation=Warn`, { body: given });
  expect(status).toBe(201);
  expect(headers.warning).toBe('299 - "unknown field \\"spec.colour\\""');
  expect(body).toMatchObject({
    metadata: { generation: 1, namespace: 'default' },
    spec: { schedule: '0 3 * * *', keep: 7, mode: 'full', raw: { any: 1 }, port: 'http' },
  });
  expect(body).not.toHaveProperty('spec.colour');
  const { stdout } = await kubectl(['get', 'bk', '-o', 'wide']);
  expect(stdout.split('\n')[0]!.split(/ +/)).toEqual(['NAME', 'SCHEDULE', 'KEEP', 'PHASE', 'AGE']);
  expect(stdout.split('\n')[1]).toMatch(/^nightly +0 3 \* \* \* +7 +\d+s$/);
});

it.each([
  [{}, 'spec.schedule: Required value'],
  [
    { schedule: 'daily' },
    `spec.schedule: Invalid value: "daily": spec.schedule in body should match '^[0-9* /,-]+$'`,
  ],
  [
    { schedule: 5 },
    'spec.schedule: Invalid value: "integer": spec.schedule in body must be of type string: "integer"',
  ],
  [
    { schedule: '*', keep: 0 },
    'spec.keep: Invalid value: 0: spec.keep in body should be greater than or equal to 1',
  ],
  [
    { schedule: '*', mode: 'none' },
    'spec.mode: Unsupported value: "none": supported values: "full", "changes"',
  ],
  [{ schedule: '*', targets: [{ path: '/' }] }, 'spec.targets[0].name: Required value'],
  [
    { schedule: '*', targets: [{ name: 'a' }, { name: 'a' }] },
    'spec.targets[1]: Duplicate value: {"name":"a"}',
  ],
  [{ schedule: '*', port: true }, 'spec.port in body must be of type integer,string: "boolean"'],
])('an object with %j is refused', async (spec, why) => {
  const { status, body } = await ask('POST', backups, { body: backup('wrong', spec) });
  expect(status).toBe(422);
  expect(body?.message).toContain('Backup.ops.example "wrong" is invalid: ');
  expect(body?.message).toContain(why);
});

it('its status is written alone, and does not count', async () => {
  const at = `${backups}/nightly`;
  const type = { 'content-type': 'application/merge-patch+json' };
  await ask('PATCH', at, { body: { status: { phase: 'Lost' } }, headers: type });
  expect((await ask('GET', at)).body).not.toHaveProperty('status');
  await ask('PATCH', `${at}/status`, {
    body: { status: { phase: 'Ready' }, spec: { keep: 9 } },
    headers: type,
  });
  expect((await ask('GET', at)).body).toMatchObject({
    metadata: { generation: 1 },
    spec: { keep: 7 },
    status: { phase: 'Ready' },
  });
});

it('it scales by the paths that it names', async () => {
  const scaled = await kubectl(['scale', 'bk/nightly', '--replicas=3']);
  expect(scaled.stdout).toBe('backup.ops.example/nightly scaled\n');
  expect((await ask('GET', `${backups}/nightly`)).body).toMatchObject({ spec: { replicas: 3 } });
});

it('kubectl applies, explains and edits it, and the server merges its lists by their keys', async () => {
  const wanted = backup('weekly', { schedule: '0 0 * * 0', targets: [{ name: 'db', path: '/a' }] });
  expect((await kubectl(['apply', '-f', '-'], wanted)).stdout).toBe('backup.ops.example/weekly created\n');
  expect((await kubectl(['apply', '-f', '-'], wanted)).stdout).toBe('backup.ops.example/weekly unchanged\n');
  const more = backup('weekly', { targets: [{ name: 'files', path: '/b' }] });
  const applied = await kubectl(['apply', '--server-side', '--field-manager=other', '-f', '-'], more);
  expect(applied.stderr + applied.stdout).toBe('backup.ops.example/weekly serverside-applied\n');
  expect((await ask('GET', `${backups}/weekly`)).body).toMatchObject({
    spec: { schedule: '0 0 * * 0', targets: [{ name: 'db' }, { name: 'files' }] },
  });
  const { stdout } = await kubectl(['explain', 'backups.spec']);
  expect(stdout).toContain('What is to be backed up.');
  expect(stdout).toMatch(/mode\t<string>/);
});

it('a strategic patch is refused, as nobody knows how its lists are merged', async () => {
  const { status, body } = await ask('PATCH', `${backups}/weekly`, {
    body: {},
    headers: { 'content-type': 'application/strategic-merge-patch+json' },
  });
  expect([status, body?.reason]).toEqual([415, 'UnsupportedMediaType']);
});

it('other versions show the same objects', async () => {
  const { body } = await ask(
    'GET',
    '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/backups.ops.example',
  );
  const spec = body?.spec as { versions: object[] };
  spec.versions.push(version({ name: 'v1beta1', storage: false, deprecated: true }));
  expect(
    (
      await ask('PUT', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/backups.ops.example', {
        body,
      })
    ).status,
  ).toBe(200);
  const old = await ask('GET', '/apis/ops.example/v1beta1/namespaces/default/backups/nightly');
  expect(old.body).toMatchObject({ apiVersion: 'ops.example/v1beta1', spec: { keep: 7 } });
  expect(old.headers.warning).toBe('299 - "ops.example/v1beta1 is deprecated"');
  const groups = (await ask('GET', '/apis/ops.example')).body as { versions: { version: string }[] };
  expect(groups.versions.map((one) => one.version)).toEqual(['v1', 'v1beta1']);
});

it('with a definition its objects go, those with finalizers when these are done', async () => {
  const type = { 'content-type': 'application/merge-patch+json' };
  await ask('PATCH', `${backups}/nightly`, { body: { metadata: { finalizers: ['a.b/c'] } }, headers: type });
  const at = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/backups.ops.example';
  await ask('DELETE', at);
  expect((await ask('GET', `${backups}/weekly`)).status).toBe(404);
  expect((await ask('GET', at)).body).toMatchObject({
    metadata: { finalizers: ['customresourcecleanup.apiextensions.k8s.io'] },
  });
  await ask('PATCH', `${backups}/nightly`, { body: { metadata: { finalizers: null } }, headers: type });
  expect((await ask('GET', at)).status).toBe(404);
  expect((await ask('GET', backups)).status).toBe(404);
});

const versions = (openAPIV3Schema: unknown, more: object = {}) => ({
  versions: [version({ schema: { openAPIV3Schema }, ...more })],
});
const at = 'spec.versions[0].schema.openAPIV3Schema';

it.each([
  [crd({}, 'a.b'), 'metadata.name: Invalid value: "a.b": must be spec.names.plural+"."+spec.group'],
  [
    crd({ scope: 'World' }),
    'spec.scope: Unsupported value: "World": supported values: "Cluster", "Namespaced"',
  ],
  [
    crd({ group: 'ops' }, 'backups.ops'),
    'spec.group: Invalid value: "ops": should be a domain with at least one dot',
  ],
  [crd({ names: { plural: 'backups' } }), 'spec.names.kind: Required value'],
  [
    crd({ names: { plural: 'Backups', kind: 'Backup' } }, 'Backups.ops.example'),
    'spec.names.plural: Invalid value: "Backups"',
  ],
  [crd(versions(undefined)), `${at}: Required value: schemas are required`],
  [crd(versions({ type: 'string' })), `${at}.type: Invalid value: "string": must be object at the root`],
  [
    crd(versions({ type: 'object', properties: { a: {} } })),
    `${at}.properties[a].type: Required value: must not be empty for specified object fields`,
  ],
  [
    crd(versions({ type: 'object', properties: { a: { type: 'array' } } })),
    `${at}.properties[a].items: Required value: must be specified`,
  ],
  [crd(versions({ type: 'object', properties: { a: { type: 'text' } } })), 'Unsupported value: "text"'],
  [
    crd(versions({ type: 'object', properties: { a: { type: 'integer', default: 'x' } } })),
    `${at}.properties[a].default: Invalid value: "string"`,
  ],
  [
    crd(versions({ type: 'object', properties: { a: { type: 'string', pattern: '(' } } })),
    "must be a valid regular expression, but isn't",
  ],
  [
    crd(versions(schema, { storage: false })),
    'spec.versions: Invalid value: ["v1"]: must have exactly one version marked as storage version',
  ],
  [
    crd(versions(schema, { additionalPrinterColumns: [{ name: 'A', type: 'text', jsonPath: '.a' }] })),
    'spec.versions[0].additionalPrinterColumns[0].type: Unsupported value: "text"',
  ],
  [
    crd(
      versions(schema, {
        subresources: { scale: { specReplicasPath: '.a', statusReplicasPath: '.status.b' } },
      }),
    ),
    'spec.versions[0].subresources.scale.specReplicasPath: Invalid value: ".a": should be a json path under .spec',
  ],
  [crd({ conversion: { strategy: 'Webhook' } }), 'this cluster calls no webhooks'],
])('the definition %# is refused', (wrong, why) => {
  expect(refusalOf(wrong)).toContain(why);
});

it('group, plural, scope and kind stay', () => {
  const change = (to: object) => refusalOfChange(crd(), ({ spec }) => Object.assign(spec, to));
  expect(change({ scope: 'Cluster' })).toBe('spec.scope: Invalid value: "Cluster": field is immutable');
});
