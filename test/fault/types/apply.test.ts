import { describe, expect, it } from 'vitest';
import { verifyApplied } from '../../../src/fault/apply/verify.ts';
import { revert } from '../../../src/fault/revert/revert.ts';
import { bench } from '../bench.ts';

const at = bench();
const head = (kind: string, name: string, namespace = 'shop') => ({
  ...{ apiVersion: 'v1', kind },
  metadata: { name, namespace },
});
const apply = (...manifests: object[]) => at.plan({ apply: { manifests } });
const pod = (more: object) => ({
  ...head('Pod', 'probe'),
  spec: { containers: [{ name: 'main', image: 'node:20-slim' }], ...more },
});

describe('applied manifests', () => {
  it('are made in order, and are gone afterwards whatever was changed in them', async () => {
    const template = {
      metadata: { labels: { app: 'x' } },
      spec: { containers: [{ name: 'x', image: 'node:20-slim' }] },
    };
    await at.break({
      apply: {
        wait: 'rollout',
        manifests: [
          { ...head('ConfigMap', 'rates'), data: { a: '1' } },
          {
            ...head('Deployment', 'rates'),
            apiVersion: 'apps/v1',
            spec: { selector: { matchLabels: { app: 'x' } }, template },
          },
        ],
      },
    });
    const ref = { kind: 'configmap', namespace: 'shop', name: 'rates' };
    await at.cluster.patch(ref, 'merge', { data: { a: '2' }, metadata: { annotations: null } });
    await at.mend();
    expect(await at.cluster.get(ref)).toBeUndefined();
  });

  it('leave alone an object of the same name that somebody made in their place', async () => {
    await at.break({ apply: { manifests: [{ ...head('ConfigMap', 'rates'), data: { a: '1' } }] } });
    const ref = { kind: 'configmap', namespace: 'shop', name: 'rates' };
    await at.cluster.delete(ref);
    await at.cluster.create({ ...head('ConfigMap', 'rates'), data: { theirs: 'yes' } });
    await revert(at.game.engine, { undoResponder: true });
    expect((await at.cluster.get(ref))!.data).toEqual({ theirs: 'yes' });
    await at.cluster.delete(ref);
  });

  it.each([
    ['a namespace', { ...head('Namespace', 'x') }, 'refused-kind'],
    ['a role', { ...head('RoleBinding', 'x'), apiVersion: 'rbac.authorization.k8s.io/v1' }, 'refused-kind'],
    [
      'a definition',
      { ...head('CustomResourceDefinition', 'x'), apiVersion: 'apiextensions.k8s.io/v1' },
      'refused-kind',
    ],
    ['another namespace', { ...head('ConfigMap', 'x', 'kube-system') }, 'namespace-not-allowed'],
    ['a pod of the host network', pod({ hostNetwork: true }), 'reaches-node'],
    [
      'a pod with a path of its node',
      pod({ volumes: [{ name: 'a', hostPath: { path: '/' } }] }),
      'reaches-node',
    ],
    [
      'a privileged pod',
      pod({ containers: [{ name: 'a', image: 'b', securityContext: { privileged: true } }] }),
      'reaches-node',
    ],
    ['a name that tells', { ...head('ConfigMap', 'chaos-monkey') }, 'telling-name'],
  ])('are refused for %s', async (_, manifest, code) => {
    await expect(apply(manifest)).rejects.toMatchObject({ code });
  });

  it('case S7: are as stated where the API server writes them another way than they were sent', async () => {
    const limits = { cpu: '1000m', memory: '0.5Gi' };
    await at.break({
      apply: {
        manifests: [
          {
            ...head('Secret', 'addresses'),
            data: { a: 'YQ==' },
            stringData: { a: 'b', till: 'http://till:81' },
          },
          {
            ...head('Pod', 'sizes'),
            spec: { containers: [{ name: 'main', image: 'node:20-slim', resources: { limits } }] },
          },
          { ...head('Service', 'doors'), spec: { ports: [{ port: 80 }], type: 'ClusterIP' } },
        ],
      },
    });
    await at.mend();
  });

  it('are not as stated once somebody has changed what was sent another way', async () => {
    await at.break({ apply: { manifests: [{ ...head('Secret', 'addresses'), stringData: { a: 'b' } }] } });
    const made = at.game.ledger.entries.find((entry) => entry.type === 'recorded')!;
    await at.cluster.patch(made.operation.ref, 'merge', { stringData: { a: 'c' } });
    expect(await verifyApplied(made.operation, at.game.engine)).toEqual({
      verdict: 'mismatch',
      seen: 'changed in data',
    });
    await at.mend();
  });

  it('case S7: take a patch of a Secret by its text', async () => {
    const secret = { ...head('Secret', 'addresses'), data: { a: 'YQ==' } };
    await at.cluster.create(secret);
    await at.again();
    const ref = 'secret/shop/addresses';
    await at.break({ patch: { ref, set: { 'stringData.a': 'b', 'stringData.c': 'd' } } });
    expect((await at.cluster.get({ kind: 'secret', ...secret.metadata }))!.data).toEqual({
      a: 'Yg==',
      c: 'ZA==',
    });
    expect(await revert(at.game.engine, { undoResponder: true })).toEqual({ differences: [], conflicts: [] });
    expect((await at.cluster.get({ kind: 'secret', ...secret.metadata }))!.data).toEqual(secret.data);
    await at.cluster.delete({ kind: 'secret', ...secret.metadata });
  });

  it('do not parse with the same object twice', async () => {
    await expect(apply(head('ConfigMap', 'x'), head('ConfigMap', 'x'))).rejects.toThrow('is used twice');
  });
});
