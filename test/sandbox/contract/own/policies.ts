import {
  core,
  create,
  get,
  like,
  patch,
  pod,
  podSpec,
  put,
  refused,
  scene,
  service,
  topic,
  unscheduled,
  until,
} from './steps.ts';

type Json = Record<string, unknown>;

const quota = (hard: Json, more: Json = {}): Json => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'few' },
  spec: { hard, ...more },
});
const exceeded = (what: string, requested: string, used: string, limited: string) => ({
  message: `${what} is forbidden: exceeded quota: few, requested: ${requested}, used: ${used}, limited: ${limited}`,
});
/** A quota, counted for the first time. */
const counted = (ns: string, hard: Json, more?: Json) => [
  create(core(ns, 'resourcequotas'), quota(hard, more)),
  until(`${core(ns, 'resourcequotas')}/few`, { path: 'status.used', exists: true }),
  // The admission plug-in of the real server learns of it a little later.
  { pause: 0.3 },
];
const asking = (name: string, requests: Json) => unscheduled(name, { resources: { requests } });

export const quotas = topic('quotas', 'what a ResourceQuota counts and refuses', [
  scene('ports on the nodes are counted, also when a Service gets them later', (ns) => {
    const path = core(ns, 'services');
    const ports = 'services.nodeports=1';
    return [
      ...counted(ns, { 'services.nodeports': '1' }),
      create(path, service('a', { type: 'NodePort' })),
      create(path, service('b'), like({ spec: { clusterIP: '<ip:1>' } })),
      refused(
        patch(`${path}/b`, { spec: { type: 'NodePort' } }),
        403,
        'Forbidden',
        exceeded('services "b"', ports, ports, ports),
      ),
    ];
  }),
  scene('a dry run is refused as well, and uses nothing', (ns) => {
    const dry = create(
      core(ns, 'configmaps'),
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'b' } },
      undefined,
      { dryRun: 'All' },
    );
    const one = 'count/configmaps=1';
    // kube-root-ca.crt is one of them.
    return [
      ...counted(ns, { 'count/configmaps': '2' }),
      dry,
      dry,
      create(core(ns, 'configmaps'), { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }),
      refused(
        dry,
        403,
        'Forbidden',
        exceeded('configmaps "b"', one, 'count/configmaps=2', 'count/configmaps=2'),
      ),
    ];
  }),
  scene('all resources that are exceeded are named, the others not', (ns) => [
    ...counted(ns, { 'requests.cpu': '1', 'requests.memory': '1Gi', pods: '9' }),
    refused(
      create(core(ns, 'pods'), asking('p', { cpu: '2', memory: '2Gi' })),
      403,
      'Forbidden',
      exceeded(
        'pods "p"',
        'requests.cpu=2,requests.memory=2Gi',
        'requests.cpu=0,requests.memory=0',
        'requests.cpu=1,requests.memory=1Gi',
      ),
    ),
  ]),
  scene('a Pod that has ended gives back what it used', (ns) => {
    const path = `${core(ns, 'resourcequotas')}/few`;
    return [
      ...counted(ns, { pods: '1' }),
      create(core(ns, 'pods'), unscheduled('p')),
      until(path, { path: 'status.used.pods', equals: '1' }),
      patch(`${core(ns, 'pods')}/p/status`, { status: { phase: 'Failed' } }),
      until(path, { path: 'status.used.pods', equals: '0' }),
      { pause: 0.3 },
      create(core(ns, 'pods'), unscheduled('q')),
    ];
  }),
  scene('a scope is about some Pods only', (ns) => [
    ...counted(ns, { pods: '0' }, { scopes: ['BestEffort'] }),
    create(core(ns, 'pods'), asking('p', { cpu: '1m' })),
    refused(
      create(core(ns, 'pods'), unscheduled('q')),
      403,
      'Forbidden',
      exceeded('pods "q"', 'pods=1', 'pods=0', 'pods=0'),
    ),
  ]),
  scene('a larger quota lets in what the smaller one refused', (ns) => {
    const path = `${core(ns, 'resourcequotas')}/few`;
    return [
      ...counted(ns, { pods: '0' }),
      refused(
        create(core(ns, 'pods'), unscheduled('p')),
        403,
        'Forbidden',
        exceeded('pods "p"', 'pods=1', 'pods=0', 'pods=0'),
      ),
      patch(path, { spec: { hard: { pods: '1' } } }),
      until(path, { path: 'status.hard.pods', equals: '1' }),
      { pause: 0.3 },
      create(core(ns, 'pods'), unscheduled('p')),
    ];
  }),
  scene('a resource that no quota knows is Invalid', (ns) => [
    refused(create(core(ns, 'resourcequotas'), quota({ nonsense: '1' })), 422, 'Invalid', {
      details: { name: 'few', kind: 'ResourceQuota' },
    }),
  ]),
]);

