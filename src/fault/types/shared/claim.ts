import { isDeepStrictEqual } from 'node:util';
import type { Ref } from '../../../cluster/cluster.ts';
import { type FieldPath, formatPath } from '../../../cluster/fields/path.ts';
import { formatRef, sameObject } from '../../../cluster/ref.ts';
import { exitCodes, MisfortuneError } from '../../../errors.ts';
import type { Operation } from '../../operation.ts';

/** A field of an object that a fault changes; without `path` the whole object. */
export interface Claim {
  ref: Ref;
  path?: FieldPath;
}

/** The first two claims that speak of the same field. */
export function clash(left: readonly Claim[], right: readonly Claim[]): [Claim, Claim] | undefined {
  for (const one of left)
    for (const other of right) if (sameObject(one.ref, other.ref) && overlap(one, other)) return [one, other];
  return undefined;
}

/** `deployment/shop/checkout spec.replicas`, or only the object. */
export function formatClaim({ ref, path }: Claim): string {
  return path === undefined ? formatRef(ref) : `${formatRef(ref)} ${formatPath(path)}`;
}

/**
 * Throws MisfortuneError `faults-clash` for two faults that touch the same field: what one of them does, and what
 * undoing it would give back, would hang on their order. What heals by itself may be hit twice.
 */
export function assertNoClash(operations: readonly Operation[]): void {
  const byFault = new Map<string, Claim[]>();
  for (const operation of operations.filter(({ reverts }) => reverts !== 'heals')) {
    const claims = claimsOf(operation);
    for (const [fault, others] of byFault) {
      const found = fault === operation.fault ? undefined : clash(others, claims);
      if (!found) continue;
      throw new MisfortuneError(
        'faults-clash',
        `The faults ${fault} and ${operation.fault} both touch ${formatClaim(found[1])}.`,
        { todo: 'Let one fault do both, or choose another field.', exitCode: exitCodes.refused },
      );
    }
    byFault.set(operation.fault, [...(byFault.get(operation.fault) ?? []), ...claims]);
  }
}

function claimsOf(operation: Operation): Claim[] {
  const { ref } = operation;
  return operation.verb === 'patch' ? operation.changes.map(({ path }) => ({ ref, path })) : [{ ref }];
}

function overlap({ path: one }: Claim, { path: other }: Claim): boolean {
  if (!one || !other) return true;
  const length = Math.min(one.length, other.length);
  return isDeepStrictEqual(one.slice(0, length), other.slice(0, length));
}
