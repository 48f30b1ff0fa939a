import { describe, expect, it } from 'vitest';
import { formatPermission } from '../../../src/cluster/access/permissions.ts';
import { apply } from '../../../src/fault/apply/apply.ts';
import { revert } from '../../../src/fault/revert/revert.ts';
import { chooseSome } from '../../../src/fault/types/kill/choose.ts';
import { podsOf } from '../../../src/fault/types/kill/pods.ts';
import { bench } from '../bench.ts';

const at = bench();
const checkout = { kind: 'deployment', group: 'apps', namespace: 'shop', name: 'checkout' };
const kill = (spec: Record<string, unknown> = {}) => ({
  kill: { target: 'deployment.apps/shop/checkout', ...spec },
});
const pods = async () => podsOf((await at.cluster.get(checkout))!, at.cluster);
const uids = async () => (await pods()).map(({ metadata }) => metadata.uid);
const disguise = { name: 'cache-warmup', namespace: 'batch' };

describe('killed pods', () => {
  it.each([
    ['one', 'one', 1],
    ['all', 'all', 2],
    ['a number', { fixed: 2 }, 2],
    ['a share', { percent: 50 }, 1],
  ])('are %s, and come back before the restore is done', async (_, how, count) => {
    const before = await uids();
    await at.break(kill({ how }));
    await at.mend();
    const after = await uids();
    expect(before.filter((uid) => !after.includes(uid))).toHaveLength(count);
    expect(after).toHaveLength(2);
    expect(at.game.events).toContainEqual(
      expect.objectContaining({
        type: 'operation-reverted',
        verdict: 'confirmed',
        seen: 'it came back by itself',
      }),
    );
  });

  it('are missed in the report of the restore while they do not come back', async () => {
    const plan = await at.plan(kill());
    plan.operations[0]!.healed = [{ type: 'rollout', ref: checkout, within: 0.1 }];
    await apply(plan.operations, at.game.engine);
    await at.cluster.patch(checkout, 'merge', {
      spec: { template: { spec: { nodeSelector: { no: 'where' } } } },
    });
    const { differences } = await revert(at.game.engine, { undoResponder: true });
    expect(differences.join()).toContain('not healed yet');
    await at.cluster.patch(checkout, 'merge', { spec: { template: { spec: { nodeSelector: null } } } });
    expect(await revert(at.game.engine, { undoResponder: true })).toEqual({ differences: [], conflicts: [] });
  });

  it('may be gone before, which is told and is no failure', async () => {
    const plan = await at.plan(kill());
    await at.cluster.delete(plan.operations[0]!.ref, { gracePeriodSeconds: 0 });
    await apply(plan.operations, at.game.engine);
    expect(at.game.events).toContainEqual(
      expect.objectContaining({ verdict: 'inconclusive', seen: 'it was gone before' }),
    );
    await at.mend();
  });

  it('are never those of another workload with the same labels', async () => {
    const [pod] = await pods();
    const { labels } = pod!.metadata;
    const metadata = { name: 'guest', namespace: 'shop', labels };
    await at.cluster.create({
      ...{ apiVersion: 'v1', kind: 'Pod', metadata },
      spec: { containers: [{ name: 'a', image: 'node:20-slim' }] },
    });
    const plan = await at.plan(kill({ how: 'all' }));
    expect(plan.operations.map(({ ref }) => ref.name)).not.toContain('guest');
    await at.cluster.delete({ kind: 'pod', namespace: 'shop', name: 'guest' }, { gracePeriodSeconds: 0 });
  });

  it.each([
    ['a kind without pods of its own', { target: 'service/shop/checkout' }, 'not-a-workload'],
    ['another namespace', { target: 'deployment.apps/kube-system/dns' }, 'namespace-not-allowed'],
    [
      'a Job in another namespace',
      { every: '10s', disguise: { ...disguise, namespace: 'default' } },
      'namespace-not-allowed',
    ],
  ])('are refused for %s', async (_, spec, code) => {
    await expect(at.plan(kill(spec))).rejects.toMatchObject({ code });
  });

  it('are repeated only by something that has a name', async () => {
    await expect(at.plan(kill({ every: '10s' }))).rejects.toThrow('Expected disguise where');
    await expect(at.plan(kill({ times: 3 }))).rejects.toThrow('only with every');
  });
});

