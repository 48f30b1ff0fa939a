import type { Case } from '../cases.ts';
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
  pod,
  podSpec,
  refused,
  remove,
  scene,
  service,
  topic,
  until,
} from './steps.ts';

const ready = { path: 'status.conditions[type=Ready].status', equals: 'True' };
/** Does not listen to SIGTERM. */
const stubborn = (seconds: number) =>
  podSpec(
    { terminationGracePeriodSeconds: seconds },
    { command: ['sh', '-c', 'trap "" TERM; while true; do sleep 1; done'] },
  );

const readiness: Case[] = [
  scene('a Pod has an address of its Service from the moment it is ready', (ns) => {
    const endpoints = `${core(ns, 'endpoints')}/a`;
    const late = podSpec(
      {},
      {
        command: ['sh', '-c', 'sleep 3; touch /tmp/ready; sleep 3600'],
        readinessProbe: { exec: { command: ['cat', '/tmp/ready'] }, periodSeconds: 1, failureThreshold: 1 },
      },
    );
    return [
      create(core(ns, 'services'), service('a')),
      create(core(ns, 'pods'), pod('a', late)),
      until(endpoints, { path: 'subsets[0].notReadyAddresses', length: 1 }),
      until(endpoints, { path: 'subsets[0].addresses', exists: false }),
      until(endpoints, { path: 'subsets[0].addresses', length: 1 }),
      until(
        endpoints,
        { path: 'subsets[0].addresses[0].targetRef.name', equals: 'a' },
        { path: 'subsets[0].notReadyAddresses', exists: false },
      ),
      get(`${core(ns, 'pods')}/a`, like({ status: { phase: 'Running' } })),
    ];
  }),
  scene('who asks for addresses of Pods that are not ready gets them', (ns) => {
    const endpoints = `${core(ns, 'endpoints')}/a`;
    const never = podSpec(
      {},
      { readinessProbe: { exec: { command: ['cat', '/tmp/never'] }, periodSeconds: 1 } },
    );
    return [
      create(core(ns, 'services'), service('a', { publishNotReadyAddresses: true })),
      create(core(ns, 'pods'), pod('a', never)),
      until(endpoints, { path: 'subsets[0].addresses', length: 1 }),
      until(endpoints, { path: 'subsets[0].addresses[0].targetRef.name', equals: 'a' }),
    ];
  }),
  scene('a Pod on its way out has no address any more, though it still runs', (ns) => {
    const endpoints = `${core(ns, 'endpoints')}/a`;
    const path = `${core(ns, 'pods')}/a`;
    return [
      create(core(ns, 'services'), service('a')),
      create(core(ns, 'pods'), pod('a', stubborn(6))),
      until(endpoints, { path: 'subsets[0].addresses', length: 1 }),
      remove(
        path,
        undefined,
        like({ metadata: { deletionTimestamp: '<time>', deletionGracePeriodSeconds: 6 } }),
      ),
      until(endpoints, { path: 'subsets[0].addresses', exists: false }),
      get(path, like({ status: { phase: 'Running' }, metadata: { deletionTimestamp: '<time>' } })),
      until(path, { status: 404 }),
    ];
  }),
  scene('a label decides which Service a Pod serves', (ns) => {
    const endpoints = (name: string) => `${core(ns, 'endpoints')}/${name}`;
    return [
      create(core(ns, 'services'), service('a')),
      create(core(ns, 'services'), service('b')),
      create(core(ns, 'pods'), pod('p', podSpec(), { app: 'a' })),
      until(endpoints('a'), { path: 'subsets[0].addresses', length: 1 }),
      patch(`${core(ns, 'pods')}/p`, { metadata: { labels: { app: 'b' } } }),
      until(endpoints('b'), { path: 'subsets[0].addresses', length: 1 }),
      until(endpoints('a'), { path: 'subsets[0].addresses', exists: false }),
    ];
  }),
];

const grace: Case[] = [
  scene('a second DELETE can only shorten the grace period', (ns) => {
    const path = `${core(ns, 'pods')}/a`;
    const graceOf = (seconds: number) => like({ metadata: { deletionGracePeriodSeconds: seconds } });
    return [
      create(core(ns, 'pods'), pod('a', stubborn(30))),
      until(path, ready),
      remove(path, undefined, graceOf(30)),
      remove(path, { gracePeriodSeconds: 60 }, graceOf(30)),
      remove(path, { gracePeriodSeconds: 1 }, graceOf(1)),
      until(path, { status: 404 }),
    ];
  }),
  scene('without grace a Pod is gone at once', (ns) => {
    const path = `${core(ns, 'pods')}/a`;
    return [
      create(core(ns, 'pods'), pod('a', stubborn(30))),
      until(path, ready),
      remove(path, { gracePeriodSeconds: 0 }),
      gone(path),
    ];
  }),
  scene('a finalizer keeps a Pod whose containers have ended', (ns) => {
    const path = `${core(ns, 'pods')}/a`;
    const held = { ...pod('a'), metadata: { name: 'a', finalizers: ['example.com/hold'] } };
    return [
      create(core(ns, 'pods'), held),
      until(path, ready),
      remove(path),
      until(path, { path: 'status.containerStatuses[0].state.terminated.exitCode', exists: true }),
      get(path, like({ metadata: { deletionTimestamp: '<time>', finalizers: ['example.com/hold'] } })),
      patch(path, { metadata: { finalizers: null } }),
      until(path, { status: 404 }),
    ];
  }),
];

