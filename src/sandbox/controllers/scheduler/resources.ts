import { parsed, podQuantities, type Quantities } from '../../apiserver/pod-quantities.ts';
import type { Node, Pod } from '../kinds.ts';

/** Amounts by resource name: CPU in billionths of a core, others in billionths of their unit. */
export type Amounts = Map<string, bigint>;

/** What a pod reserves. */
export function podRequests({ spec }: Pod): Amounts {
  return amounts(podQuantities(spec, 'requests'));
}

export function allocatable({ status }: Node): Amounts {
  return amounts(parsed(status.allocatable ?? status.capacity));
}

export function sumRequests(pods: readonly Pod[]): Amounts {
  const total: Amounts = new Map();
  for (const pod of pods)
    for (const [name, amount] of podRequests(pod)) total.set(name, (total.get(name) ?? 0n) + amount);
  return total;
}

function amounts(quantities: Quantities): Amounts {
  return new Map([...quantities].map(([name, { nanos }]) => [name, nanos]));
}
