import type { Expr } from '../promql/syntax/ast.ts';
import { metricNames, parsed } from '../promql/syntax/parsed.ts';
import { partsOf } from '../promql/syntax/walk.ts';

/**
 * How far back a query looks, ms: its longest range with what `offset` adds, and that of the recording rules it reads.
 * What happened longer ago than this is in none of its values. 0 for a query that does not parse.
 */
export function longestRange(query: string, recording: ReadonlyMap<string, string>): number {
  return rangeOf(query, recording, new Set());
}

function rangeOf(query: string, recording: ReadonlyMap<string, string>, seen: ReadonlySet<string>): number {
  const below = metricNames(query).flatMap((name) => {
    const rule = recording.get(name);
    return rule === undefined || seen.has(name) ? [] : [rangeOf(rule, recording, new Set([...seen, name]))];
  });
  const expr = parsed(query);
  return (expr ? ownRange(expr) : 0) + Math.max(0, ...below);
}

/** Ranges within each other (a subquery of a range) add up. */
function ownRange(expr: Expr): number {
  const range = expr.kind === 'matrix' || expr.kind === 'subquery' ? expr.rangeMs : 0;
  const offset = expr.kind === 'selector' || expr.kind === 'subquery' ? Math.max(0, expr.offsetMs) : 0;
  return range + offset + Math.max(0, ...partsOf(expr).map(ownRange));
}
