import type { Cluster } from '../cluster/cluster.ts';
import { parseRef } from '../cluster/ref.ts';
import type { Check } from './grammar.ts';
import { availablePods } from './workload.ts';

/** What was there before the injection. Plain data: it goes into the game folder. */
export interface Baseline {
  /** Available pods by reference. */
  available: Record<string, number>;
}

export const emptyBaseline: Baseline = { available: {} };

/** Takes the baseline of every check that compares with it. A workload that is not there is left out. */
export async function captureBaseline(
  checks: readonly Check[],
  { cluster, signal }: { cluster: Cluster; signal?: AbortSignal },
): Promise<Baseline> {
  const refs = [...new Set(checks.flatMap(baselineRefs))];
  const counts = await Promise.all(refs.map((ref) => availablePods(cluster, parseRef(ref), signal)));
  const available = refs.flatMap((ref, index) => {
    const count = counts[index];
    return count === undefined ? [] : [[ref, count] as const];
  });
  return { available: Object.fromEntries(available) };
}

function baselineRefs(check: Check): string[] {
  const inner = [...(check.all ?? []), ...(check.any ?? []), ...(check.not ? [check.not] : [])];
  const own = check.workload?.available === 'baseline' ? [check.workload.ref] : [];
  return [...own, ...inner.flatMap(baselineRefs)];
}