describe('pods that are killed again and again', () => {
  it('are so by a Job with the least rights, which ends by itself after the game', async () => {
    const plan = await at.plan(kill({ every: '30s', disguise }));
    expect(plan.operations.map(({ verb, ref }) => `${verb} ${ref.kind}`)).toEqual([
      'create serviceaccount',
      'create role',
      'create rolebinding',
      'create configmap',
      'create job',
    ]);
    const role = plan.operations[1] as unknown as { object: { rules: unknown } };
    expect(role.object.rules).toEqual([{ apiGroups: [''], resources: ['pods'], verbs: ['list', 'delete'] }]);
    expect(plan.deadlines.at(-1)!.seconds).toBeGreaterThan(600);
    expect(plan.permissions.map(formatPermission)).toEqual(
      expect.arrayContaining([
        'delete pods in shop',
        'create rolebindings.rbac.authorization.k8s.io in shop',
      ]),
    );
    await at.break(kill({ every: '30s', disguise }));
    await at.mend();
  });

  it('are so a number of times, if that is wanted', async () => {
    const plan = await at.plan(kill({ every: '10s', times: 3, how: 'all', disguise }));
    const { object } = plan.operations.at(-1) as unknown as {
      object: {
        spec: { activeDeadlineSeconds: number; template: { spec: { containers: { env: object[] }[] } } };
      };
    };
    expect(object.spec.activeDeadlineSeconds).toBe(90);
    expect(object.spec.template.spec.containers[0]!.env).toEqual(
      expect.arrayContaining([
        { name: 'TIMES', value: '3' },
        { name: 'HOW', value: '"all"' },
        { name: 'SELECTOR', value: 'app.kubernetes.io/name=checkout' },
      ]),
    );
  });
});

it('chooses each pod at most once, and each of them sometimes', () => {
  const seen = new Set<string>();
  for (let seed = 0; seed < 50; seed += 1) {
    const chosen = chooseSome(['a', 'b', 'c'], { fixed: 2 }, () => ((seed * 7919) % 50) / 50);
    expect(new Set(chosen).size).toBe(2);
    for (const one of chosen) seen.add(one);
  }
  expect([...seen].sort()).toEqual(['a', 'b', 'c']);
});

describe('a node fault', () => {
  const node = { kind: 'node', name: 'node-a' };
  const taints = async () => ((await at.cluster.get(node))!.spec as { taints?: object[] }).taints;
  const taint = { key: 'maintenance', value: 'disk', effect: 'NoSchedule' };

  it('cordons the node of a workload, and waits until the cluster has noticed that it is over', async () => {
    await at.break({ node: { of: 'deployment.apps/shop/checkout', cordon: true } });
    expect((await at.cluster.get(node))!.spec).toMatchObject({ unschedulable: true });
    await at.mend();
    expect(await taints()).toBeUndefined();
  });

  it('takes only its own taint away, whatever others put beside it', async () => {
    await at.break({ node: { name: 'node-a', taint } });
    const theirs = [
      { key: 'maintenance', effect: 'PreferNoSchedule' },
      { key: 'theirs', effect: 'NoSchedule' },
    ];
    await at.cluster.patch(node, 'merge', { spec: { taints: [...(await taints())!, ...theirs] } });
    expect(await revert(at.game.engine, { undoResponder: true })).toEqual({ differences: [], conflicts: [] });
    expect(await taints()).toEqual(theirs);
    await at.cluster.patch(node, 'merge', { spec: { taints: null } });
  });

  it('puts back a taint that was there before, untouched', async () => {
    const before = [{ key: 'maintenance', effect: 'NoExecute', value: 'x' }];
    await at.cluster.patch(node, 'merge', { spec: { taints: before } });
    await at.break({ node: { name: 'node-a', taint } });
    expect(await taints()).toHaveLength(2);
    expect(await revert(at.game.engine, { undoResponder: true })).toEqual({ differences: [], conflicts: [] });
    expect(await taints()).toEqual(before);
    await expect(at.plan({ node: { name: 'node-a', taint: before[0] } })).rejects.toMatchObject({
      code: 'taken',
    });
    await at.cluster.patch(node, 'merge', { spec: { taints: null } });
  });

  it('evicts nobody whose namespace was not opened', async () => {
    const noExecute = { name: 'node-a', taint: { ...taint, effect: 'NoExecute' } };
    expect((await at.plan({ node: noExecute })).operations).toHaveLength(1);
    await at.cluster.create({
      ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'theirs', namespace: 'default' } },
      spec: { nodeName: 'node-a', containers: [{ name: 'a', image: 'node:20-slim' }] },
    });
    await expect(at.plan({ node: noExecute })).rejects.toMatchObject({
      code: 'evicts-others',
      message: expect.stringContaining('default/theirs'),
    });
    await at.cluster.delete({ kind: 'pod', namespace: 'default', name: 'theirs' }, { gracePeriodSeconds: 0 });
  });

  it('is refused for a node that is not there, and for none at all', async () => {
    await expect(at.plan({ node: { name: 'nowhere', cordon: true } })).rejects.toMatchObject({
      code: 'unknown-object',
    });
    await expect(at.plan({ node: { cordon: true } })).rejects.toThrow('exactly one of name and of');
  });
});
