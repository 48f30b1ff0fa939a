import type { KubeObject, OwnerReference, ResourceName, WatchEvent } from '../../api.ts';

/** What garbage collection needs to know of an object. */
export interface GraphNode {
  uid: string;
  resource: ResourceName;
  namespace?: string;
  name: string;
  owners: readonly OwnerReference[];
  finalizers: readonly string[];
  deleting: boolean;
}

export const FOREGROUND = 'foregroundDeletion';
export const ORPHAN = 'orphan';

/** Who owns whom, kept up to date from watches of every resource. */
export class OwnerGraph {
  private readonly nodes = new Map<string, GraphNode>();
  private readonly children = new Map<string, Set<string>>();

  /** Takes a change in. Returns the node as it was before. */
  apply(resource: ResourceName, { type, object }: WatchEvent): GraphNode | undefined {
    const { uid } = object.metadata;
    const before = this.nodes.get(uid);
    for (const owner of before?.owners ?? []) this.children.get(owner.uid)?.delete(uid);
    if (type === 'DELETED') {
      this.nodes.delete(uid);
      return before;
    }
    const node = graphNode(resource, object);
    this.nodes.set(uid, node);
    for (const owner of node.owners) {
      const children = this.children.get(owner.uid) ?? new Set();
      this.children.set(owner.uid, children.add(uid));
    }
    return before;
  }

  get(uid: string): GraphNode | undefined {
    return this.nodes.get(uid);
  }

  dependents(uid: string): GraphNode[] {
    const children = [...(this.children.get(uid) ?? [])];
    if (children.length === 0) this.children.delete(uid);
    return children.map((child) => this.nodes.get(child)).filter((node) => node !== undefined);
  }

  /** The owner, unless it is gone or in a namespace from which it cannot own. */
  ownerOf(node: GraphNode, reference: OwnerReference): GraphNode | undefined {
    const owner = this.nodes.get(reference.uid);
    if (!owner) return undefined;
    return owner.namespace === undefined || owner.namespace === node.namespace ? owner : undefined;
  }
}

function graphNode(resource: ResourceName, { metadata }: KubeObject): GraphNode {
  return {
    uid: metadata.uid,
    resource,
    namespace: metadata.namespace,
    name: metadata.name,
    owners: metadata.ownerReferences ?? [],
    finalizers: metadata.finalizers ?? [],
    deleting: metadata.deletionTimestamp !== undefined,
  };
}

/** Deleted in the foreground: stays until its blocking dependents are gone. */
export function awaitsDependents(node: GraphNode): boolean {
  return node.deleting && node.finalizers.includes(FOREGROUND);
}
