import type { ClusterObject, Ref } from '../cluster/cluster.ts';
import { formatRef } from '../cluster/ref.ts';
import type { Baseline } from './compare.ts';
import type { LedgerEntry } from './ledger-entry.ts';
import { ledgerState } from './ledger-state.ts';
import { refOf } from './operation.ts';
import { isDerived, refOfChange } from './revert/units.ts';

/** An object as it was before a responder first changed it; undefined: it was not there. */
export interface Untouched {
  ref: Ref;
  before: ClusterObject | undefined;
}

/** What responders changed outside of what the baseline has: in other namespaces, of other kinds. */
export function responderChanges(entries: readonly LedgerEntry[], baseline: Baseline): Untouched[] {
  const first = new Map<string, Untouched>();
  for (const change of ledgerState(entries).changes) {
    if (change.by !== 'responder' || isDerived(change)) continue;
    const before = change.preimage.before as ClusterObject | undefined;
    if (before && baseline.objects[formatRef(refOf(before))] !== undefined) continue;
    const ref = refOfChange(change);
    const name = formatRef(ref);
    if (!first.has(name)) first.set(name, { ref, before });
  }
  return [...first.values()];
}
