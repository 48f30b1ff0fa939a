import { parser } from '@prometheus-io/lezer-promql';
import { parseDuration } from '../duration.ts';
import { metricNames } from '../recorder/metric-names.ts';

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
  return ownRange(query) + Math.max(0, ...below);
}

/** Ranges within each other (a subquery of a range) add up. */
function ownRange(query: string): number {
  let longest = 0;
  const open: number[] = [];
  const lengthOf = (from: number, to: number) => {
    const text = query.slice(from, to);
    const [, range = ''] = /\[\s*([\w.]+)\s*(?::[^\]]*)?\]$/.exec(text) ?? [];
    const [, offset = ''] = /\boffset\s+([\w.]+)\s*$/.exec(text) ?? [];
    return (parseDuration(range) ?? 0) + (parseDuration(offset) ?? 0);
  };
  parser.parse(query).iterate({
    enter: ({ name, from, to }) => {
      if (!spanning.has(name)) return;
      open.push(lengthOf(from, to));
      longest = Math.max(
        longest,
        open.reduce((sum, one) => sum + one, 0),
      );
    },
    leave: ({ name }) => {
      if (spanning.has(name)) open.pop();
    },
  });
  return longest;
}

const spanning = new Set(['MatrixSelector', 'SubqueryExpr', 'OffsetExpr']);
