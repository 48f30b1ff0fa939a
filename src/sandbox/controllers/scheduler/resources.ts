import { parseQuantity } from '../../apiserver/quantity.ts';
import type { Container, Node, Pod } from '../kinds.ts';

/** Amounts by resource name: CPU in billionths of a core, others in billionths of their unit. */
export type Amounts = Map<string, bigint>;

/** What a pod reserves: its containers together, or its greediest init container if that is more. */
export function podRequests({ spec }: Pod): Amounts {
  const total: Amounts = new Map();
  const initPeak: Amounts = new Map();
  const sidecars: Amounts = new Map();
  for (const container of spec.initContainers ?? []) {
    const own = requests(container);
    if (container.restartPolicy === 'Always') {
      add(sidecars, own);
      raise(initPeak, sidecars);
    } else {
      const during: Amounts = new Map(sidecars);
      add(during, own);
      raise(initPeak, during);
    }
  }
  for (const container of spec.containers) add(total, requests(container));
  add(total, sidecars);
  raise(total, initPeak);
  add(total, amounts(spec.overhead));
  return total;
}

export function allocatable({ status }: Node): Amounts {
  return amounts(status.allocatable ?? status.capacity);
}

export function sumRequests(pods: readonly Pod[]): Amounts {
  const total: Amounts = new Map();
  for (const pod of pods) add(total, podRequests(pod));
  return total;
}

function requests(container: Container): Amounts {
  return amounts(container.resources?.requests);
}

function amounts(quantities: Record<string, string> | undefined): Amounts {
  return new Map(
    Object.entries(quantities ?? {}).map(([name, text]) => [name, parseQuantity(text)?.nanos ?? 0n]),
  );
}

function add(total: Amounts, more: Amounts): void {
  for (const [name, amount] of more) total.set(name, (total.get(name) ?? 0n) + amount);
}

function raise(total: Amounts, floor: Amounts): void {
  for (const [name, amount] of floor) if (amount > (total.get(name) ?? 0n)) total.set(name, amount);
}
