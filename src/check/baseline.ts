import type { Cluster } from '../cluster/cluster.ts';
import { parseRef } from '../cluster/ref.ts';
import { availablePods } from './available.ts';
import type { Check } from './grammar.ts';
import type { Baseline } from './kind.ts';
import { leavesOf } from './leaves.ts';

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
  return leavesOf(check).flatMap(({ kind, spec }) => kind.baseline?.(spec) ?? []);
}
