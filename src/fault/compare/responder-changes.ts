import type { ClusterObject, Ref } from '../../cluster/cluster.ts';
import { formatRef, refOf } from '../../cluster/ref.ts';
import type { LedgerEntry } from '../ledger/entry.ts';
import { nonceOf } from '../ledger/nonce.ts';
import { ledgerState } from '../ledger/state.ts';
import { isDerived, refOfChange } from '../revert/units.ts';
import type { Baseline } from './compare.ts';

/** An object as it was before a responder first changed it; undefined: it was not there. */
export interface Untouched {
  ref: Ref;
  before: ClusterObject | undefined;
}

/**
 * What responders changed outside of what the baseline has: in other namespaces, of other kinds. What the game itself had
 * made is to be gone, whatever they did to it.
 */
export function responderChanges(entries: readonly LedgerEntry[], baseline: Baseline): Untouched[] {
  const first = new Map<string, Untouched>();
  const { changes } = ledgerState(entries);
  const nonces = new Set<string | undefined>(
    changes.flatMap((change) =>
      change.by === 'us' && change.operation.verb === 'create' ? change.operation.nonce : [],
    ),
  );
  for (const change of changes) {
    if (change.by !== 'responder' || isDerived(change)) continue;
    const before = change.preimage.before as ClusterObject | undefined;
    if (before && nonces.has(nonceOf(before))) continue;
    if (before && baseline.objects[formatRef(refOf(before))] !== undefined) continue;
    const ref = refOfChange(change);
    const name = formatRef(ref);
    if (!first.has(name)) first.set(name, { ref, before });
  }
  return [...first.values()];
}
