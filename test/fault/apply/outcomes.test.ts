import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, realClock } from '../../../src/clock.ts';
import type { Cluster } from '../../../src/cluster/cluster.ts';
import { apply } from '../../../src/fault/apply/apply.ts';
import { verifyApplied } from '../../../src/fault/apply/verify.ts';
import { type Baseline, compare, takeBaseline } from '../../../src/fault/compare/compare.ts';
import { preflight } from '../../../src/fault/plan/preflight.ts';
import { revert } from '../../../src/fault/revert/revert.ts';
import { type ControlPlane, startControlPlane } from '../control-plane.ts';
import { type FaultyProxy, once, startFaultyProxy } from '../faulty-proxy.ts';
import { deadEntry, guard, planFor, startTestGame, type TestGame } from '../game.ts';

const edge = { kind: 'configmap', namespace: 'shop', name: 'edge-upstreams' };
const rates = { kind: 'configmap', namespace: 'shop', name: 'rates' };
const manifest = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'rates', namespace: 'shop' },
  data: { a: '1' },
};
const makes = { apply: { manifests: [manifest] } };
const deletes = { delete: { ref: 'configmap/shop/edge-upstreams' } };
const unauthorised = { status: 401, reason: 'Unauthorized', message: 'Unauthorized' };
const restored = { differences: [], conflicts: [] };
let plane: ControlPlane;
let stranger: Cluster;
let proxy: FaultyProxy;
let game: TestGame;
let before: Baseline;

const baseline = () => takeBaseline(stranger, ['shop', 'batch'], { clock: realClock });
const plan = (fault: Record<string, unknown>) => planFor(proxy.cluster, { example: fault });
const verdicts = () =>
  game.events.flatMap((event) => (event.type === 'operation-verified' ? [event.verdict] : []));
const mend = () => revert(game.engine, { undoResponder: true });
const differences = async () => compare(before, await baseline());

beforeAll(async () => {
  plane = await startControlPlane();
  stranger = plane.cluster;
  proxy = await startFaultyProxy(plane.server);
});
afterAll(async () => {
  await proxy.close();
  await plane.close();
});
beforeEach(async () => {
  game = await startTestGame(proxy.cluster);
  before = await baseline();
});
afterEach(async () => {
  proxy.fate = () => undefined;
  await game.end();
  expect(await differences()).toEqual([]);
});

