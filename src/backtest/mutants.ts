import { matcher } from '../promql/series/matcher.ts';
import { COMPARISONS, type Expr } from '../promql/syntax/ast.ts';
import { print } from '../promql/syntax/print.ts';
import { walk } from '../promql/syntax/walk.ts';
import type { RuleDefinition, RuleGroupDefinition } from '../rules/rule.ts';
import { formatDuration } from '../words/duration.ts';
import { number } from '../words/number.ts';
import { thresholdOf, withThreshold } from './threshold.ts';

/** One small change of one rule, as a slip of the pen makes it. */
export interface Mutant {
  readonly rule: string;
  readonly kind: RuleDefinition['kind'];
  /** What was changed, from what to what. */
  readonly what: string;
  /** The rules before and after it: those that read the changed one, and what all of these read. */
  readonly before: readonly RuleGroupDefinition[];
  readonly after: readonly RuleGroupDefinition[];
}

/**
 * Every mutant of a team's rules: a rule removed; an alert's `for` left out or four times as long; its threshold doubled, halved
 * or in another unit (a thousand times); its comparison turned round; a matcher of any rule that asks for another value.
 */
export function mutantsOf(groups: readonly RuleGroupDefinition[]): Mutant[] {
  return groups.flatMap((group) =>
    group.rules.flatMap((rule) => {
      const before = around(groups, rule);
      // What only dashboards read makes no difference to an alert.
      if (before.every((one) => one.rules.every(({ kind }) => kind !== 'alerting'))) return [];
      return changesOf(rule).map(({ what, to }): Mutant => {
        const after = before.map((one) => ({
          ...one,
          rules: one.rules.flatMap((each) => (each === rule ? (to ?? []) : [each])),
        }));
        return { rule: rule.name, kind: rule.kind, what, before, after };
      });
    }),
  );
}

/** `to`: the rule afterwards; undefined: it is gone. */
interface Change {
  what: string;
  to?: RuleDefinition;
}

function changesOf(rule: RuleDefinition): Change[] {
  const removed: Change = { what: 'the rule is gone' };
  return [removed, ...(rule.kind === 'alerting' ? alertChanges(rule) : []), ...matcherChanges(rule)];
}

function alertChanges(rule: RuleDefinition): Change[] {
  const { forMs, expr } = rule;
  const holds = (ms: number, what: string): Change => ({ what, to: { ...rule, forMs: ms } });
  const threshold = thresholdOf(expr);
  const other = (factor: number): Change[] => {
    if (threshold === undefined || threshold === 0) return [];
    const value = Number((threshold * factor).toPrecision(12));
    const what = `threshold ${number(threshold)} → ${number(value)}`;
    return [{ what, to: { ...rule, expr: withThreshold(expr, value) } }];
  };
  const turned = turnedRound(expr);
  return [
    ...(forMs > 0
      ? [
          holds(0, `for ${formatDuration(forMs)} → none`),
          holds(4 * forMs, `for ${formatDuration(forMs)} → ${formatDuration(4 * forMs)}`),
        ]
      : []),
    ...[2, 0.5, 1000].flatMap(other),
    ...(turned ? [{ what: `comparison ${turned.what}`, to: { ...rule, expr: turned.expr } }] : []),
  ];
}

const opposite: Readonly<Record<string, string>> = {
  ...{ '>': '<', '<': '>', '>=': '<=', '<=': '>=', '==': '!=', '!=': '==' },
};

function turnedRound(expr: Expr): { what: string; expr: Expr } | undefined {
  if (expr.kind === 'paren') {
    const inner = turnedRound(expr.expr);
    return inner && { ...inner, expr: { ...expr, expr: inner.expr } };
  }
  if (expr.kind !== 'binary' || !COMPARISONS.has(expr.op)) return undefined;
  const op = opposite[expr.op]!;
  return { what: `${expr.op} → ${op}`, expr: { ...expr, op } };
}

/** A value that no series has: a job, an app or a code of another name. */
const elsewhere = '-elsewhere';

function matcherChanges(rule: RuleDefinition): Change[] {
  const found = [...walk(rule.expr)].flatMap((part) =>
    part.kind === 'selector'
      ? part.matchers.flatMap(({ name, op, value }, index) =>
          name !== '__name__' && op === '=' && value !== '' ? [{ part, index, name, value }] : [],
        )
      : [],
  );
  return found.map(({ part, index, name, value }): Change => {
    const wrong = matcher(name, '=', `${value}${elsewhere}`);
    const changed: Expr = { ...part, matchers: part.matchers.with(index, wrong) };
    const to = { ...rule, expr: replaced(rule.expr, part, changed) };
    return { what: `${name}="${value}" → "${wrong.value}" in ${print(part)}`, to };
  });
}

/** The expression with one part in the place of another. */
function replaced(expr: Expr, part: Expr, by: Expr): Expr {
  if (expr === part) return by;
  const inner = (one: Expr) => replaced(one, part, by);
  switch (expr.kind) {
    case 'matrix':
      return { ...expr, selector: inner(expr.selector) as typeof expr.selector };
    case 'call':
      return { ...expr, args: expr.args.map(inner) };
    case 'aggregation':
      return { ...expr, expr: inner(expr.expr), param: expr.param && inner(expr.param) };
    case 'binary':
      return { ...expr, left: inner(expr.left), right: inner(expr.right) };
    case 'subquery':
    case 'paren':
    case 'unary':
      return { ...expr, expr: inner(expr.expr) };
    default:
      return expr;
  }
}

/** The groups with the rules that read this one, directly or not, itself among them, and with all that these read. */
function around(groups: readonly RuleGroupDefinition[], rule: RuleDefinition): RuleGroupDefinition[] {
  const all = groups.flatMap((group) => group.rules);
  const readers = closure([rule], (one) =>
    one.kind === 'recording' ? all.filter((other) => reads(other, one.name)) : [],
  );
  const needed = closure([...readers], (one) =>
    all.filter((other) => other.kind === 'recording' && reads(one, other.name)),
  );
  return groups.flatMap((group) => {
    const rules = group.rules.filter((one) => needed.has(one));
    return rules.length > 0 ? [{ ...group, rules }] : [];
  });
}

function closure(
  from: readonly RuleDefinition[],
  next: (one: RuleDefinition) => readonly RuleDefinition[],
): Set<RuleDefinition> {
  const found = new Set(from);
  for (const one of found) for (const other of next(one)) found.add(other);
  return found;
}

/** Whether an expression selects a metric, also by a pattern. */
function reads({ expr }: RuleDefinition, metric: string): boolean {
  return [...walk(expr)].some(
    (part) =>
      part.kind === 'selector' &&
      part.matchers.filter(({ name }) => name === '__name__').every(({ matches }) => matches(metric)),
  );
}
