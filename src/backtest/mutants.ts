import { matcher } from '../promql/series/matcher.ts';
import type { Binary, Expr } from '../promql/syntax/ast.ts';
import { comparisonIn, thresholdOf, withComparison, withThreshold } from '../promql/syntax/comparison.ts';
import { print } from '../promql/syntax/print.ts';
import { walk } from '../promql/syntax/walk.ts';
import type { RuleDefinition, RuleGroupDefinition } from '../rules/rule.ts';
import { formatDuration } from '../words/duration.ts';
import { number } from '../words/number.ts';
import { withRead, withReaders } from './reading.ts';

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
      const before = withRead(groups, withReaders(groups, [rule]));
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
  const comparison = comparisonIn(expr);
  const compares = (what: string, change: (one: Binary) => Binary): Change => ({
    what,
    to: { ...rule, expr: withComparison(expr, change) },
  });
  const threshold = comparison && thresholdOf(comparison);
  const thresholds = [2, 0.5, 1000].flatMap((factor): Change[] => {
    if (!threshold) return [];
    const value = Number((threshold * factor).toPrecision(12));
    return [
      compares(`threshold ${number(threshold)} → ${number(value)}`, (one) => withThreshold(one, value)),
    ];
  });
  const turned = opposite[comparison?.op ?? ''];
  return [
    ...(forMs > 0
      ? [
          holds(0, `for ${formatDuration(forMs)} → none`),
          holds(4 * forMs, `for ${formatDuration(forMs)} → ${formatDuration(4 * forMs)}`),
        ]
      : []),
    ...thresholds,
    ...(comparison && turned
      ? [compares(`comparison ${comparison.op} → ${turned}`, (one) => ({ ...one, op: turned }))]
      : []),
  ];
}

const opposite: Readonly<Record<string, string>> = {
  ...{ '>': '<', '<': '>', '>=': '<=', '<=': '>=', '==': '!=', '!=': '==' },
};

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
