import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPermission } from '../../../src/cluster/access/permissions.ts';
import type { ClusterObject } from '../../../src/cluster/cluster.ts';
import { apply } from '../../../src/fault/apply/apply.ts';
import type { Plan } from '../../../src/fault/plan/plan.ts';
import { network } from '../../../src/fault/types/network/network.ts';
import {
  allows,
  linkBetween,
  linkIn,
  type NetworkPolicy,
  type PolicyPod,
} from '../../../src/sandbox/network/policy.ts';
import { bench } from '../bench.ts';
import { planFor } from '../game.ts';
import { OutsideWorld } from '../outside-world.ts';

const world = new OutsideWorld();
const mesh = world.chaosMesh;
const at = bench(world);
/** Neither Chaos Mesh nor a sandbox of ours. */
const plain = bench();

const both = network.example as { from: string; to: string; disguise: object };
const { delay: _delay, jitter: _jitter, loss: _loss, ...ends } = network.example;
const cut = { ...ends, loss: '100%' };
const inSandbox = (spec: object) =>
  planFor(at.cluster, { example: { network: spec } }, undefined, { sandbox: true });
const asked = ({ permissions }: Plan) => permissions.map(formatPermission).join('\n');
const made = ({ operations: [operation] }: Plan) =>
  operation?.verb === 'create' ? (operation.object as ClusterObject & NetworkPolicy) : undefined;

describe('with Chaos Mesh', () => {
  it('a NetworkChaos is in the pods of the one end before it counts as made, and in none once it is undone', async () => {
    await at.break({ network: both });
    expect([...mesh.disturbed].every((pod) => pod.startsWith('shop/storefront-'))).toBe(true);
    expect(mesh.disturbed.size).toBeGreaterThan(0);
    await at.mend();
    expect([...mesh.disturbed]).toEqual([]);
  });

  it('it says what, from whom and to whom, and ends after the game', async () => {
    const plan = await at.plan({ network: both });
    expect(made(plan)).toMatchObject({
      kind: 'NetworkChaos',
      metadata: { name: 'storefront-egress', namespace: 'shop' },
      spec: {
        ...{ action: 'netem', mode: 'all', direction: 'to', duration: '720s' },
        ...{ delay: { latency: '300ms', jitter: '50ms' }, loss: { loss: '5' } },
        selector: { namespaces: ['shop'], labelSelectors: { 'app.kubernetes.io/name': 'storefront' } },
        target: {
          mode: 'all',
          selector: { namespaces: ['shop'], labelSelectors: { 'app.kubernetes.io/name': 'checkout' } },
        },
      },
    });
    expect(plan.operations.map(({ describe }) => describe)).toEqual([
      'delay packets by 300ms ± 50ms and lose 5% of the packets from deployment/shop/storefront to deployment/shop/checkout',
    ]);
    expect(plan.blastRadius.workloads).toEqual(['deployment/shop/checkout', 'deployment/shop/storefront']);
    expect(asked(plan)).toContain('create networkchaos.chaos-mesh.org');
    expect(asked(plan)).not.toContain('networkpolicies');
  });
});

describe('in the sandbox', () => {
  it('a NetworkPolicy with annotations disturbs the one pair of workloads, and goes again', async () => {
    const plan = await inSandbox(both);
    const policy = made(plan)!;
    const link = linkIn(policy.metadata.annotations)!;
    expect(link).toEqual({ delayMs: 300, jitterMs: 50, loss: 0.05 });
    const between = (from: string, to: string) =>
      linkBetween([{ ...policy, link }], { from: end(from), to: end(to), port: 8080, protocol: 'TCP' });
    expect(between('storefront', 'checkout')).toEqual(link);
    for (const [from, to] of [
      ['checkout', 'storefront'],
      ['edge', 'checkout'],
      ['storefront', 'cache'],
    ])
      expect(between(from!, to!)).toBeUndefined();
    expect(asked(plan)).toContain('create networkpolicies.networking.k8s.io');
    expect(asked(plan)).not.toContain('networkchaos');
    await apply(plan.operations, at.game.engine);
    expect(await at.differences()).not.toEqual([]);
    await at.mend();
  });

  it('nothing of it tells what it is for', async () => {
    expect(JSON.stringify(made(await inSandbox(both)))).not.toMatch(/misfortune|chaos|fault|game/i);
  });
});

