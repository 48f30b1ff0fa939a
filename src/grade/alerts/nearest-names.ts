import type { AlertRule } from '../../signal/series.ts';
import { nearest } from '../../words/nearest.ts';
import type { Fix } from '../finding.ts';
import type { GradeInput } from '../input.ts';
import { ruleFix } from './rule-fix.ts';

/** A slip of one rule, and what mends it. */
export interface Slip {
  /** The end of "X did not fire: …" or "X told …". */
  text: string;
  fix: Fix;
}

/** A label of the rule that is nearly its owner's name: the routes go by it. */
export function misspeltOwner(
  rule: AlertRule | undefined,
  owner: string,
  input: GradeInput,
): Slip | undefined {
  const found = Object.entries(rule?.labels ?? {}).find(([, value]) => {
    return value !== owner && nearest(value, [owner]) === owner;
  });
  if (!rule || !found) return undefined;
  const [label, value] = found;
  return {
    text: `its label ${label} is ${value}, not ${owner}`,
    fix: ruleFix('label', rule.name, [{ path: ['labels', label], from: value, to: owner }], input),
  };
}