const owners: Case[] = [
  scene('in the foreground a Deployment goes after its Pods', (ns) => {
    const path = `${apps(ns, 'deployments')}/web`;
    return [
      create(apps(ns, 'deployments'), deployment('web', 1)),
      until(path, { path: 'status.availableReplicas', equals: 1 }),
      remove(
        path,
        { propagationPolicy: 'Foreground' },
        like({ metadata: { deletionTimestamp: '<time>', finalizers: ['foregroundDeletion'] } }),
      ),
      until(path, { status: 404 }),
      until(core(ns, 'pods'), { path: 'items', length: 0 }),
    ];
  }),
  scene('orphans lose their owner and live on', (ns) => {
    const sets = apps(ns, 'replicasets');
    const set = { ...deployment('web', 1), kind: 'ReplicaSet' };
    return [
      create(sets, set),
      until(`${sets}/web`, { path: 'status.readyReplicas', equals: 1 }),
      remove(`${sets}/web`, { propagationPolicy: 'Orphan' }),
      until(`${sets}/web`, { status: 404 }),
      get(
        core(ns, 'pods'),
        like({ items: [{ status: { phase: 'Running' } }] }, 'items[*].metadata.ownerReferences'),
      ),
      create(sets, set, like({ metadata: { uid: '<uid:2>' } })),
      until(core(ns, 'pods'), { path: 'items[0].metadata.ownerReferences[0].uid', equals: '<uid:2>' }),
      get(core(ns, 'pods'), like({ items: [{ status: { phase: 'Running' } }] })),
    ];
  }),
  scene('a namespace that goes takes nothing new, and waits for what is held', (ns) => {
    const path = `${core(ns, 'configmaps')}/a`;
    return [
      create(core(ns, 'configmaps'), configMap('a', {}, { finalizers: ['example.com/hold'] })),
      remove(`/api/v1/namespaces/${ns}`, undefined, like({ status: { phase: 'Terminating' } })),
      refused(create(core(ns, 'configmaps'), configMap('b')), 403, 'Forbidden', {
        message: `configmaps "b" is forbidden: unable to create new content in namespace ${ns} because it is being terminated`,
        details: { causes: [{ reason: 'NamespaceTerminating' }] },
      }),
      until(path, { path: 'metadata.deletionTimestamp', exists: true }),
      until(`/api/v1/namespaces/${ns}`, {
        path: 'status.conditions[type=NamespaceFinalizersRemaining].status',
        equals: 'True',
      }),
      patch(path, { metadata: { finalizers: null } }),
      until(`/api/v1/namespaces/${ns}`, { status: 404 }),
    ];
  }),
];

const rolling: Case[] = [
  scene('a rollout is watched from the old Pods to the new ones', (ns) => {
    const path = apps(ns, 'deployments');
    const strategy = { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
    const counts = (all: number, updated: number) => ({
      'status.replicas': all,
      'status.updatedReplicas': updated,
      'status.availableReplicas': all,
      'status.observedGeneration': 2,
    });
    return [
      create(path, deployment('web', 2, podSpec(), { strategy })),
      until(`${path}/web`, { path: 'status.availableReplicas', equals: 2 }),
      patch(
        `${path}/web`,
        { spec: { template: { metadata: { annotations: { again: 'yes' } } } } },
        like({ metadata: { generation: 2 } }),
      ),
      {
        observe: {
          path,
          name: 'web',
          fields: Object.keys(counts(2, 2)),
          until: [
            { path: 'status.observedGeneration', equals: 2 },
            { path: 'status.updatedReplicas', equals: 2 },
            { path: 'status.replicas', equals: 2 },
            { path: 'status.availableReplicas', equals: 2 },
          ],
        },
        states: [counts(2, 2)],
      },
      get(
        apps(ns, 'replicasets'),
        like({
          items: [
            { metadata: { ownerReferences: [{ name: 'web' }] } },
            { metadata: { ownerReferences: [{ name: 'web' }] } },
          ],
        }),
      ),
    ];
  }),
  scene('a paused Deployment rolls nothing until it is resumed', (ns) => {
    const path = `${apps(ns, 'deployments')}/web`;
    const image = { spec: { template: { metadata: { annotations: { again: 'yes' } } } } };
    return [
      create(apps(ns, 'deployments'), deployment('web', 1)),
      until(path, { path: 'status.availableReplicas', equals: 1 }),
      patch(path, { spec: { paused: true } }),
      patch(path, image),
      until(path, { path: 'status.observedGeneration', equals: 3 }),
      get(apps(ns, 'replicasets'), like({ items: [{ status: { replicas: 1 } }] })),
      patch(path, { spec: { paused: null } }),
      until(path, { path: 'status.updatedReplicas', equals: 1 }, { path: 'status.replicas', equals: 1 }),
    ];
  }),
];

export const running = topic('running', 'readiness and addresses, grace, owners, rollouts', [
  ...readiness,
  ...grace,
  ...owners,
  ...rolling,
]);