describe('on any other cluster', () => {
  it('a cut is a NetworkPolicy that lets everybody in but the one workload', async () => {
    const plan = await plain.plan({ network: cut });
    const policy = made(plan)!;
    expect(policy.metadata.annotations).not.toHaveProperty('shaping.network/loss');
    const passes = (from: string, to: string, namespace?: string) =>
      allows([policy], { from: end(from, namespace), to: end(to), port: 8080, protocol: 'TCP' });
    expect(passes('storefront', 'checkout')).toBe(false);
    for (const other of ['edge', 'db', 'checkout']) expect(passes(other, 'checkout')).toBe(true);
    expect(passes('storefront', 'checkout', 'batch')).toBe(true);
    expect(passes('storefront', 'cache')).toBe(true);
    expect(plan.operations.map(({ describe }) => describe)).toEqual([
      'cut connections from deployment/shop/storefront to deployment/shop/checkout',
    ]);
    await plain.break({ network: cut });
    await plain.mend();
  });

  it('a cut by any selector keeps out exactly the pods that it selects', async () => {
    const keys = fc.constantFrom('app', 'tier');
    const values = fc.constantFrom('a', 'b');
    const requirement = fc.oneof(
      fc.record({
        key: keys,
        operator: fc.constantFrom('In', 'NotIn'),
        values: fc.uniqueArray(values, { minLength: 1 }),
      }),
      fc.record({ key: keys, operator: fc.constantFrom('Exists', 'DoesNotExist') }),
    );
    const { cuttingPolicy } = await import('../../../src/fault/types/network/objects.ts');
    const { matchesSelector } = await import('../../../src/sandbox/controllers/selector.ts');
    const nobody = { list: async () => [] };
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          matchLabels: fc.dictionary(keys, values, { minKeys: 1 }),
          matchExpressions: fc.array(requirement, { maxLength: 2 }),
        }),
        fc.dictionary(keys, values),
        async (selector, labels) => {
          const spec = network.schema.parse(cut);
          const to = { namespace: 'shop', selector: { matchLabels: { app: 'target' } } };
          const policy = await cuttingPolicy(spec, { from: { namespace: 'shop', selector }, to }, nobody);
          const from = { ip: '10.244.0.1', pod: podOf(labels) };
          const target = { ip: '10.244.0.2', pod: podOf({ app: 'target' }) };
          const isIn = allows([policy as ClusterObject & NetworkPolicy], {
            ...{ from, to: target, port: 1, protocol: 'TCP' },
          });
          expect(isIn).toBe(!matchesSelector(selector, labels));
        },
      ),
    );
  });

  it('delay and partial loss are refused, with what to do', async () => {
    for (const spec of [both, { ...ends, loss: '99.5%' }])
      await expect(plain.plan({ network: spec })).rejects.toMatchObject({
        code: 'no-chaos-mesh',
        todo: expect.stringContaining('let loss be 100%'),
      });
  });

  it('a cut is refused where another policy lets somebody in: it would keep nobody out', async () => {
    const way = { ...cut, to: 'deployment/shop/ingress' };
    await expect(plain.plan({ network: way })).rejects.toMatchObject({
      code: 'policies-add-up',
      message: expect.stringContaining('NetworkPolicy way-in in shop'),
    });
  });
});

describe('refused, before the first change, is', () => {
  it.each([
    ['an end of another namespace', { to: 'deployment/kube-system/coredns' }, 'namespace-not-allowed'],
    ['an end that is not there', { to: 'deployment/shop/nobody' }, 'unknown-object'],
    ['an end without pods', { to: 'configmap/shop/edge-upstreams' }, 'not-an-end'],
    ['packets from a Service, which sends none', { from: 'service/shop/storefront' }, 'not-an-end'],
    ['a telling name', { disguise: { name: 'chaos-path' } }, 'telling-name'],
  ])('%s', async (_, more, code) => {
    await expect(at.plan({ network: { ...both, ...more } })).rejects.toMatchObject({ code });
    await expect(inSandbox({ ...both, ...more })).rejects.toMatchObject({ code });
  });

  it('what makes no sense, each with what is expected', () => {
    const cases: [object, object, string][] = [
      [ends, {}, 'Expected delay, or loss, or both.'],
      [both, { jitter: '1s' }, 'Expected jitter to be at most delay.'],
      [both, { loss: '100%' }, 'nothing arrives'],
      [both, { loss: '0%' }, 'Expected a share above 0%.'],
      [both, { loss: '101%' }, 'a share of the packets from 0.01% to 100%'],
      [both, { to: both.from }, 'two workloads'],
    ];
    for (const [spec, more, message] of cases) {
      const { error } = network.schema.safeParse({ ...spec, ...more });
      expect(error?.issues.map((issue) => issue.message).join()).toContain(message);
    }
  });
});

function podOf(labels: Record<string, string>, namespace = 'shop'): PolicyPod {
  return { namespace, labels, namespaceLabels: { 'kubernetes.io/metadata.name': namespace }, ports: [] };
}

function end(app: string, namespace?: string) {
  const labels = { 'app.kubernetes.io/name': app, 'app.kubernetes.io/instance': app };
  return { ip: `of ${app} in ${namespace}`, pod: podOf(labels, namespace) };
}
