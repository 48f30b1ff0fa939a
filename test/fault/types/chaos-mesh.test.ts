import { afterEach, describe, expect, it } from 'vitest';
import { apply } from '../../../src/fault/apply/apply.ts';
import { revert } from '../../../src/fault/revert/revert.ts';
import { endTurn, turnOf } from '../../../src/fault/revert/turn.ts';
import { chaosMesh } from '../../../src/fault/types/chaos-mesh/chaos-mesh.ts';
import { bench } from '../bench.ts';
import { OutsideWorld } from '../outside-world.ts';

const world = new OutsideWorld();
const mesh = world.chaosMesh;
const at = bench(world);
afterEach(() => {
  mesh.fails = undefined;
});

const example = chaosMesh.example.resource as {
  kind: string;
  metadata: { name: string; namespace: string };
  spec: { selector: { namespaces: string[]; labelSelectors: Record<string, string> } };
};
const ref = { kind: 'networkchaos', group: 'chaos-mesh.org', ...example.metadata };
const with_ = (more: object, within?: string) => ({
  chaosMesh: { resource: { ...example, ...more }, ...(within && { within }) },
});
const selecting = (selector: object) => with_({ spec: { ...example.spec, selector } });

const checkoutPods = async () =>
  (await at.cluster.list({ kind: 'pods' }, { namespace: 'shop' }))
    .map(({ metadata }) => `shop/${metadata.name}`)
    .filter((name) => name.startsWith('shop/checkout-'))
    .sort();

describe('a resource of Chaos Mesh', () => {
  it('is in every pod that it selects once it is made, and in none once it is undone', async () => {
    await at.break({ chaosMesh: chaosMesh.example });
    expect([...mesh.disturbed].sort()).toEqual(await checkoutPods());
    await at.mend();
    expect([...mesh.disturbed]).toEqual([]);
    expect(await at.cluster.get(ref)).toBeUndefined();
  });

  it('ends by itself two minutes after the game, should nobody delete it', async () => {
    const { operations, deadlines } = await at.plan({ chaosMesh: chaosMesh.example });
    expect(operations).toMatchObject([{ object: { spec: { duration: '720s' } } }]);
    expect(deadlines).toEqual([{ operation: 'example-1', seconds: 720 }]);
  });

  it('counts for the limits with the workloads whose pods it selects', async () => {
    const { blastRadius } = await at.plan({ chaosMesh: chaosMesh.example });
    expect(blastRadius).toMatchObject({
      namespaces: ['batch', 'shop'],
      workloads: ['deployment/shop/checkout'],
    });
    const all = await at.plan(selecting({ namespaces: ['shop'] }));
    expect(all.blastRadius.workloads.length).toBeGreaterThan(5);
    const [one] = await checkoutPods();
    const both = {
      ...example.spec,
      target: { mode: 'all', selector: { namespaces: ['shop'], pods: { shop: [one!.slice(5)] } } },
      selector: {
        namespaces: ['shop'],
        expressionSelectors: [{ key: 'app.kubernetes.io/name', operator: 'In', values: ['db', 'edge'] }],
      },
    };
    expect((await at.plan(with_({ spec: both }))).blastRadius.workloads).toEqual([
      'deployment/shop/checkout',
      'deployment/shop/edge',
      'deployment/shop/edge-b',
      'statefulset/shop/db',
    ]);
  });

  it('has not come true where Chaos Mesh does not say so in time', async () => {
    mesh.fails = 'inject';
    await expect(at.begin({ slow: with_({}, '1s') })).rejects.toMatchObject({
      code: 'not-ready',
      message: expect.stringContaining('status.conditions[type=AllInjected].status is "False"'),
    });
    await at.mend();
  });

  it('is not called undone before Chaos Mesh has recovered all, and a later attempt finishes it', {
    timeout: 120_000,
  }, async () => {
    await at.break({ chaosMesh: chaosMesh.example });
    mesh.fails = 'recover';
    const { engine } = at.game;
    // 90 s that do not pass: only the clock of the restore is fast.
    let now = 0;
    const sleep = async (ms: number) => {
      now += ms;
    };
    const clock = { ...engine.clock, mono: () => now, sleep };
    const restored = await revert({ ...engine, clock }, { undoResponder: true });
    expect(restored.differences).toEqual([
      'networkchaos.chaos-mesh.org/batch/checkout-path: held by finalizers: chaos-mesh/records',
    ]);
    expect([...mesh.disturbed].sort()).toEqual(await checkoutPods());
    mesh.fails = undefined;
    // Its controller looks again.
    await at.cluster.patch(ref, 'merge', { metadata: { labels: { looked: 'again' } } });
    await at.mend();
    expect([...mesh.disturbed]).toEqual([]);
  });

  it('comes again once it is undone', async () => {
    const { operations } = await at.plan({ chaosMesh: chaosMesh.example });
    for (const turn of [1, 2]) {
      const own = turnOf(operations, turn);
      await apply(own, at.game.engine);
      expect(mesh.disturbed.size).toBeGreaterThan(0);
      await endTurn(own, at.game.engine);
      expect(mesh.disturbed.size).toBe(0);
    }
    await at.mend();
  });
});

