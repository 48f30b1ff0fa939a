import type { Permission, PermissionNeed } from '../../cluster/cluster.ts';
import { refOf } from '../operation.ts';
import { guardianManifests, ownPermissions } from './manifests.ts';
import { type GuardianSettings, guardianName } from './settings.ts';

/**
 * What a game asks of RBAC for the copy of its ledger and for its guardian. RBAC lets nobody give rights that they
 * do not have, so whoever brings a guardian along needs its rights too; those of `undoing` are asked for anyway.
 */
export function maintenanceNeeds(
  settings: GuardianSettings,
  undoing: readonly Permission[],
): { needs: PermissionNeed[]; permissions: Permission[] } {
  const { mode, namespace } = settings;
  const needs: PermissionNeed[] = [
    { verbs: ['get'], kind: 'namespace', name: namespace },
    { verbs: ['get', 'list', 'create', 'update', 'patch', 'delete'], kind: 'secret', namespace },
  ];
  if (mode === 'off') return { needs, permissions: [] };
  const name = guardianName(mode);
  needs.push({ verbs: ['get'], kind: 'lease', group: 'coordination.k8s.io', namespace, name });
  if (mode === 'installed') return { needs, permissions: [] };
  for (const object of guardianManifests({ ...settings, mode }, undoing, '')) {
    const ref = refOf(object);
    // That its pods are refused is read there.
    const verbs = ref.kind === 'deployment' ? ['create', 'get', 'delete'] : ['create', 'delete'];
    needs.push({ verbs, ...ref });
  }
  return { needs, permissions: ownPermissions(namespace, name) };
}
