import type { ControllerContext } from '../context.ts';
import type { Condition, Node } from '../kinds.ts';
import { microTimestamp, timestamp } from '../time.ts';
import { nodeObject, type SystemInfo, type VirtualNode } from './virtual-node.ts';

const LEASE_NAMESPACE = 'kube-node-lease';
const LEASE_SECONDS = 40;
/** As a kubelet does it: the lease every 10 s, the whole status every 5 min. */
const LEASE_INTERVAL_MS = 10_000;
const STATUS_INTERVAL_MS = 300_000;

/** Registers the virtual nodes and keeps their leases and conditions fresh. A node that was deleted stays away. */
export function startNodes(
  context: ControllerContext,
  nodes: readonly VirtualNode[],
  system: SystemInfo,
): () => void {
  const { api, clock } = context;
  for (const node of nodes) {
    if (api.get('nodes', undefined, node.name)) continue;
    api.create('nodes', nodeObject(node, system, timestamp(clock)), 'kubelet');
    renewLease(context, node.name);
  }
  const everyNode = (action: (name: string) => void) => () => {
    for (const { name } of nodes) if (api.get('nodes', undefined, name)) action(name);
  };
  const stops = [
    clock.setInterval(
      everyNode((name) => renewLease(context, name)),
      LEASE_INTERVAL_MS,
    ),
    clock.setInterval(
      everyNode((name) => beat(context, name)),
      STATUS_INTERVAL_MS,
    ),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

function renewLease({ api, clock }: ControllerContext, name: string): void {
  const renewTime = microTimestamp(clock);
  const renewed = api.update('leases.coordination.k8s.io', LEASE_NAMESPACE, name, (draft) => {
    draft.spec.renewTime = renewTime;
    return draft;
  });
  if (renewed) return;
  const node = api.get('nodes', undefined, name);
  if (!node) return;
  api.create('leases.coordination.k8s.io', {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name,
      namespace: LEASE_NAMESPACE,
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid: node.metadata.uid }],
    },
    spec: { holderIdentity: name, leaseDurationSeconds: LEASE_SECONDS, renewTime },
  });
}

function beat({ api, clock }: ControllerContext, name: string): void {
  const lastHeartbeatTime = timestamp(clock);
  const refresh = (draft: Node) => {
    draft.status.conditions = draft.status.conditions?.map((condition: Condition) => ({
      ...condition,
      lastHeartbeatTime,
    }));
    return draft;
  };
  api.update('nodes', undefined, name, (draft) => refresh(draft as Node), {
    subresource: 'status',
    by: 'kubelet',
  });
}
