import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apply } from '../../../src/fault/apply/apply.ts';
import { faultTypes } from '../../../src/fault/types/registry.ts';
import { silence } from '../../../src/fault/types/silence/silence.ts';
import { bench } from '../bench.ts';
import { OutsideWorld } from '../outside-world.ts';

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,7}$/);
const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const dictionary = <T>(value: fc.Arbitrary<T>) => fc.dictionary(word, value, { minKeys: 1, maxKeys: 3 });
const checkout = 'deployment.apps/shop/checkout';

/** Specs of each type that can be played on the shop. */
const specs: Record<string, fc.Arbitrary<Record<string, unknown>>> = {
  load: fc.record({
    target: fc.constantFrom('service/shop/checkout', 'service/shop/storefront'),
    rate: fc.integer({ min: 1, max: 500 }),
    replicas: fc.integer({ min: 1, max: 3 }),
    disguise: fc.record({ name: word.map((name) => `job-${name}`), namespace: fc.constant('batch') }),
  }),
  upstream: fc.record({
    configMap: fc.constant('shop/edge-upstreams'),
    key: fc.constant('upstreams.yaml'),
    entry: fc.integer({ min: 1, max: 6 }),
    becomes: fc.constantFrom('dead', 'removed'),
  }),
  config: fc.record(
    {
      configMap: fc.constant('shop/edge-upstreams'),
      set: dictionary(fc.string()),
      readers: fc.constantFrom([], ['deployment.apps/shop/edge']),
    },
    { requiredKeys: ['configMap', 'set'] },
  ),
  patch: fc.record({
    ref: fc.constant(checkout),
    merge: fc.record({
      metadata: fc.record({ labels: dictionary(word) }),
      spec: fc.record({
        replicas: fc.constantFrom(0, 1, 3),
        revisionHistoryLimit: fc.integer({ min: 1, max: 5 }),
      }),
    }),
  }),
  workload: fc.record(
    {
      ref: fc.constant(checkout),
      image: word,
      env: dictionary(fc.option(word)),
      command: fc.option(fc.array(word, { minLength: 1, maxLength: 3 })),
      resources: fc.record({ limits: fc.record({ cpu: fc.constantFrom('3', '700m', 1.5) }) }),
      probes: fc.constantFrom(
        { liveness: null },
        { readiness: { path: '/elsewhere' } },
        { startup: { port: 1, path: '/' } },
      ),
      replicas: fc.constantFrom(0, 1, 3),
      strategy: fc.constantFrom({ type: 'Recreate' }, { type: 'RollingUpdate', maxSurge: 2 }),
    },
    { requiredKeys: ['ref', 'image'] },
  ),
  service: fc.oneof(
    fc.record({ service: fc.constant('service/shop/checkout'), becomes: fc.constant('deleted') }),
    fc.record(
      {
        service: fc.constant('service/shop/checkout'),
        selector: dictionary(word),
        sessionAffinity: fc.constant('ClientIP'),
        ports: fc.record({ 8080: fc.record({ targetPort: fc.integer({ min: 1, max: 65535 }) }) }),
      },
      { requiredKeys: ['service', 'selector'] },
    ),
  ),
  apply: fc.uniqueArray(word, { minLength: 1, maxLength: 3 }).map((names) => ({
    manifests: names.map((name) => ({
      ...{
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: `made-${name}`, namespace: 'shop' },
        data: { name },
      },
    })),
  })),
  delete: fc.record({
    ref: fc.constantFrom(
      'configmap/shop/edge-upstreams',
      'service/shop/storefront',
      'deployment.apps/shop/worker',
    ),
    owned: fc.constantFrom('delete', 'keep'),
  }),
  kill: fc.record({
    target: fc.constant(checkout),
    how: fc.oneof(fc.constantFrom('one', 'all'), fc.record({ percent: fc.integer({ min: 1, max: 100 }) })),
  }),
  node: fc.record(
    {
      name: fc.constant('node-a'),
      cordon: fc.constant(true),
      taint: fc.record({
        key: word,
        value: some(word),
        effect: fc.constantFrom('PreferNoSchedule', 'NoSchedule'),
      }),
    },
    { requiredKeys: ['name', 'taint'] },
  ),
  run: fc.record({
    target: fc.constant('service/shop/cache'),
    do: fc.array(word, { minLength: 1 }),
    undo: fc.array(word, { minLength: 1 }),
    check: fc.array(word, { minLength: 1 }),
    env: dictionary(word),
    envFrom: fc.array(word, { maxLength: 2 }),
    disguise: fc.constant({ name: 'price-report', namespace: 'batch' }),
  }),
  sql: fc.record({
    target: fc.constant('service/shop/db'),
    database: word,
    user: word,
    password: fc.record({ secret: word, key: word }),
    do: fc.string({ minLength: 1 }),
    undo: fc.string({ minLength: 1 }),
    check: fc.string({ minLength: 1 }),
    disguise: fc.constant({ name: 'release-notes', namespace: 'shop' }),
  }),
  stress: fc.record(
    {
      target: fc.constantFrom(checkout, 'statefulset.apps/shop/db'),
      cpu: fc.constantFrom(0.2, 1, 2.5),
      memory: fc.constantFrom('64Mi', '1Gi'),
      disguise: fc.record({ name: word.map((name) => `job-${name}`), namespace: fc.constant('batch') }),
    },
    { requiredKeys: ['target', 'cpu', 'disguise'] },
  ),
  proxy: fc.record(
    {
      service: fc.constantFrom('service/shop/checkout', 'service/shop/db', 'service/shop/queue'),
      delay: fc.constantFrom('1ms', '2s', '1m'),
      errors: fc.record({ share: fc.constantFrom(0.1, 1) }),
      dropIdleAfter: fc.constantFrom('2m', '10m'),
      replicas: fc.integer({ min: 1, max: 3 }),
      disguise: fc.record({ name: word.map((name) => `gate-${name}`) }),
    },
    { requiredKeys: ['service', 'delay', 'disguise'] },
  ),
  silence: fc.record({
    alertmanager: fc.constant('service/shop/alertmanager'),
    port: fc.integer({ min: 1, max: 65535 }),
    matchers: fc.uniqueArray(
      word.map((value) => `owner="${value}"`),
      { minLength: 1, maxLength: 3 },
    ),
    createdBy: word,
    comment: word,
    disguise: fc.constant(silence.example.disguise),
  }),
  dns: fc.record({
    name: fc.constantFrom('checkout.shop.svc.cluster.local', 'worker.shop.svc.cluster.local'),
    answers: fc.oneof(
      fc.constantFrom('nxdomain', 'servfail'),
      fc.record({ address: fc.ipV4() }),
      fc.record({ instead: fc.constant('cache.shop.svc.cluster.local') }),
    ),
  }),
  network: fc
    .record({
      ends: fc.constantFrom(
        ['deployment/shop/storefront', checkout],
        ['statefulset.apps/shop/db', 'service/shop/cache'],
      ),
      delay: some(fc.constantFrom('1ms', '300ms', '2s')),
      loss: fc.constantFrom('0.5%', '20%'),
      name: word.map((name) => `path-${name}`),
    })
    .map(({ ends: [from, to], name, ...rest }) => ({ from, to, ...rest, disguise: { name } })),
  chaosMesh: fc.record({
    resource: fc.record({
      apiVersion: fc.constant('chaos-mesh.org/v1alpha1'),
      kind: fc.constant('NetworkChaos'),
      metadata: fc.record({
        name: word.map((name) => `path-${name}`),
        namespace: fc.constantFrom('shop', 'batch'),
      }),
      spec: fc.record({
        action: fc.constantFrom('delay', 'loss'),
        mode: fc.constant('all'),
        selector: fc.record({
          namespaces: fc.constant(['shop']),
          labelSelectors: fc.constantFrom({}, { 'app.kubernetes.io/name': 'checkout' }),
        }),
      }),
    }),
  }),
};

const world = new OutsideWorld();
const at = bench(world);

describe('reverting what was applied gives back what was before, for a fault of the type', () => {
  it.each(Object.keys(faultTypes))('%s', { timeout: 120_000 }, async (type) => {
    expect(specs[type], `the type ${type} needs specs here`).toBeDefined();
    await fc.assert(
      fc.asyncProperty(specs[type]!, async (spec) => {
        const { operations } = await at.plan({ [type]: JSON.parse(JSON.stringify(spec)) });
        await at.again();
        // A workload that was told nonsense does not get ready: that is no part of the law.
        await apply(
          operations.map((operation) => ({ ...operation, ready: [] })),
          at.game.engine,
        );
        await at.mend();
        expect([world.state, ...world.chaosMesh.disturbed]).toEqual(['original']);
      }),
      { numRuns: 5 },
    );
  });
});
