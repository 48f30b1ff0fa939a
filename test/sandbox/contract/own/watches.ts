import {
  configMap,
  core,
  create,
  like,
  patch,
  put,
  remove,
  scene,
  topic,
  unscheduled,
  watch,
} from './steps.ts';

const at = (name: string) => like({ metadata: { name, resourceVersion: '<rv:1>' } });
const since = { resourceVersion: '<rv:1>' };

export const watches = topic('watches', 'what a client that watches is told', [
  scene('each change is told once, in order', (ns) => {
    const path = core(ns, 'configmaps');
    return [
      create(path, configMap('start'), at('start')),
      watch(
        path,
        since,
        [
          create(path, configMap('a')),
          patch(`${path}/a`, { data: { a: '2' } }),
          patch(`${path}/a`, { data: { a: '3' } }),
          remove(`${path}/a`),
        ],
        [
          ['ADDED', { metadata: { name: 'a' }, data: { a: '1' } }],
          ['MODIFIED', { data: { a: '2' } }],
          ['MODIFIED', { data: { a: '3' } }],
          ['DELETED', { metadata: { name: 'a' }, data: { a: '3' } }],
        ],
      ),
    ];
  }),
  scene('what begins to match a selector is added, what ceases to is deleted', (ns) => {
    const path = core(ns, 'configmaps');
    const label = (tier: string | null) => patch(`${path}/a`, { metadata: { labels: { tier } } });
    return [
      create(path, configMap('a'), at('a')),
      watch(
        path,
        { ...since, labelSelector: 'tier=front' },
        [label('back'), label('front'), patch(`${path}/a`, { data: { a: '2' } }), label(null)],
        [
          ['ADDED', { metadata: { labels: { tier: 'front' } } }],
          ['MODIFIED', { data: { a: '2' } }],
          ['DELETED', { metadata: { name: 'a' } }],
        ],
      ),
    ];
  }),
  scene('one name is watched alone', (ns) => {
    const path = core(ns, 'configmaps');
    return [
      create(path, configMap('start'), at('start')),
      watch(
        path,
        { ...since, fieldSelector: 'metadata.name=b' },
        [
          create(path, configMap('a')),
          create(path, configMap('b')),
          remove(`${path}/a`),
          remove(`${path}/b`),
        ],
        [
          ['ADDED', { metadata: { name: 'b' } }],
          ['DELETED', { metadata: { name: 'b' } }],
        ],
      ),
    ];
  }),
  scene('writes that change nothing, or only pretend to, are not told', (ns) => {
    const path = core(ns, 'configmaps');
    const dry = patch(`${path}/a`, { data: { a: 'dry' } }, undefined, { query: { dryRun: 'All' } });
    return [
      create(path, configMap('a'), at('a')),
      watch(
        path,
        since,
        [
          patch(`${path}/a`, { data: { a: '1' } }),
          dry,
          put(`${path}/a`, configMap('a')),
          patch(`${path}/a`, { data: { a: '9' } }),
        ],
        [['MODIFIED', { data: { a: '9' } }]],
      ),
    ];
  }),
  scene('without a version a watch begins with what is there', (ns) => {
    const path = core(ns, 'secrets');
    const secret = (name: string) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, labels: { own: 'yes' } },
    });
    return [
      create(path, secret('a')),
      watch(
        path,
        { labelSelector: 'own=yes' },
        [create(path, secret('b'))],
        [
          ['ADDED', { metadata: { name: 'a' } }],
          ['ADDED', { metadata: { name: 'b' } }],
        ],
      ),
    ];
  }),
  scene('a write of the status is told, too', (ns) => {
    const path = core(ns, 'pods');
    const status = { status: { phase: 'Failed', reason: 'Evicted' } };
    return [
      create(path, unscheduled('p'), at('p')),
      watch(
        path,
        since,
        [patch(`${path}/p/status`, status)],
        [['MODIFIED', { status: { phase: 'Failed', reason: 'Evicted' } }]],
      ),
    ];
  }),
  scene('Pods are watched by their phase', (ns) => {
    const path = core(ns, 'pods');
    return [
      create(path, unscheduled('p'), at('p')),
      watch(
        path,
        { ...since, fieldSelector: 'status.phase=Failed' },
        [
          patch(`${path}/p`, { metadata: { labels: { seen: 'yes' } } }),
          patch(`${path}/p/status`, { status: { phase: 'Failed' } }),
        ],
        [['ADDED', { metadata: { name: 'p' }, status: { phase: 'Failed' } }]],
      ),
    ];
  }),
  scene('other namespaces are not heard of', (ns) => {
    const path = core(ns, 'configmaps');
    return [
      create(path, configMap('a'), at('a')),
      watch(
        path,
        since,
        [
          create(core('default', 'configmaps'), configMap(`${ns}-other`)),
          remove(`${core('default', 'configmaps')}/${ns}-other`),
          create(path, configMap('b')),
        ],
        [['ADDED', { metadata: { name: 'b', namespace: ns } }]],
      ),
    ];
  }),
]);
