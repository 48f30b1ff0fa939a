import type { RuleDefinition, RuleGroupDefinition } from '../rules/rule.ts';
import { accepts, selections } from './order.ts';

/** Rules that read this recording rule, itself or through others, and those that were given. */
export function withReaders(
  groups: readonly RuleGroupDefinition[],
  rules: readonly RuleDefinition[],
): ReadonlySet<RuleDefinition> {
  const all = groups.flatMap((group) => group.rules);
  return closure(rules, (one) =>
    one.kind === 'recording' ? all.filter((other) => reads(other, one.name)) : [],
  );
}

/** The groups with these rules and the recording rules that they read, themselves or through others. */
export function withRead(
  groups: readonly RuleGroupDefinition[],
  rules: Iterable<RuleDefinition>,
): RuleGroupDefinition[] {
  const all = groups.flatMap((group) => group.rules);
  const needed = closure(rules, (one) =>
    all.filter((other) => other.kind === 'recording' && reads(one, other.name)),
  );
  return groups
    .map((group) => ({ ...group, rules: group.rules.filter((rule) => needed.has(rule)) }))
    .filter((group) => group.rules.length > 0);
}

function closure(
  from: Iterable<RuleDefinition>,
  next: (one: RuleDefinition) => readonly RuleDefinition[],
): Set<RuleDefinition> {
  const found = new Set(from);
  for (const one of found) for (const other of next(one)) found.add(other);
  return found;
}

function reads({ expr }: RuleDefinition, metric: string): boolean {
  return selections(expr).some((matchers) => accepts(matchers, metric));
}
