import type { FieldError } from '../../status.ts';
import { invalidValue } from '../../validation/rules.ts';

const COST = 'controller.kubernetes.io/pod-deletion-cost';

/** Which of its Pods a ReplicaSet deletes first: a whole number of 32 bits. */
export function validateDeletionCost(field: string, annotations: Record<string, string> = {}): FieldError[] {
  const cost = annotations[COST];
  if (cost === undefined || (/^(0|-?[1-9]\d{0,9})$/.test(cost) && Math.abs(Number(cost)) < 2 ** 31))
    return [];
  return [invalidValue(`${field}[${COST}]`, cost, 'must be a 32bit integer')];
}
