import {
  apps,
  configMap,
  core,
  create,
  deployment,
  get,
  gone,
  like,
  patch,
  put,
  refused,
  remove,
  scene,
  topic,
} from './steps.ts';

const modified = (resource: string, name: string) =>
  `Operation cannot be fulfilled on ${resource} "${name}": the object has been modified; please apply your changes to the latest version and try again`;
const read = (rv: string, more: Record<string, unknown> = {}) =>
  like({ metadata: { name: 'a', resourceVersion: rv }, ...more });
const field = (manager: string) => ({ type: 'apply' as const, query: { fieldManager: manager } });
const applied = (data: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a' },
  data,
});

export const conflicts = topic('conflicts', 'two clients that change the same object', [
  scene('of two clients that read the same version the first wins, the second is told', (ns) => {
    const path = `${core(ns, 'configmaps')}/a`;
    return [
      create(core(ns, 'configmaps'), configMap('a'), read('<rv:1>')),
      get(path, read('<rv:1>')),
      put(path, configMap('a', { a: 'first' }, { resourceVersion: '<rv:1>' }), read('<rv:2>')),
      refused(put(path, configMap('a', { a: 'second' }, { resourceVersion: '<rv:1>' })), 409, 'Conflict', {
        message: modified('configmaps', 'a'),
        details: { name: 'a', kind: 'configmaps' },
      }),
      get(path, like({ data: { a: 'first' } })),
      put(
        path,
        configMap('a', { a: 'second' }, { resourceVersion: '<rv:2>' }),
        like({ data: { a: 'second' } }),
      ),
    ];
  }),
  scene('a PUT without a version overwrites what another client wrote', (ns) => {
    const path = `${core(ns, 'configmaps')}/a`;
    return [
      create(core(ns, 'configmaps'), configMap('a')),
      put(path, configMap('a', { a: '2' })),
      put(path, configMap('a', { b: '3' }), like({ data: { b: '3' } }, 'data.a')),
    ];
  }),
  scene('a Deployment is protected by its version, too', (ns) => {
    const path = `${apps(ns, 'deployments')}/a`;
    const at = (rv: string, replicas: number) => {
      const object = deployment('a', replicas);
      return { ...object, metadata: { name: 'a', resourceVersion: rv } };
    };
    return [
      create(`${apps(ns, 'deployments')}`, deployment('a', 0), read('<rv:1>')),
      patch(path, { metadata: { labels: { seen: 'yes' } } }),
      refused(put(path, at('<rv:1>', 1)), 409, 'Conflict', {
        message: modified('deployments.apps', 'a'),
        details: { name: 'a', group: 'apps', kind: 'deployments' },
      }),
    ];
  }),
  scene('a Lease is never overwritten blindly', (ns) => {
    const leases = `/apis/coordination.k8s.io/v1/namespaces/${ns}/leases`;
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'a' } };
    return [
      create(leases, lease),
      refused(put(`${leases}/a`, { ...lease, spec: { holderIdentity: 'me' } }), 422, 'Invalid', {
        message:
          'leases.coordination.k8s.io "a" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
        details: { name: 'a', group: 'coordination.k8s.io', kind: 'leases' },
      }),
    ];
  }),
  scene('a merge patch that names a version is refused once that is old', (ns) => {
    const path = `${core(ns, 'configmaps')}/a`;
    const change = { metadata: { resourceVersion: '<rv:1>' }, data: { a: '2' } };
    return [
      create(core(ns, 'configmaps'), configMap('a'), read('<rv:1>')),
      patch(path, change, read('<rv:2>')),
      refused(patch(path, { ...change, data: { a: '3' } }), 409, 'Conflict', {
        message: modified('configmaps', 'a'),
      }),
    ];
  }),
  scene('merge patches of different keys both stay, of the same key the last', (ns) => {
    const path = `${core(ns, 'configmaps')}/a`;
    return [
      create(core(ns, 'configmaps'), configMap('a')),
      patch(path, { data: { b: 'one' } }),
      patch(path, { data: { c: 'two' } }, like({ data: { a: '1', b: 'one', c: 'two' } })),
      patch(path, { data: { b: 'late' } }, like({ data: { a: '1', b: 'late', c: 'two' } })),
    ];
  }),
  scene('a JSON patch whose test fails changes nothing', (ns) => {
    const path = `${core(ns, 'configmaps')}/a`;
    const swap = (from: string, to: string) => [
      { op: 'test', path: '/data/a', value: from },
      { op: 'replace', path: '/data/a', value: to },
    ];
    return [
      create(core(ns, 'configmaps'), configMap('a')),
      patch(path, swap('1', '2'), like({ data: { a: '2' } }), { type: 'json' }),
      refused(patch(path, swap('1', '3'), undefined, { type: 'json' }), 422, 'Invalid', {}),
      get(path, like({ data: { a: '2' } })),
    ];
  }),
  scene('the field that one manager applied is a conflict for another, until it forces', (ns) => {
    const path = `${core(ns, 'configmaps')}/a`;
    const first = patch(path, applied({ a: '1' }), undefined, field('one'));
    return [
      { ...first, response: { ...first.response!, status: 201 } },
      refused(patch(path, applied({ a: '2' }), undefined, field('two')), 409, 'Conflict', {
        message: 'Apply failed with 1 conflict: conflict with "one": .data.a',
        details: {
          causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.a' }],
        },
      }),
      patch(path, applied({ a: '2' }), like({ data: { a: '2' } }), {
        type: 'apply',
        query: { fieldManager: 'two', force: 'true' },
      }),
    ];
  }),
  scene('managers that apply different fields do not meet; each takes back only its own', (ns) => {
    const path = `${core(ns, 'configmaps')}/a`;
    const first = patch(path, applied({ a: '1' }), undefined, field('one'));
    return [
      { ...first, response: { ...first.response!, status: 201 } },
      patch(path, applied({ b: '2' }), like({ data: { a: '1', b: '2' } }), field('two')),
      patch(path, applied({ c: '3' }), like({ data: { b: '2', c: '3' } }, 'data.a'), field('one')),
    ];
  }),
  scene('what two managers apply alike stays until both let go', (ns) => {
    const path = `${core(ns, 'configmaps')}/a`;
    const first = patch(path, applied({ a: '1', b: '1' }), undefined, field('one'));
    return [
      { ...first, response: { ...first.response!, status: 201 } },
      patch(path, applied({ a: '1' }), undefined, field('two')),
      patch(path, applied({ b: '1' }), like({ data: { a: '1', b: '1' } }), field('one')),
      patch(path, applied({ c: '1' }), like({ data: { b: '1', c: '1' } }, 'data.a'), field('two')),
    ];
  }),
  scene('a DELETE with an old version or another uid deletes nothing', (ns) => {
    const path = `${core(ns, 'configmaps')}/a`;
    const uid = '00000000-0000-4000-8000-000000000000';
    return [
      create(core(ns, 'configmaps'), configMap('a'), read('<rv:1>')),
      patch(path, { data: { a: '2' } }, read('<rv:2>')),
      refused(remove(path, { preconditions: { resourceVersion: '<rv:1>' } }), 409, 'Conflict', {}),
      refused(remove(path, { preconditions: { uid } }), 409, 'Conflict', {}),
      remove(path, { preconditions: { resourceVersion: '<rv:2>' } }),
      gone(path),
    ];
  }),
  scene('a name is taken once', (ns) => [
    create(core(ns, 'configmaps'), configMap('a')),
    refused(create(core(ns, 'configmaps'), configMap('a', { b: '2' })), 409, 'AlreadyExists', {
      message: 'configmaps "a" already exists',
      details: { name: 'a', kind: 'configmaps' },
    }),
  ]),
  scene('a scale is protected by the version of what it scales', (ns) => {
    const path = `${apps(ns, 'deployments')}/a`;
    const scale = (rv: string) => ({
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: { name: 'a', namespace: ns, resourceVersion: rv },
      spec: { replicas: 0 },
    });
    return [
      create(apps(ns, 'deployments'), deployment('a', 0), read('<rv:1>')),
      patch(path, { metadata: { labels: { seen: 'yes' } } }),
      refused(put(`${path}/scale`, scale('<rv:1>')), 409, 'Conflict', {
        message: modified('deployments.apps', 'a'),
      }),
    ];
  }),
  scene('what another client has deleted can neither be patched nor replaced', (ns) => {
    const path = `${core(ns, 'configmaps')}/a`;
    const missing = { message: 'configmaps "a" not found', details: { name: 'a', kind: 'configmaps' } };
    return [
      create(core(ns, 'configmaps'), configMap('a'), read('<rv:1>')),
      remove(path),
      refused(patch(path, { data: { a: '2' } }), 404, 'NotFound', missing),
      refused(put(path, configMap('a', { a: '2' }, { resourceVersion: '<rv:1>' })), 404, 'NotFound', missing),
      refused(remove(path), 404, 'NotFound', missing),
    ];
  }),
  scene('an object that was made anew is not the one that was read', (ns) => {
    const path = `${core(ns, 'configmaps')}/a`;
    return [
      create(core(ns, 'configmaps'), configMap('a'), like({ metadata: { uid: '<uid:1>' } })),
      remove(path),
      create(core(ns, 'configmaps'), configMap('a'), like({ metadata: { uid: '<uid:2>' } })),
      refused(put(path, configMap('a', { a: '2' }, { uid: '<uid:1>' })), 409, 'Conflict', {}),
      refused(remove(path, { preconditions: { uid: '<uid:1>' } }), 409, 'Conflict', {}),
      remove(path, { preconditions: { uid: '<uid:2>' } }),
    ];
  }),
]);