describe('refused, before the first change, is', () => {
  it.each([
    [
      'another namespace of its own',
      with_({ metadata: { ...example.metadata, namespace: 'default' } }),
      'namespace-not-allowed',
    ],
    [
      'a selector of another namespace',
      selecting({ namespaces: ['shop', 'kube-system'] }),
      'namespace-not-allowed',
    ],
    [
      'pods by name in another namespace',
      selecting({ namespaces: ['shop'], pods: { 'kube-system': ['coredns'] } }),
      'namespace-not-allowed',
    ],
    [
      'a target in another namespace',
      with_({ spec: { ...example.spec, target: { selector: { namespaces: ['default'] } } } }),
      'namespace-not-allowed',
    ],
    [
      'a selector by which there is no pod',
      selecting({ namespaces: ['shop'], labelSelectors: { app: 'nobody' } }),
      'no-pods',
    ],
    ['a kind that is not installed', with_({ kind: 'StressChaos' }), 'no-chaos-mesh'],
    ['a telling name', with_({ metadata: { ...example.metadata, name: 'inject-delay' } }), 'telling-name'],
    [
      'to be let go without recovery',
      with_({
        metadata: {
          ...example.metadata,
          annotations: { 'chaos-mesh.chaos-mesh.org/cleanFinalizer': 'forced' },
        },
      }),
      'telling-name',
    ],
  ])('%s', async (_, fault, code) => {
    await expect(at.plan(fault)).rejects.toMatchObject({ code });
  });

  it.each([
    [
      'a selector without namespaces',
      { spec: { selector: { labelSelectors: { app: 'x' } } } },
      'spec.selector.namespaces',
    ],
    ['an empty list of namespaces', { spec: { selector: { namespaces: [] } } }, 'spec.selector.namespaces'],
    [
      'a selector with a key that nobody knows',
      { spec: { selector: { namespaces: ['shop'], everything: true } } },
      'spec.selector',
    ],
    ['no selector', { spec: { action: 'delay' } }, 'spec.selector'],
    ['a duration', { spec: { ...example.spec, duration: '30s' } }, 'spec.duration'],
    ['another cluster', { spec: { ...example.spec, remoteCluster: 'prod' } }, 'spec.remoteCluster'],
    ['a Schedule', { kind: 'Schedule' }, 'kind'],
    ['a Workflow', { kind: 'Workflow' }, 'kind'],
    ['a PhysicalMachineChaos', { kind: 'PhysicalMachineChaos' }, 'kind'],
    [
      'killed pods, which Chaos Mesh does not bring back',
      { kind: 'PodChaos', spec: { ...example.spec, action: 'pod-kill' } },
      'spec.action',
    ],
    ['finalizers', { metadata: { ...example.metadata, finalizers: ['x'] } }, 'metadata'],
  ])('%s', (_, more, path) => {
    const { error } = chaosMesh.schema.safeParse({ resource: { ...example, ...more } });
    expect(error?.issues.map((issue) => issue.path.join('.'))).toEqual([`resource.${path}`]);
  });
});
