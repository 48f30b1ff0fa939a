import type { Cluster, Ref } from '../../cluster/cluster.ts';
import { formatRef, groupOf } from '../../cluster/ref.ts';
import type { LedgerState, OurChange, RecordedChange } from '../ledger/state.ts';
import type { Operation, RunOperation } from '../operation.ts';

/** What is reverted in one go: an object with all changes of it, oldest first, or a `run`. */
export type Unit =
  | { type: 'object'; ref: Ref; changes: RecordedChange[] }
  | { type: 'run'; ref: Ref; change: OurChange; operation: RunOperation }
  /** Comes back by itself; only waited for. */
  | { type: 'healing'; ref: Ref; change: OurChange; operation: Operation };

/** Things that controllers make and put right by themselves, and records of what happened. */
const derivedKinds = new Set(['events', 'endpoints', 'endpointslices', 'leases']);

/**
 * The units in the order of their undoing: ours in reverse, those that have to come last, then what only the
 * responder changed, newest first, then what heals by itself. Throws when a kind cannot be found.
 */
export async function unitsOf(state: LedgerState, cluster: Cluster): Promise<Unit[]> {
  const units = new Map<string, { unit: Unit; rank: number }>();
  for (const [index, change] of state.changes.entries()) {
    const ref = refOfChange(change);
    if (change.by === 'us' && change.operation.healed) {
      const { operation } = change;
      units.set(`healing ${operation.id}`, {
        unit: { type: 'healing', ref, change, operation },
        rank: HEALING,
      });
    }
    if (change.by === 'us' && change.operation.reverts === 'heals') continue;
    if (change.by === 'us' && change.operation.verb === 'run') {
      const { operation } = change;
      units.set(`run ${operation.id}`, {
        unit: { type: 'run', ref, change, operation },
        rank: rankOf(change, index),
      });
      continue;
    }
    if (change.by === 'undoing' && change.of.operation.verb === 'run') continue;
    if (change.by === 'responder' && isDerived(change)) continue;
    const { resource, apiVersion } = await cluster.kind(ref);
    const group = groupOf(apiVersion);
    const key = formatRef({ ...ref, kind: resource, group });
    const known = units.get(key);
    const rank = rankOf(change, index);
    if (known?.unit.type !== 'object')
      units.set(key, { unit: { type: 'object', ref, changes: [change] }, rank });
    else {
      known.unit.changes.push(change);
      // What has to come last comes last whatever else was changed in the same object.
      if (change.by === 'us')
        known.rank = [known.rank, rank].includes(LAST) ? LAST : Math.max(known.rank, rank);
    }
  }
  return [...units.values()].sort((a, b) => b.rank - a.rank).map(({ unit }) => unit);
}

const LAST = -1;
/** After all that is written, the undoing of what the responder did included. */
const HEALING = -2e9;

function rankOf(change: RecordedChange, index: number): number {
  if (change.by !== 'us') return -1e9 + index;
  return change.operation.undoneLast ? LAST : index;
}

export function refOfChange(change: RecordedChange): Ref {
  if (change.by === 'us') return change.operation.ref;
  if (change.by === 'undoing') return change.of.operation.ref;
  const { apiVersion, resource, namespace, name } = change.preimage;
  const group = groupOf(apiVersion);
  return {
    kind: resource,
    ...(group && { group }),
    ...(namespace !== undefined && { namespace }),
    name,
  };
}

export function isDerived(change: Extract<RecordedChange, { by: 'responder' }>): boolean {
  const { resource, before, after } = change.preimage;
  if (derivedKinds.has(resource)) return true;
  const { ownerReferences } = ((before ?? after)?.metadata ?? {}) as {
    ownerReferences?: { controller?: boolean }[];
  };
  return ownerReferences?.some((owner) => owner.controller) ?? false;
}
