/** What a Pod asks for in all, by resource (component-helpers/resource). */
import type { V1Container, V1PodSpec } from '@kubernetes/client-node';
import { parseQuantity, type Quantity } from '../../quantity.ts';

export type Quantities = Map<string, Quantity>;

/** The containers together, or the greediest init container if that is more; sidecars count with both. */
export function podQuantities(
  spec: Pick<V1PodSpec, 'containers' | 'initContainers' | 'overhead'>,
  kind: 'requests' | 'limits',
): Quantities {
  const total: Quantities = new Map();
  const initPeak: Quantities = new Map();
  const sidecars: Quantities = new Map();
  const of = (container: V1Container) => parsed(container.resources?.[kind]);
  for (const container of spec.initContainers ?? []) {
    const own = of(container);
    if (container.restartPolicy === 'Always') {
      add(sidecars, own);
      raise(initPeak, sidecars);
    } else {
      const during: Quantities = new Map(sidecars);
      add(during, own);
      raise(initPeak, during);
    }
  }
  for (const container of spec.containers) add(total, of(container));
  add(total, sidecars);
  raise(total, initPeak);
  // A limit that nobody set is none: overhead adds to limits only where there are some.
  const overhead = [...parsed(spec.overhead)].filter(([name]) => kind === 'requests' || total.has(name));
  add(total, new Map(overhead));
  return total;
}

/** Adds `more` to `total`; what was nothing takes the format of what is added. */
export function add(total: Quantities, more: Quantities): void {
  for (const [name, { nanos, format }] of more) {
    const before = total.get(name);
    const isNew = !before || before.nanos === 0n;
    total.set(name, { nanos: (before?.nanos ?? 0n) + nanos, format: isNew ? format : before.format });
  }
}

export function parsed(texts: Record<string, string> | undefined): Quantities {
  const entries = Object.entries(texts ?? {}).flatMap(([name, text]) => {
    const quantity = parseQuantity(text);
    return quantity ? [[name, quantity] as const] : [];
  });
  return new Map(entries);
}

function raise(total: Quantities, floor: Quantities): void {
  for (const [name, quantity] of floor)
    if (quantity.nanos > (total.get(name)?.nanos ?? 0n)) total.set(name, quantity);
}

/** An amount that is a plain number. */
export const whole = (count: number) => ({
  nanos: BigInt(count) * 1_000_000_000n,
  format: 'decimal' as const,
});
