import { describe, expect, it } from 'vitest';
import type { Permission } from '../../../src/cluster/cluster.ts';
import { guardianManifests, maintenanceNeeds } from '../../../src/fault/guardian/manifests.ts';
import type { GuardianSettings } from '../../../src/fault/guardian/settings.ts';

const settings: GuardianSettings & { mode: 'game' } = {
  mode: 'game',
  namespace: 'maintenance',
  image: 'registry.example/node:20-slim',
  imagePullSecrets: ['registry'],
  resources: { limits: { memory: '99Mi' } },
  tolerations: [{ key: 'dedicated', operator: 'Exists' }],
  after: 30,
};
const undoing: Permission[] = [
  { verb: 'patch', group: '', resource: 'configmaps', namespace: 'shop', name: 'edge-upstreams' },
];
const objects = guardianManifests(settings, undoing, 'x'.repeat(100_000));
const deployment = objects.find(({ kind }) => kind === 'Deployment') as unknown as {
  spec: { template: { spec: Record<string, unknown> & { containers: Record<string, unknown>[] } } };
};
const pod = deployment.spec.template.spec;

describe('the objects of a guardian', () => {
  it('say nothing of games in names, labels and what is written plainly', () => {
    expect(JSON.stringify(objects)).not.toMatch(/misfortune|chaos|game|\bfault|guardian|ledger/i);
  });

  it('pass Pod Security restricted', () => {
    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(pod.containers[0]?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  it('take image, pull secrets, resources and tolerations from misfortune.yaml', () => {
    expect(pod.imagePullSecrets).toEqual([{ name: 'registry' }]);
    expect(pod.tolerations).toContainEqual({ key: 'dedicated', operator: 'Exists' });
    expect(pod.containers[0]).toMatchObject({
      image: settings.image,
      resources: { limits: { memory: '99Mi' } },
    });
  });

  it('give it no right beyond the plan, the Secrets beside it and the Lease', () => {
    const roles = objects.filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole');
    const rights = roles.map(({ metadata, rules }) => [metadata.namespace, rules]);
    const coordination = { apiGroups: ['coordination.k8s.io'], resources: ['leases'] };
    expect(Object.fromEntries(rights)).toEqual({
      default: [
        { ...coordination, verbs: ['create'] },
        { ...coordination, resourceNames: ['maintenance'], verbs: ['delete', 'get', 'update'] },
      ],
      maintenance: [
        {
          ...{ apiGroups: [''], resources: ['secrets'] },
          verbs: ['create', 'delete', 'get', 'list', 'patch', 'update'],
        },
        { ...coordination, resourceNames: ['maintenance-task'], verbs: ['get', 'patch'] },
      ],
      shop: [
        { apiGroups: [''], resources: ['configmaps'], resourceNames: ['edge-upstreams'], verbs: ['patch'] },
      ],
    });
  });

  it('are fewer to ask for when an admin has installed it, fewest without it', () => {
    const count = (mode: GuardianSettings['mode']) =>
      maintenanceNeeds({ ...settings, mode }, undoing).needs.length;
    expect([count('game') > count('installed'), count('installed') > count('off')]).toEqual([true, true]);
  });
});
