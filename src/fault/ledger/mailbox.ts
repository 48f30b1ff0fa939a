import type { Cluster, ClusterObject, Permission, PermissionNeed } from '../../cluster/cluster.ts';

/**
 * The objects by which responders on other machines and a game reach each other: ConfigMaps beside the ledger's
 * Secrets, under names that say nothing. What is in them is sealed (src/game/mailbox/seal.ts).
 *
 * ConfigMaps, and for responders `create` and `get` only: a ledger is made of Secrets, and whoever may write these
 * tells the guardian what to put back; the guardian's program is a ConfigMap, which `update` or `delete` would open.
 */
export const mailboxName = 'maintenance-desk';

const instanceLabel = 'app.kubernetes.io/instance';

/** Of all mailboxes and letters, or of those of one game. */
export function mailboxLabels(id?: string): Record<string, string> {
  return {
    'app.kubernetes.io/name': 'maintenance',
    'app.kubernetes.io/component': 'desk',
    ...(id !== undefined && { [instanceLabel]: id }),
  };
}

export function mailboxSelector(id?: string): string {
  return Object.entries(mailboxLabels(id))
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

/**
 * Takes the mailboxes of a namespace away with all letters: of one game, or of all but one. The mailbox goes first: who
 * does not find it writes no letter. Throws ClusterError.
 */
export async function removeMailbox(
  cluster: Cluster,
  { namespace, id, except }: { namespace: string; id?: string; except?: string },
  signal?: AbortSignal,
): Promise<void> {
  const kind = 'configmap';
  const isDue = ({ metadata: { labels, deletionTimestamp } }: ClusterObject) =>
    deletionTimestamp === undefined && (except === undefined || labels?.[instanceLabel] !== except);
  for (;;) {
    const found = await cluster.list({ kind }, { namespace, labelSelector: mailboxSelector(id) }, signal);
    const due = found.filter(isDue).sort((a, b) => a.metadata.name.length - b.metadata.name.length);
    if (due.length === 0) return;
    for (const { metadata } of due)
      await cluster.delete({ kind, namespace, name: metadata.name }, { uid: metadata.uid }, signal);
  }
}

/** What a game asks of RBAC to serve its mailbox. */
export function mailboxNeeds(namespace: string): PermissionNeed[] {
  const verbs = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];
  return [{ kind: 'configmap', namespace, verbs }];
}

/** What taking a mailbox away asks for. */
export function mailboxRemoval(namespace: string): Permission[] {
  return ['delete', 'list'].map((verb) => ({ verb, group: '', resource: 'configmaps', namespace }));
}

/** All that a responder on another machine needs besides their rights of every day. */
export function letterPermissions(namespace: string): Permission[] {
  return ['create', 'get'].map((verb) => ({ verb, group: '', resource: 'configmaps', namespace }));
}
