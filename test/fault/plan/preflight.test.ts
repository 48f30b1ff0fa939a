import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../../../src/clock.ts';
import { formatPermission } from '../../../src/cluster/access/permissions.ts';
import type { Cluster, Permission } from '../../../src/cluster/cluster.ts';
import { compare, takeBaseline } from '../../../src/fault/compare/compare.ts';
import type { GuardianSettings } from '../../../src/fault/guardian/settings.ts';
import type { Guard } from '../../../src/fault/plan/guard-rails.ts';
import { assertPassed, enginePermissions, preflight } from '../../../src/fault/plan/preflight.ts';
import { type ControlPlane, startControlPlane } from '../control-plane.ts';
import { deadEntry, flood, guard, planFor } from '../game.ts';

let plane: ControlPlane;
let cluster: Cluster;

beforeAll(async () => {
  plane = await startControlPlane();
  cluster = plane.cluster;
});
afterAll(() => plane.close());

const shop = { kind: 'namespace', name: 'shop' };
const codes = async (more: Partial<Guard> = {}, faults = { flood, deadEntry }) => {
  const { refusals } = await preflight(
    await planFor(cluster, faults as never),
    { ...guard, ...more },
    cluster,
  );
  return refusals.map(({ code }) => code);
};

/** Of every object but nodes and their Leases, by which these say that they are alive. */
const versions = () => {
  const { api } = plane.server;
  const kinds = api.resources().filter((kind) => kind !== 'nodes');
  return kinds.flatMap((kind) =>
    api
      .list(kind)
      .filter(({ metadata }) => metadata.namespace !== 'kube-node-lease')
      .map(({ metadata: { namespace, name, resourceVersion } }) => [kind, namespace, name, resourceVersion]),
  );
};

