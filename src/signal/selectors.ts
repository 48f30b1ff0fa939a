import { parsed, selectorsIn } from '../promql/syntax/parsed.ts';
import { walk } from '../promql/syntax/walk.ts';

/**
 * The vector selectors of a PromQL expression as they are written (`up{job="x"}`), without ranges and offsets, in order
 * and without repeats; [] where it does not parse.
 */
export function selectorsOf(query: string): string[] {
  return [...new Set(selectorsIn(query).map(({ from, bareTo }) => query.slice(from, bareTo)))];
}

const overCounters = new Set(['rate', 'irate', 'increase', 'delta', 'idelta', 'deriv']);

/** The selectors over whose range a rate or a growth is taken (`rate(up[1m])` → `up`); [] where it does not parse. */
export function ratesOf(query: string): string[] {
  const expr = parsed(query);
  return [...(expr ? walk(expr) : [])].flatMap((part) => {
    if (part.kind !== 'call' || !overCounters.has(part.name)) return [];
    return part.args.flatMap((arg) =>
      arg.kind === 'matrix' ? [query.slice(arg.selector.from, arg.selector.bareTo)] : [],
    );
  });
}