const budget = (spec: Json): Json => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'keep' },
  spec: { selector: { matchLabels: { app: 'a' } }, ...spec },
});
const budgetsOf = (ns: string) => `/apis/policy/v1/namespaces/${ns}/poddisruptionbudgets`;
const evict = (ns: string, name: string, query?: Record<string, string>) =>
  create(
    `${core(ns, 'pods')}/${name}/eviction`,
    { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } },
    like({ status: 'Success' }),
    query,
  );
const ready = { path: 'status.conditions[type=Ready].status', equals: 'True' };
const never = podSpec({}, { readinessProbe: { exec: { command: ['cat', '/tmp/never'] } } });
const running = { path: 'status.phase', equals: 'Running' };

export const budgets = topic('budgets', 'evictions within PodDisruptionBudgets', [
  scene('a dry run of an eviction spends nothing', (ns) => [
    create(budgetsOf(ns), budget({ minAvailable: 0 })),
    create(core(ns, 'pods'), pod('a')),
    until(`${budgetsOf(ns)}/keep`, { path: 'status.disruptionsAllowed', equals: 1 }),
    evict(ns, 'a', { dryRun: 'All' }),
    get(`${core(ns, 'pods')}/a`, like({ metadata: { name: 'a' } }, 'metadata.deletionTimestamp')),
    get(`${budgetsOf(ns)}/keep`, like({ status: { disruptionsAllowed: 1 } }, 'status.disruptedPods')),
  ]),
  scene('a Pod that is not ready may go where the budget says so', (ns) => [
    create(budgetsOf(ns), budget({ minAvailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow' })),
    create(core(ns, 'pods'), pod('a', never)),
    until(`${core(ns, 'pods')}/a`, running),
    evict(ns, 'a'),
  ]),
  scene('else it may go only where enough others are ready', (ns) => [
    create(budgetsOf(ns), budget({ minAvailable: 1 })),
    create(core(ns, 'pods'), pod('a', never, { app: 'a' })),
    until(`${core(ns, 'pods')}/a`, running),
    until(`${budgetsOf(ns)}/keep`, { path: 'status.expectedPods', equals: 1 }),
    refused(evict(ns, 'a'), 429, 'TooManyRequests', {
      details: {
        causes: [
          {
            reason: 'DisruptionBudget',
            message: 'The disruption budget keep needs 1 healthy pods and has 0 currently',
          },
        ],
      },
    }),
    create(core(ns, 'pods'), pod('b', podSpec(), { app: 'a' })),
    until(`${budgetsOf(ns)}/keep`, { path: 'status.currentHealthy', equals: 1 }),
    evict(ns, 'a'),
  ]),
  scene('a Pod with two budgets cannot be evicted', (ns) => [
    create(budgetsOf(ns), budget({ minAvailable: 0 })),
    create(budgetsOf(ns), { ...budget({ minAvailable: 0 }), metadata: { name: 'too' } }),
    create(core(ns, 'pods'), pod('a')),
    until(`${core(ns, 'pods')}/a`, ready),
    {
      ...evict(ns, 'a'),
      response: {
        status: 500,
        contentType: 'application/json',
        body: like({
          message:
            'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
        }),
      },
    },
  ]),
  scene('a Pod that waits for a node may go whatever the budget says', (ns) => [
    create(budgetsOf(ns), budget({ minAvailable: 5 })),
    create(core(ns, 'pods'), unscheduled('a', {}, { labels: { app: 'a' } })),
    evict(ns, 'a'),
    until(`${core(ns, 'pods')}/a`, { status: 404 }),
  ]),
  scene('a budget is not overwritten blindly', (ns) => [
    create(budgetsOf(ns), budget({ minAvailable: 1 })),
    refused(put(`${budgetsOf(ns)}/keep`, budget({ minAvailable: 2 })), 422, 'Invalid', {
      details: { name: 'keep', group: 'policy', kind: 'poddisruptionbudgets' },
    }),
  ]),
]);

const autoscaler = (spec: Json): Json => ({
  apiVersion: 'autoscaling/v1',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'h' },
  spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, ...spec },
});
const autoscalersOf = (ns: string, version: string) =>
  `/apis/autoscaling/${version}/namespaces/${ns}/horizontalpodautoscalers`;

export const autoscalers = topic('autoscalers', 'HorizontalPodAutoscalers in both of their versions', [
  scene('the older version says CPU in a field of its own', (ns) => [
    create(
      autoscalersOf(ns, 'v1'),
      autoscaler({ minReplicas: 2, maxReplicas: 5, targetCPUUtilizationPercentage: 70 }),
      like({
        apiVersion: 'autoscaling/v1',
        spec: { minReplicas: 2, maxReplicas: 5, targetCPUUtilizationPercentage: 70 },
        status: { currentReplicas: 0, desiredReplicas: 0 },
      }),
    ),
    patch(
      `${autoscalersOf(ns, 'v1')}/h`,
      { spec: { maxReplicas: 6 } },
      like({ spec: { maxReplicas: 6, targetCPUUtilizationPercentage: 70 } }),
    ),
    refused(patch(`${autoscalersOf(ns, 'v1')}/h`, { spec: { maxReplicas: 1 } }), 422, 'Invalid', {
      details: {
        name: 'h',
        group: 'autoscaling',
        kind: 'HorizontalPodAutoscaler',
        causes: [
          {
            reason: 'FieldValueInvalid',
            message: 'Invalid value: 1: must be greater than or equal to `minReplicas`',
            field: 'spec.maxReplicas',
          },
        ],
      },
    }),
  ]),
  scene('both versions show the same object', (ns) => [
    create(
      autoscalersOf(ns, 'v1'),
      autoscaler({ maxReplicas: 5, targetCPUUtilizationPercentage: 70 }),
      like({ metadata: { uid: '<uid:1>' } }),
    ),
    get(
      `${autoscalersOf(ns, 'v2')}/h`,
      like({
        metadata: { uid: '<uid:1>' },
        spec: {
          minReplicas: 1,
          metrics: [
            {
              type: 'Resource',
              resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } },
            },
          ],
        },
      }),
    ),
  ]),
  scene('a behavior that is given in part is filled up in both directions', (ns) => [
    create(
      autoscalersOf(ns, 'v2'),
      {
        ...autoscaler({ maxReplicas: 5, behavior: { scaleDown: { stabilizationWindowSeconds: 60 } } }),
        apiVersion: 'autoscaling/v2',
      },
      like({
        spec: {
          behavior: {
            scaleUp: {
              stabilizationWindowSeconds: 0,
              selectPolicy: 'Max',
              policies: [
                { type: 'Pods', value: 4, periodSeconds: 15 },
                { type: 'Percent', value: 100, periodSeconds: 15 },
              ],
            },
            scaleDown: {
              stabilizationWindowSeconds: 60,
              selectPolicy: 'Max',
              policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
            },
          },
        },
      }),
    ),
  ]),
]);