describe('preflight', () => {
  afterEach(() =>
    cluster.patch(shop, 'merge', { metadata: { labels: { 'misfortune.dev/game-days': 'allowed' } } }),
  );

  it('lets a game pass that is allowed everywhere, and changes nothing', async () => {
    const before = versions();
    expect(await codes()).toEqual([]);
    expect(versions()).toEqual(before);
  });

  it('refuses a cluster that says it is the sandbox and is not', async () => {
    const marker = { name: 'cluster-identity', namespace: 'kube-system' };
    const made = await cluster.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: marker });
    expect(await codes({ sandboxMarker: made.metadata.uid })).toEqual([]);
    expect(await codes({ sandboxMarker: 'another' })).toEqual(['not-the-sandbox']);
  });

  it('refuses a namespace without the label, and says how its owner opens it', async () => {
    await cluster.patch(shop, 'merge', { metadata: { labels: { 'misfortune.dev/game-days': null } } });
    const result = await preflight(await planFor(cluster, { flood }), guard, cluster);
    expect(result.refusals).toEqual([
      {
        code: 'namespace-not-allowed',
        message: 'The namespace shop does not carry the label misfortune.dev/game-days=allowed.',
        todo: 'Its owner opens it with `kubectl label namespace shop misfortune.dev/game-days=allowed`.',
      },
    ]);
  });

  it('refuses a namespace that is being deleted, or is not there, also that of the ledger', async () => {
    const ending = { name: 'ending', finalizers: ['example.com/hold'] };
    await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: ending });
    await cluster.delete({ kind: 'namespace', name: 'ending' });
    const guardian: GuardianSettings = {
      ...{ mode: 'off', namespace: 'ending', image: '', imagePullSecrets: [], after: 30 },
    };
    const plan = await planFor(cluster, { flood });
    const ask = async (more: Partial<Guard>) =>
      (await preflight(plan, { ...guard, ...more }, cluster)).refusals.map(({ code, message }) => [
        code,
        message,
      ]);
    expect(await ask({ namespaces: [...guard.namespaces, 'ending'] })).toContainEqual([
      ...['namespace-ending', 'The namespace ending is being deleted.'],
    ]);
    expect(await ask({ namespaces: [...guard.namespaces, 'nowhere'] })).toContainEqual([
      ...['no-namespace', 'There is no namespace nowhere.'],
    ]);
    expect(await ask({ guardian })).toContainEqual([
      'no-maintenance-namespace',
      'The namespace ending is being deleted: the copy of the ledger is kept there.',
    ]);
    await cluster.patch({ kind: 'namespace', name: 'ending' }, 'merge', { metadata: { finalizers: null } });
  });

  it("never plays on the cluster's own namespaces, labelled or not", async () => {
    expect(await codes({ namespaces: ['kube-system'] })).toEqual(['system-namespace']);
  });

  it.each([
    ['too much load', { limits: { ...guard.limits, requestsPerSecond: 100 } }, 'over-limit'],
    ['too long a game', { limits: { ...guard.limits, minutes: 5 } }, 'over-limit'],
    ['too many workloads', { limits: { ...guard.limits, workloads: { count: 1 } } }, 'over-limit'],
    ['a fault that ends before the game', { secondsToPlay: 2000 }, 'ends-too-early'],
  ])('refuses %s', async (_, more, code) => {
    expect(await codes(more)).toEqual([code]);
  });

  it('names every permission that is missing, and passes under exactly those that it names', {
    timeout: 120_000,
  }, async () => {
    const limited = await plane.limited();
    const plan = await planFor(cluster, { flood, deadEntry });
    const needed = [...(await enginePermissions(cluster, guard.namespaces)), ...plan.permissions];
    await grant(needed);
    expect((await preflight(plan, guard, limited)).refusals).toEqual([]);
    for (const missing of needed.filter((_, index) => index % 4 === 0)) {
      await grant(needed.filter((permission) => permission !== missing));
      const { refusals } = await preflight(plan, guard, limited);
      expect(refusals.map(({ message }) => message)).toEqual([
        `The permission to ${formatPermission(missing)} is missing.`,
      ]);
    }
  });

  it('is enough for a baseline, which says of which kinds it knows nothing', async () => {
    const limited = await plane.limited();
    await grant([
      ...(await enginePermissions(cluster, guard.namespaces)),
      ...(await planFor(cluster, { flood, deadEntry })).permissions,
    ]);
    const [some, all] = await Promise.all(
      [limited, cluster].map((each) => takeBaseline(each, guard.namespaces, { clock: realClock })),
    );
    expect(some!.unreadable).toEqual(expect.arrayContaining(['secret', 'node']));
    expect(Object.keys(some!.objects)).toContain('deployment.apps/shop/checkout');
    expect(all!.unreadable).toBeUndefined();
    expect(compare(some!, all!)).toEqual([]);
  });

  it("shows the API server's own refusal of an operation", async () => {
    const bad = { change: { patch: { ref: 'deployment.apps/shop/checkout', set: { 'spec.replicas': -1 } } } };
    const result = await preflight(await planFor(cluster, bad), guard, cluster);
    expect(result.refusals.map(({ message }) => message).join()).toMatch(
      /change-1 .*must be greater than or equal to 0/,
    );
    expect(() => assertPassed(result)).toThrow('greater than or equal to 0');
  });

  it('refuses a change that changes nothing, and a name that is taken', async () => {
    const same = { change: { patch: { ref: 'deployment.apps/shop/checkout', set: { 'spec.replicas': 2 } } } };
    expect(await codes({}, same as never)).toEqual(['nothing-to-change']);
    const taken = { ...flood.load, disguise: { name: 'price-sync', namespace: 'batch' } };
    await cluster.create({
      ...{ apiVersion: 'v1', kind: 'ConfigMap' },
      metadata: { name: 'price-sync-program', namespace: 'batch' },
    });
    expect(await codes({}, { flood: { load: taken } } as never)).toEqual(['already-exists']);
  });

  it('warns of an object that Argo CD would put back', async () => {
    const ref = { kind: 'configmap', namespace: 'shop', name: 'edge-upstreams' };
    const annotations = { 'argocd.argoproj.io/tracking-id': 'shop' };
    await cluster.patch(ref, 'merge', { metadata: { annotations } });
    const { warnings } = await preflight(await planFor(cluster, { deadEntry }), guard, cluster);
    expect(warnings[0]?.message).toContain('managed by Argo CD');
  });
});

/** Lets the limited user do exactly this: a Role a namespace, and a ClusterRole for what has none. */
async function grant(permissions: readonly Permission[]): Promise<void> {
  const group = 'rbac.authorization.k8s.io';
  const head = { apiVersion: `${group}/v1`, metadata: { name: 'limited' } };
  for (const namespace of [undefined, ...new Set(permissions.flatMap((each) => each.namespace ?? []))]) {
    const kind = namespace === undefined ? 'ClusterRole' : 'Role';
    const ref = { kind: kind.toLowerCase(), group, namespace, name: 'limited' };
    const rules = permissions
      .filter((permission) => permission.namespace === namespace)
      .map((permission) => ({
        ...{ verbs: [permission.verb], apiGroups: [permission.group], resources: [permission.resource] },
        ...(permission.name !== undefined && { resourceNames: [permission.name] }),
      }));
    const metadata = { ...head.metadata, namespace };
    await cluster.delete(ref);
    await cluster.create({ ...head, kind, metadata, rules });
    if (await cluster.get({ ...ref, kind: `${ref.kind}binding` })) continue;
    await cluster.create({
      ...{ ...head, kind: `${kind}Binding`, metadata },
      roleRef: { apiGroup: group, kind, name: 'limited' },
      subjects: [{ apiGroup: group, kind: 'User', name: 'limited' }],
    });
  }
}
