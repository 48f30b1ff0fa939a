import { describe, expect, it } from 'vitest';
import { bench } from './broken.ts';

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
    const { revert } = await import('../../../src/fault/revert.ts');
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

  it('do not parse with the same object twice', async () => {
    await expect(apply(head('ConfigMap', 'x'), head('ConfigMap', 'x'))).rejects.toThrow('is there twice');
  });
});