describe('a write that meets', () => {
  it("somebody else's in between is made on what that one left, which stays", async () => {
    const { operations } = await plan(deadEntry);
    proxy.fate = once(/^PATCH .*edge-upstreams/, undefined, () =>
      stranger.patch(edge, 'merge', { data: { theirs: 'yes' } }),
    );
    await apply(operations, game.engine);
    expect(verdicts()).toEqual(['confirmed']);
    expect(await mend()).toEqual(restored);
    expect((await stranger.get(edge))!.data).toMatchObject({ theirs: 'yes' });
    await stranger.patch(edge, 'merge', { data: { theirs: null } });
  });

  it.each([
    ['create', makes, /^POST .*configmaps/],
    ['patch', deadEntry, /^PATCH .*edge-upstreams/],
    ['delete', deletes, /^DELETE .*edge-upstreams/],
  ] as const)('a network that loses it, or its answer, is made once: %s', async (_, fault, matches) => {
    for (const fate of ['lost', 'unanswered'] as const) {
      const { operations } = await plan(fault);
      const met = proxy.met;
      proxy.fate = once(matches, fate);
      await apply(operations, game.engine);
      expect(verdicts()).toEqual(['confirmed']);
      expect(proxy.met).toBe(met + 1);
      await mend();
      expect(await differences()).toEqual([]);
      await game.end();
      game = await startTestGame(proxy.cluster);
    }
  });

  it.each([
    ['create', makes, /^DELETE .*rates/],
    ['patch', deadEntry, /^PATCH .*edge-upstreams/],
    ['delete', deletes, /^POST .*configmaps/],
  ] as const)('the same while it is undone is undone once: %s', async (_, fault, matches) => {
    for (const fate of ['lost', 'unanswered'] as const) {
      await apply((await plan(fault)).operations, game.engine);
      const met = proxy.met;
      proxy.fate = once(matches, fate);
      expect(await mend()).toEqual(restored);
      expect(proxy.met).toBe(met + 1);
      expect(await differences()).toEqual([]);
      await game.end();
      game = await startTestGame(proxy.cluster);
    }
  });

  it('an object that vanished is refused, and nothing was changed', async () => {
    await stranger.create(manifest);
    const { operations } = await plan({ config: { configMap: 'shop/rates', set: { a: '2' } } });
    await stranger.delete(rates);
    await expect(apply(operations, game.engine)).rejects.toMatchObject({ code: 'missing-object' });
    expect(await mend()).toEqual(restored);
  });

  it('a namespace that is being deleted ends the injection, and leaves nothing', async () => {
    const { operations } = await plan({
      apply: { manifests: [manifest, { ...manifest, metadata: { ...manifest.metadata, name: 'more' } }] },
    });
    const message =
      'configmaps "more" is forbidden: unable to create new content in namespace shop because it is being terminated';
    let made = 0;
    proxy.fate = ({ method, dry }) => {
      if (method === 'POST' && !dry) made += 1;
      return method === 'POST' && made === 2 ? { status: 403, reason: 'Forbidden', message } : undefined;
    };
    await expect(apply(operations, game.engine)).rejects.toThrow('being terminated');
    expect(await mend()).toEqual(restored);
    expect(await stranger.get(rates)).toBeUndefined();
  });

  it.each([
    ['credentials that have expired', unauthorised, 'unauthorised', /log in again/],
    ['a proxy that wants a login', 'login page', 'not-kubernetes', /a login needed/],
  ] as const)(
    '%s ends it with what to do, and is put back when that is done',
    async (_, fate, code, todo) => {
      proxy.fate = ({ method, dry }) => (method === 'PATCH' && !dry ? fate : undefined);
      const { operations } = await plan(deadEntry);
      await expect(apply(operations, game.engine)).rejects.toMatchObject({
        ...{ code, todo: expect.stringMatching(todo) },
      });
      proxy.fate = () => undefined;
      await apply(operations, game.engine);
      expect(verdicts()).toEqual(['confirmed']);
      proxy.fate = () => fate;
      const fast = { ...game.engine, clock: fastClock() };
      const left = await revert(fast, { undoResponder: true }).then(
        ({ differences }) => differences.join(),
        (error: Error) => error.message,
      );
      expect(left).toMatch(/Unauthorized|Expected Kubernetes' JSON/);
      proxy.fate = () => undefined;
      expect(await mend()).toEqual(restored);
    },
  );

  it('a webhook that refuses is refused before anything is touched', async () => {
    const { operations, ...rest } = await plan(deadEntry);
    const message = 'admission webhook "policy.example" denied the request: frozen';
    proxy.fate = () => ({ status: 403, reason: 'Forbidden', message });
    const { refusals } = await preflight({ operations, ...rest }, guard, proxy.cluster);
    expect(refusals.map((each) => each.message).join()).toContain('frozen');
  });

  it('a webhook that does not answer is tried again, then given up; the restore is told what was refused', async () => {
    const slow = {
      status: 500,
      reason: 'InternalError',
      message: 'failed calling webhook "policy.example": timeout',
    };
    const { operations } = await plan(deadEntry);
    const fast = { ...game.engine, clock: fastClock() };
    proxy.fate = ({ method }) => (method === 'PATCH' ? slow : undefined);
    await expect(apply(operations, fast)).rejects.toThrow('failed calling webhook');
    proxy.fate = once(/^PATCH/, slow);
    await apply(operations, fast);
    expect(verdicts()).toEqual(['confirmed']);
    proxy.fate = () => ({
      status: 403,
      reason: 'Forbidden',
      message: 'admission webhook "policy.example" denied: frozen',
    });
    const { differences: left } = await revert(fast, { undoResponder: true });
    expect(left.join()).toContain('frozen');
    proxy.fate = () => undefined;
    expect(await mend()).toEqual(restored);
  });
});

describe('an object', () => {
  it('that a finalizer holds is named with it while it hangs, and gone when it is let go', async () => {
    await apply((await plan(makes)).operations, game.engine);
    await stranger.patch(rates, 'merge', { metadata: { finalizers: ['example.com/hold'] } });
    const { differences: left } = await revert(
      { ...game.engine, clock: fastClock() },
      { undoResponder: true },
    );
    expect(left).toEqual(['configmap/shop/rates: held by finalizers: example.com/hold']);
    await stranger.patch(rates, 'merge', { metadata: { finalizers: null } });
    expect(await mend()).toEqual(restored);
  });

  it('that does not go when it is deleted is named with what holds it, and holds up the next change', async () => {
    const { operations } = await planFor(proxy.cluster, { first: deletes, second: makes });
    const hold = { metadata: { finalizers: ['example.com/hold'] } };
    await stranger.patch(edge, 'merge', hold);
    const seen = () => game.events.map((event) => ('id' in event ? `${event.type} ${event.id}` : event.type));
    const applying = apply(operations, game.engine);
    while (!(await stranger.get(edge))?.metadata.deletionTimestamp) await turn();
    expect(seen()).not.toContain('operation-recorded second-1');
    await stranger.patch(edge, 'merge', { metadata: { finalizers: null } });
    await applying;
    expect(seen().indexOf('operation-verified first-1')).toBeLessThan(
      seen().indexOf('operation-applied second-1'),
    );
    expect(verdicts()).toEqual(['confirmed', 'confirmed']);
    expect(await mend()).toEqual(restored);
    expect(await differences()).toEqual([expect.stringContaining('example.com/hold')]);
    await stranger.patch(edge, 'merge', { metadata: { finalizers: null } });
  });

  it('that stays though it was deleted, or that somebody makes again, is seen as that', async () => {
    const stays = 'configmap/shop/edge-upstreams: held by finalizers: example.com/hold';
    const engine = { ...game.engine, clock: fastClock() };
    const [operation] = (await plan(deletes)).operations;
    await stranger.patch(edge, 'merge', { metadata: { finalizers: ['example.com/hold'] } });
    await apply([operation!], engine);
    expect(game.events.at(-1)).toMatchObject({ verdict: 'mismatch', seen: stays });
    await stranger.patch(edge, 'merge', { metadata: { finalizers: null } });
    expect(await verifyApplied(operation!, engine)).toEqual({ verdict: 'confirmed', seen: 'gone' });
    const again = { ...manifest, metadata: { ...manifest.metadata, name: edge.name } };
    await stranger.create(again);
    expect(await verifyApplied(operation!, engine)).toEqual({
      verdict: 'mismatch',
      seen: 'configmap/shop/edge-upstreams is there again',
    });
    await stranger.delete(edge);
    expect(await mend()).toEqual(restored);
    await stranger.patch(edge, 'merge', { metadata: { finalizers: null } });
  });

  it('that somebody puts back at once is seen as that before anything is played', async () => {
    const original = (await stranger.get(edge))!.data as Record<string, string>;
    const { operations } = await plan(deadEntry);
    const putBack = new AbortController();
    const watching = stranger.watch(
      edge,
      { namespace: 'shop' },
      ({ object }) => {
        const { data } = object as unknown as { data: Record<string, string> };
        if (object.metadata.name === edge.name && data['upstreams.yaml'] !== original['upstreams.yaml'])
          void stranger.patch(edge, 'merge', { data: original });
      },
      putBack.signal,
    );
    // It is given the time that a reconciler needs: the condition holds when it has acted.
    const there = original['upstreams.yaml'];
    operations[0]!.ready = [{ type: 'field', path: ['data', 'upstreams.yaml'], equals: there, within: 20 }];
    await apply(operations, game.engine);
    putBack.abort();
    await watching.catch(() => undefined);
    expect(verdicts()).toEqual(['mismatch']);
    expect(await mend()).toEqual(restored);
  });

  it.each([
    ['Argo CD', { annotations: { 'argocd.argoproj.io/tracking-id': 'shop' } }],
    ['Flux', { labels: { 'kustomize.toolkit.fluxcd.io/name': 'shop' } }],
    ['Helm', { annotations: { 'meta.helm.sh/release-name': 'shop' } }],
  ])('of %s is warned of, with who will put it back', async (keeper, metadata) => {
    await stranger.patch(edge, 'merge', { metadata });
    const { refusals, warnings } = await preflight(await plan(deadEntry), guard, proxy.cluster);
    expect(refusals).toEqual([]);
    expect(warnings[0]!.message).toContain(`managed by ${keeper}`);
    const marks = Object.fromEntries(Object.keys(Object.values(metadata)[0]!).map((key) => [key, null]));
    await stranger.patch(edge, 'merge', { metadata: { annotations: marks, labels: marks } });
  });

  it('of another controller is warned of', async () => {
    const [set] = await stranger.list(
      { kind: 'replicasets', group: 'apps' },
      { namespace: 'shop', labelSelector: 'app.kubernetes.io/name=checkout' },
    );
    const fault = {
      patch: { ref: `replicaset.apps/shop/${set!.metadata.name}`, set: { 'spec.replicas': 1 } },
    };
    const { warnings } = await preflight(await plan(fault), guard, proxy.cluster);
    expect(warnings[0]!.message).toContain('managed by Deployment checkout');
  });

  it('without the field that is set is refused when it is planned, and again by the dry run', async () => {
    const fault = (spec: object) => ({ patch: { ref: 'deployment.apps/shop/checkout', ...spec } });
    await expect(plan(fault({ set: { 'spec.replicaz': 1 } }))).rejects.toMatchObject({
      code: 'unknown-field',
    });
    const made = await plan(fault({ set: { 'spec.replicas': 1 } }));
    const [operation] = made.operations;
    if (operation?.verb === 'patch') operation.changes = [{ path: ['spec', 'replicaz'], to: 1 }];
    const { refusals } = await preflight(made, guard, proxy.cluster);
    expect(refusals.map(({ code }) => code)).toEqual(['unknown-field']);
    await apply(made.operations, game.engine);
    expect(verdicts()).toEqual(['mismatch']);
    expect(await mend()).toEqual(restored);
  });
});

describe('a field that is set to what the API server leaves out', () => {
  const checkout = { kind: 'deployment', group: 'apps', namespace: 'shop', name: 'checkout' };
  const fault = { patch: { ref: 'deployment.apps/shop/checkout', set: { 'spec.paused': false } } };
  const paused = async () => (await stranger.get(checkout))!.spec as { paused?: boolean };

  it('is absent then, and comes back', async () => {
    await stranger.patch(checkout, 'merge', { spec: { paused: true } });
    const made = await plan(fault);
    expect(await preflight(made, guard, proxy.cluster)).toEqual({ refusals: [], warnings: [] });
    await apply(made.operations, game.engine);
    expect(verdicts()).toEqual(['confirmed']);
    expect(await paused()).not.toHaveProperty('paused');
    expect(await mend()).toEqual(restored);
    expect(await paused()).toMatchObject({ paused: true });
    await stranger.patch(checkout, 'merge', { spec: { paused: null } });
  });

  it('is refused as no change where it is absent already', async () => {
    const { refusals } = await preflight(await plan(fault), guard, proxy.cluster);
    expect(refusals).toMatchObject([{ code: 'nothing-to-change' }]);
  });
});

/** Time passes as fast as it is slept. */
function fastClock(): Clock {
  let passed = 0;
  return {
    ...realClock,
    mono: () => realClock.mono() + passed,
    async sleep(ms) {
      passed += ms;
      await turn();
    },
  };
}
