import type { Matcher } from '../promql/series/matcher.ts';
import type { Expr } from '../promql/syntax/ast.ts';
import { walk } from '../promql/syntax/walk.ts';
import type { RuleDefinition } from '../rules/rule.ts';
import type { Grid } from './store.ts';

/** A rule with the times at which it is evaluated. */
export interface TimedRule {
  readonly definition: RuleDefinition;
  /** Rules of one group are evaluated one after another, groups that have the same times as well. */
  readonly grid: Grid;
}

/** Rules that have to be evaluated together, time by time; a single one may be evaluated at all times at once. */
export interface Step {
  readonly rules: readonly number[];
  readonly together: boolean;
}

/** The metrics that an alerting rule writes. */
export const alertMetrics = ['ALERTS', 'ALERTS_FOR_STATE'] as const;

/**
 * In which order rules can be evaluated, each over all times, so that each reads what it would have read: what it reads is
 * evaluated before. Rules that read each other stay together.
 */
export function orderOf(rules: readonly TimedRule[]): Step[] {
  const reads = readsOf(rules);
  const edges = reads.map((read) => new Set(read));
  for (const [reader, read] of reads.entries()) {
    if (bearsLate(rules[reader]!.definition.expr)) continue;
    for (const writer of read) if (isLate(rules, reader, writer)) edges[writer]!.add(reader);
  }
  return components(edges).map((members) => {
    const [first] = members;
    const { expr } = rules[first!]!.definition;
    const together = members.length > 1 || reads[first!]!.includes(first!) || namesItsRange(expr);
    return { rules: members.sort((a, b) => a - b), together };
  });
}

/** Whether a rule is evaluated after another at the same times: what it writes then, the other sees one evaluation later. */
export function isLate(rules: readonly TimedRule[], reader: number, writer: number): boolean {
  return writer > reader && meet(rules[reader]!.grid, rules[writer]!.grid);
}

/** Whether samples that are seen a millisecond after their time give the same: not in ranges, nor where a time is asked. */
function bearsLate(expr: Expr): boolean {
  return [...walk(expr)].every((part) => {
    if (part.kind === 'selector') return part.offsetMs === 0 && part.at === undefined;
    const asksTime = part.kind === 'call' && part.name === 'timestamp';
    return part.kind !== 'matrix' && part.kind !== 'subquery' && !asksTime;
  });
}

/** Whether some of the rules read what alerting rules write. */
export function readAlerts(rules: readonly TimedRule[]): boolean {
  return rules.some(({ definition }) =>
    selections(definition.expr).some((matchers) => alertMetrics.some((name) => accepts(matchers, name))),
  );
}

/** For each rule the indices of those whose results it may read. */
function readsOf(rules: readonly TimedRule[]): number[][] {
  return rules.map(({ definition }) => {
    const asked = selections(definition.expr);
    return rules.flatMap(({ definition: other }, index) =>
      asked.some((matchers) => mayGive(other, matchers)) ? [index] : [],
    );
  });
}

function mayGive({ kind, name, labels }: RuleDefinition, matchers: readonly Matcher[]): boolean {
  // A label that the rule sets is known, others are not.
  const gives = (one: Matcher) => !(one.name in labels) || one.matches(labels[one.name]!);
  if (kind === 'recording') return accepts(matchers, name) && matchers.every(gives);
  return (
    alertMetrics.some((metric) => accepts(matchers, metric)) &&
    matchers.every((one) => one.name !== 'alertname' || one.matches(name))
  );
}

/** Whether a selector with these matchers may give series of a metric. */
export function accepts(matchers: readonly Matcher[], metric: string): boolean {
  return matchers.every((one) => one.name !== '__name__' || one.matches(metric));
}

/** The matchers of each selector of an expression. */
export function selections(expr: Expr): (readonly Matcher[])[] {
  return [...walk(expr)].flatMap((part) => (part.kind === 'selector' ? [part.matchers] : []));
}

/** `@ start()` and `@ end()` are the time of the evaluation. */
function namesItsRange(expr: Expr): boolean {
  return [...walk(expr)].some(
    (part) => (part.kind === 'selector' || part.kind === 'subquery') && typeof part.at === 'string',
  );
}

/** Whether two grids have a time in common. */
function meet(one: Grid, other: Grid): boolean {
  return (one.start - other.start) % greatestDivisor(one.step, other.step) === 0;
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

/** Tarjan's strongly connected components: those that edges lead to come first. */
function components(edges: readonly ReadonlySet<number>[]): number[][] {
  const found: number[][] = [];
  const seen = new Map<number, { order: number; low: number; isOpen: boolean }>();
  const open: number[] = [];
  const visit = (at: number) => {
    const node = { order: seen.size, low: seen.size, isOpen: true };
    seen.set(at, node);
    open.push(at);
    for (const next of edges[at]!) {
      const known = seen.get(next);
      if (known?.isOpen) node.low = Math.min(node.low, known.order);
      if (!known) node.low = Math.min(node.low, visit(next).low);
    }
    if (node.low < node.order) return node;
    const members = open.splice(open.indexOf(at));
    for (const member of members) seen.get(member)!.isOpen = false;
    found.push(members);
    return node;
  };
  for (const at of edges.keys()) if (!seen.has(at)) visit(at);
  return found;
}
