import type { Condition } from '../kinds.ts';
import { findCondition } from '../pod-state.ts';

/** The conditions with `condition` in place: unchanged if status and reason are the same, else at the end. */
export function withCondition(
  conditions: Condition[],
  { type, status, reason, message }: Condition,
  now: string,
): Condition[] {
  const current = findCondition(conditions, type);
  if (current?.status === status && current.reason === reason) return conditions;
  const lastTransitionTime = current?.status === status ? current.lastTransitionTime : now;
  return [
    ...withoutCondition(conditions, type),
    { type, status, lastUpdateTime: now, lastTransitionTime, reason, message },
  ];
}

export function withoutCondition(conditions: Condition[], type: string): Condition[] {
  return conditions.filter((condition) => condition.type !== type);
}
