import {
  apps,
  core,
  create,
  deployment,
  get,
  like,
  podSpec,
  refused,
  scene,
  topic,
  unscheduled,
} from './steps.ts';

type Json = Record<string, unknown>;

const limitRange = (...limits: Json[]): Json => ({
  apiVersion: 'v1',
  kind: 'LimitRange',
  metadata: { name: 'l' },
  spec: { limits },
});
const asking = (name: string, requests: Json, limits: Json): Json =>
  unscheduled(name, { resources: { requests, limits } });
const resources = (wanted: Json): Json => like({ spec: { containers: [{ resources: wanted }] } });
const denied = (name: string, why: string) => ({
  message: `pods "${name}" is forbidden: ${why}`,
  details: { name, kind: 'pods' },
});

export const limits = topic('limits', 'what a LimitRange fills in and refuses', [
  scene('what a container leaves out is filled in, and said in an annotation', (ns) => [
    create(
      core(ns, 'limitranges'),
      limitRange({
        type: 'Container',
        default: { cpu: '500m', memory: '64Mi' },
        defaultRequest: { cpu: '100m' },
      }),
      like({ spec: { limits: [{ defaultRequest: { cpu: '100m', memory: '64Mi' } }] } }),
    ),
    create(
      core(ns, 'pods'),
      unscheduled('p'),
      like({
        metadata: {
          annotations: {
            'kubernetes.io/limit-ranger':
              'LimitRanger plugin set: cpu, memory request for container app; cpu, memory limit for container app',
          },
        },
        spec: {
          containers: [
            {
              resources: {
                limits: { cpu: '500m', memory: '64Mi' },
                requests: { cpu: '100m', memory: '64Mi' },
              },
            },
          ],
        },
        status: { qosClass: 'Burstable' },
      }),
    ),
  ]),
  scene('what a container says itself stays', (ns) => [
    create(core(ns, 'limitranges'), limitRange({ type: 'Container', default: { cpu: '500m' } })),
    create(
      core(ns, 'pods'),
      asking('p', { cpu: '50m' }, { cpu: '200m' }),
      like(
        { spec: { containers: [{ resources: { limits: { cpu: '200m' }, requests: { cpu: '50m' } } }] } },
        'metadata.annotations',
      ),
    ),
  ]),
  scene('a limit is also the request, before the default request counts', (ns) => [
    create(core(ns, 'limitranges'), limitRange({ type: 'Container', defaultRequest: { cpu: '100m' } })),
    create(
      core(ns, 'pods'),
      asking('p', {}, { cpu: '200m' }),
      resources({ limits: { cpu: '200m' }, requests: { cpu: '200m' } }),
    ),
  ]),
  scene('a limit above the maximum is refused', (ns) => [
    create(core(ns, 'limitranges'), limitRange({ type: 'Container', max: { cpu: '1' } })),
    refused(
      create(core(ns, 'pods'), asking('p', {}, { cpu: '2' })),
      403,
      'Forbidden',
      denied('p', 'maximum cpu usage per Container is 1, but limit is 2'),
    ),
    create(core(ns, 'pods'), unscheduled('q'), resources({ limits: { cpu: '1' }, requests: { cpu: '1' } })),
  ]),
  scene('a request below the minimum is refused', (ns) => [
    create(core(ns, 'limitranges'), limitRange({ type: 'Container', min: { memory: '50Mi' } })),
    refused(
      create(core(ns, 'pods'), asking('p', { memory: '10Mi' }, { memory: '100Mi' })),
      403,
      'Forbidden',
      denied('p', 'minimum memory usage per Container is 50Mi, but request is 10Mi'),
    ),
  ]),
  scene('all that is wrong is said at once', (ns) => [
    create(
      core(ns, 'limitranges'),
      limitRange({ type: 'Container', min: { cpu: '100m' }, max: { memory: '50Mi' } }),
    ),
    refused(
      create(core(ns, 'pods'), asking('p', { cpu: '10m' }, { memory: '1Gi' })),
      403,
      'Forbidden',
      denied(
        'p',
        '[minimum cpu usage per Container is 100m, but request is 10m, maximum memory usage per Container is 50Mi, but limit is 1Gi]',
      ),
    ),
  ]),
  scene('a limit may be so many times the request and no more', (ns) => [
    create(core(ns, 'limitranges'), limitRange({ type: 'Container', maxLimitRequestRatio: { cpu: '2' } })),
    refused(
      create(core(ns, 'pods'), asking('p', { cpu: '100m' }, { cpu: '400m' })),
      403,
      'Forbidden',
      denied('p', 'cpu max limit to request ratio per Container is 2, but provided ratio is 4.000000'),
    ),
    create(core(ns, 'pods'), asking('q', { cpu: '100m' }, { cpu: '200m' })),
  ]),
  scene('a whole Pod has bounds of its own', (ns) => {
    const two = podSpec({ schedulerName: 'nobody' });
    const [app] = two.containers as Json[];
    const half = { limits: { cpu: '600m' } };
    const containers = [
      { ...app, resources: half },
      { ...app, name: 'beside', resources: half },
    ];
    return [
      create(core(ns, 'limitranges'), limitRange({ type: 'Pod', max: { cpu: '1' } })),
      refused(
        create(core(ns, 'pods'), {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name: 'p' },
          spec: { ...two, containers },
        }),
        403,
        'Forbidden',
        denied('p', 'maximum cpu usage per Pod is 1, but limit is 1200m'),
      ),
    ];
  }),
  scene('a bound on whole Pods wants a limit', (ns) => [
    create(core(ns, 'limitranges'), limitRange({ type: 'Pod', max: { cpu: '1' } })),
    refused(
      create(core(ns, 'pods'), unscheduled('p')),
      403,
      'Forbidden',
      denied('p', 'maximum cpu usage per Pod is 1.  No limit is specified'),
    ),
  ]),
  scene('a LimitRange whose minimum is above its maximum is Invalid', (ns) => [
    refused(
      create(
        core(ns, 'limitranges'),
        limitRange({ type: 'Container', min: { cpu: '2' }, max: { cpu: '1' } }),
      ),
      422,
      'Invalid',
      { details: { name: 'l', kind: 'LimitRange' } },
    ),
  ]),
  scene('a default for whole Pods is Invalid', (ns) => [
    refused(
      create(core(ns, 'limitranges'), limitRange({ type: 'Pod', default: { cpu: '1' } })),
      422,
      'Invalid',
      {
        details: {
          name: 'l',
          kind: 'LimitRange',
          causes: [
            {
              reason: 'FieldValueForbidden',
              message: "Forbidden: may not be specified when `type` is 'Pod'",
              field: 'spec.limits[0].default',
            },
          ],
        },
      },
    ),
  ]),
  scene('a Deployment is not measured itself, and neither is what was there before', (ns) => [
    create(core(ns, 'pods'), asking('old', {}, { cpu: '2' })),
    create(core(ns, 'limitranges'), limitRange({ type: 'Container', max: { cpu: '1' } })),
    create(
      apps(ns, 'deployments'),
      deployment('web', 0, podSpec({}, { resources: { limits: { cpu: '2' } } })),
    ),
    get(`${core(ns, 'pods')}/old`, resources({ limits: { cpu: '2' } })),
  ]),
]);
