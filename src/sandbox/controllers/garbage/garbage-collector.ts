import { ApiError, type ResourceName } from '../../api.ts';
import type { ControllerContext } from '../context.ts';
import { awaitsDependents, FOREGROUND, type GraphNode, ORPHAN, OwnerGraph } from './graph.ts';

/** Neither owners nor owned in practice, and changed all the time. */
const IGNORED: ReadonlySet<ResourceName> = new Set(['events']);

/** Deletes objects whose owners are gone, and sees foreground and orphaning deletions through. */
export function startGarbageCollector(context: ControllerContext): () => void {
  const { api, dispatcher } = context;
  const graph = new OwnerGraph();
  const queue = dispatcher.queue('garbage-collector', (uid) => {
    const node = graph.get(uid);
    if (!node) return;
    try {
      collect(context, graph, node);
    } catch (error) {
      // The object went, or was made anew, since the graph heard of it.
      if (error instanceof ApiError && (error.code === 404 || error.code === 409)) return;
      throw error;
    }
  });
  return api.watchAll((resource, event) => {
    if (IGNORED.has(resource)) return;
    const before = graph.apply(resource, event);
    const { uid } = event.object.metadata;
    const node = graph.get(uid);
    if (!node) {
      for (const dependent of graph.dependents(uid)) queue.add(dependent.uid);
      for (const owner of before?.owners ?? []) queue.add(owner.uid);
      return;
    }
    if (node.owners.length > 0 || node.deleting) queue.add(uid);
    // An owner that waits for this one may no longer have to.
    for (const owner of before?.owners ?? []) if (!owns(node, owner.uid)) queue.add(owner.uid);
  });
}

function owns(node: GraphNode, uid: string): boolean {
  return node.owners.some((owner) => owner.uid === uid);
}

function collect(context: ControllerContext, graph: OwnerGraph, node: GraphNode): void {
  if (node.deleting) {
    if (node.finalizers.includes(ORPHAN)) orphanDependents(context, graph, node);
    else if (awaitsDependents(node)) deleteDependents(context, graph, node);
    return;
  }
  const gone = node.owners.filter((owner) => graph.ownerOf(node, owner) === undefined);
  const waiting = node.owners.filter((reference) => {
    const owner = graph.ownerOf(node, reference);
    return owner !== undefined && awaitsDependents(owner);
  });
  const lost = [...gone, ...waiting];
  if (lost.length === 0) return;
  if (lost.length < node.owners.length) {
    dropOwners(context, node, new Set(lost.map((owner) => owner.uid)));
    return;
  }
  const foreground = waiting.length > 0 && graph.dependents(node.uid).length > 0;
  const { resource, namespace, name, uid } = node;
  const propagationPolicy = foreground ? 'Foreground' : 'Background';
  context.api.delete(resource, namespace, name, { uid, propagationPolicy });
}

function orphanDependents(context: ControllerContext, graph: OwnerGraph, owner: GraphNode): void {
  for (const dependent of graph.dependents(owner.uid)) dropOwners(context, dependent, new Set([owner.uid]));
  dropFinalizer(context, owner, ORPHAN);
}

function deleteDependents(context: ControllerContext, graph: OwnerGraph, owner: GraphNode): void {
  const dependents = graph.dependents(owner.uid);
  const blocking = dependents.filter((dependent) =>
    dependent.owners.some((reference) => reference.uid === owner.uid && reference.blockOwnerDeletion),
  );
  if (blocking.length === 0) {
    dropFinalizer(context, owner, FOREGROUND);
    return;
  }
  for (const dependent of dependents) if (!dependent.deleting) collect(context, graph, dependent);
}

function dropOwners({ api }: ControllerContext, node: GraphNode, uids: ReadonlySet<string>): void {
  api.update(node.resource, node.namespace, node.name, (draft) => {
    if (draft.metadata.uid !== node.uid) return undefined;
    const kept = draft.metadata.ownerReferences?.filter((reference) => !uids.has(reference.uid)) ?? [];
    if (kept.length > 0) draft.metadata.ownerReferences = kept;
    else delete draft.metadata.ownerReferences;
    return draft;
  });
}

function dropFinalizer({ api }: ControllerContext, node: GraphNode, finalizer: string): void {
  api.update(node.resource, node.namespace, node.name, (draft) => {
    if (draft.metadata.uid !== node.uid) return undefined;
    const kept = draft.metadata.finalizers?.filter((one) => one !== finalizer) ?? [];
    if (kept.length > 0) draft.metadata.finalizers = kept;
    else delete draft.metadata.finalizers;
    return draft;
  });
}
