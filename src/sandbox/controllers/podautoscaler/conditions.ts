import type { Condition } from '../kinds.ts';

export interface Verdict {
  value: boolean;
  reason: string;
  message: string;
}

/** The conditions with one set; its time changes with its status only. */
export function withCondition(
  conditions: Condition[] = [],
  { type, value, reason, message }: Verdict & { type: string },
  now: string,
): Condition[] {
  const status = value ? 'True' : 'False';
  const standing = conditions.find((condition) => condition.type === type);
  const lastTransitionTime = standing?.status === status ? standing.lastTransitionTime : now;
  const condition: Condition = { type, status, lastTransitionTime, reason, message };
  if (!standing) return [...conditions, condition];
  return conditions.map((one) => (one === standing ? condition : one));
}
