import {
  configMap,
  core,
  create,
  get,
  gone,
  like,
  patch,
  put,
  refused,
  remove,
  scene,
  topic,
  unscheduled,
  watch,
} from './steps.ts';

const held = (...finalizers: string[]) => configMap('a', { a: '1' }, { finalizers });
const marked = (...finalizers: string[]) =>
  like({ metadata: { name: 'a', deletionTimestamp: '<time>', finalizers } });

export const deletion = topic('deletion', 'grace, finalizers, and who may still change what goes', [
  scene('a finalizer holds what is deleted until it is taken off', (ns) => {
    const path = `${core(ns, 'configmaps')}/a`;
    return [
      create(core(ns, 'configmaps'), held('example.com/hold')),
      remove(path, undefined, marked('example.com/hold')),
      get(path, marked('example.com/hold')),
      patch(path, { metadata: { finalizers: null } }),
      gone(path),
    ];
  }),
  scene('of two finalizers both must go', (ns) => {
    const path = `${core(ns, 'configmaps')}/a`;
    return [
      create(core(ns, 'configmaps'), held('example.com/one', 'example.com/two')),
      remove(path),
      patch(path, { metadata: { finalizers: ['example.com/two'] } }, marked('example.com/two')),
      get(path, marked('example.com/two')),
      patch(path, { metadata: { finalizers: [] } }),
      gone(path),
    ];
  }),
  scene('what goes gains no new finalizer', (ns) => {
    const path = `${core(ns, 'configmaps')}/a`;
    const finalizers = ['example.com/hold', 'example.com/late'];
    return [
      create(core(ns, 'configmaps'), held('example.com/hold')),
      remove(path),
      refused(patch(path, { metadata: { finalizers } }), 422, 'Invalid', {
        details: { name: 'a', kind: 'ConfigMap' },
      }),
      patch(path, { metadata: { finalizers: null } }),
      gone(path),
    ];
  }),
  scene('what goes can still be changed', (ns) => {
    const path = `${core(ns, 'configmaps')}/a`;
    return [
      create(core(ns, 'configmaps'), held('example.com/hold')),
      remove(path),
      patch(
        path,
        { data: { a: '2' } },
        like({ data: { a: '2' }, metadata: { deletionTimestamp: '<time>' } }),
      ),
      patch(path, { metadata: { finalizers: null } }),
      gone(path),
    ];
  }),
  scene('deleting twice changes nothing, and the name stays taken', (ns) => {
    const path = `${core(ns, 'configmaps')}/a`;
    return [
      create(core(ns, 'configmaps'), held('example.com/hold')),
      remove(path, undefined, like({ metadata: { resourceVersion: '<rv:1>' } })),
      remove(path, undefined, like({ metadata: { resourceVersion: '<rv:1>' } })),
      refused(create(core(ns, 'configmaps'), configMap('a')), 409, 'AlreadyExists', {
        message: 'object is being deleted: configmaps "a" already exists',
      }),
      patch(path, { metadata: { finalizers: null } }),
      create(core(ns, 'configmaps'), configMap('a')),
    ];
  }),
  scene('a PUT without the finalizers is the end of what goes', (ns) => {
    const path = `${core(ns, 'configmaps')}/a`;
    return [
      create(core(ns, 'configmaps'), held('example.com/hold')),
      remove(path),
      put(path, configMap('a')),
      gone(path),
    ];
  }),
  scene('a finalizer without a domain is refused', (ns) => [
    refused(create(core(ns, 'configmaps'), held('hold')), 422, 'Invalid', {
      details: { name: 'a', kind: 'ConfigMap' },
    }),
  ]),
  scene('a watch shows the mark, then the end', (ns) => {
    const path = `${core(ns, 'configmaps')}/a`;
    return [
      create(
        core(ns, 'configmaps'),
        held('example.com/hold'),
        like({ metadata: { resourceVersion: '<rv:1>' } }),
      ),
      watch(
        core(ns, 'configmaps'),
        { resourceVersion: '<rv:1>', fieldSelector: 'metadata.name=a' },
        [remove(path), patch(path, { metadata: { finalizers: null } })],
        [
          ['MODIFIED', { metadata: { name: 'a', deletionTimestamp: '<time>' } }],
          ['DELETED', { metadata: { name: 'a', deletionTimestamp: '<time>' } }],
        ],
      ),
    ];
  }),
  scene('a Pod without a node has no grace', (ns) => {
    const path = `${core(ns, 'pods')}/p`;
    return [
      create(core(ns, 'pods'), unscheduled('p')),
      remove(path, { gracePeriodSeconds: 30 }, like({ kind: 'Pod', metadata: { name: 'p' } })),
      gone(path),
    ];
  }),
  scene('a dry run deletes nothing', (ns) => {
    const path = `${core(ns, 'configmaps')}/a`;
    return [
      create(core(ns, 'configmaps'), configMap('a')),
      remove(path, { dryRun: ['All'] }, like({ status: 'Success' })),
      get(path, like({ metadata: { name: 'a' } }, 'metadata.deletionTimestamp')),
    ];
  }),
  scene('of many those with the label are deleted', (ns) => {
    const path = core(ns, 'configmaps');
    const many = remove(
      path,
      undefined,
      like({ kind: 'ConfigMapList', items: [{ metadata: { name: 'a' } }] }),
    );
    return [
      create(path, configMap('a', {}, { labels: { go: 'yes' } })),
      create(path, configMap('b', {}, { labels: { go: 'no' } })),
      { ...many, request: { ...many.request!, query: { labelSelector: 'go=yes' } } },
      gone(`${path}/a`),
      get(`${path}/b`, like({ metadata: { name: 'b' } })),
    ];
  }),
]);
