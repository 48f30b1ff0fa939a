import { gzipSync } from 'node:zlib';
import { leasePlace, leaseRef } from '../../cluster/access/lease.ts';
import { rolesFor } from '../../cluster/access/roles.ts';
import type { ClusterObject, Permission, PermissionNeed } from '../../cluster/cluster.ts';
import { refOf } from '../../cluster/ref.ts';
import { type GuardianSettings, guardianName } from './settings.ts';

/** Unpacks the program: gzipped it is a third, and whoever looks into the ConfigMap is not told a story. */
const loader = `const { readFileSync } = require('node:fs');
const { gunzipSync } = require('node:zlib');
module._compile(gunzipSync(readFileSync(__dirname + '/main.gz')).toString(), __filename);
`;

/** Without these a pod on a node that is gone is replaced after five minutes only. */
const leavesSoon = ['not-ready', 'unreachable'].map((state) => ({
  key: `node.kubernetes.io/${state}`,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 5,
}));

/**
 * Every object of a guardian, in the order in which they are created: rights first. `permissions` are those that undoing
 * asks for; the rest is what it needs to read ledgers and to hold the Lease.
 */
export function guardianManifests(
  settings: GuardianSettings & { mode: 'game' | 'installed' },
  permissions: readonly Permission[],
  programText: string,
): ClusterObject[] {
  const { namespace } = settings;
  const name = guardianName(settings.mode);
  const labels = { 'app.kubernetes.io/name': name };
  const metadata = { name, namespace, labels };
  const subject = { kind: 'ServiceAccount' as const, namespace, name };
  const roles = rolesFor([...ownPermissions(namespace, name), ...permissions], name, subject);
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    ...roles.map((role) => ({ ...role, metadata: { ...role.metadata, labels } })),
    { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec: {} },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata,
      data: { 'main.cjs': loader },
      binaryData: { 'main.gz': gzipSync(programText).toString('base64') },
    },
    deployment(settings, metadata),
  ];
}

/** What it needs to read ledgers, to hold the Lease and to say that it is there. */
export function ownPermissions(namespace: string, name: string): Permission[] {
  const leases = { group: 'coordination.k8s.io', resource: 'leases' };
  const all = (verbs: string[], where: Omit<Permission, 'verb'>): Permission[] =>
    verbs.map((verb) => ({ verb, ...where }));
  return [
    ...all(['get', 'list', 'create', 'update', 'patch', 'delete'], {
      group: '',
      resource: 'secrets',
      namespace,
    }),
    ...all(['get', 'patch'], { ...leases, namespace, name }),
    // RBAC cannot tie create to a name.
    ...all(['create'], { ...leases, namespace: leasePlace.namespace }),
    ...all(['get', 'update', 'delete'], { ...leases, ...leasePlace }),
  ];
}

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
  needs.push({ verbs: ['get'], ...leaseRef({ namespace, name }) });
  if (mode === 'installed') return { needs, permissions: [] };
  for (const object of guardianManifests({ ...settings, mode }, undoing, '')) {
    const ref = refOf(object);
    // That its pods are refused is read there.
    const verbs = ref.kind === 'deployment' ? ['create', 'get', 'delete'] : ['create', 'delete'];
    needs.push({ verbs, ...ref });
  }
  return { needs, permissions: ownPermissions(namespace, name) };
}

function deployment(
  { image, imagePullSecrets, resources, tolerations }: GuardianSettings,
  metadata: { name: string; namespace: string; labels: Record<string, string> },
): ClusterObject {
  const { name, namespace, labels } = metadata;
  const pod = {
    serviceAccountName: name,
    terminationGracePeriodSeconds: 2,
    ...(imagePullSecrets.length > 0 && {
      imagePullSecrets: imagePullSecrets.map((secret) => ({ name: secret })),
    }),
    tolerations: [...leavesSoon, ...(tolerations ?? [])],
    securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'main',
        image,
        command: ['node', '/app/main.cjs'],
        env: [
          { name: 'OWN_NAMESPACE', value: namespace },
          { name: 'OWN_LEASE', value: name },
        ],
        // The node may be what the game keeps busy: with less CPU it would not get its turn in time.
        resources: resources ?? {
          requests: { cpu: '100m', memory: '64Mi' },
          limits: { cpu: '500m', memory: '192Mi' },
        },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        volumeMounts: [{ name: 'program', mountPath: '/app', readOnly: true }],
      },
    ],
    volumes: [{ name: 'program', configMap: { name } }],
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: {
      replicas: 1,
      strategy: { type: 'Recreate' },
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: pod },
    },
  };
}
