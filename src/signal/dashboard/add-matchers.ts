import { selectorsIn } from '../../promql/syntax/parsed.ts';

/** Adds matchers to every selector of a query: what an ad-hoc filter of a dashboard does. */
export function addMatchers(query: string, matchers: readonly string[]): string {
  const added = matchers.join(',');
  if (added === '') return query;
  return selectorsIn(query)
    .toReversed()
    .reduce((whole, { from, bareTo }) => {
      const selector = query.slice(from, bareTo);
      const inside = /^(.*\{)(.*)\}$/s.exec(selector);
      const comma = inside && !/(^|,)\s*$/.test(inside[2]!) ? ',' : '';
      const filtered = inside ? `${selector.slice(0, -1)}${comma}${added}}` : `${selector}{${added}}`;
      return whole.slice(0, from) + filtered + whole.slice(bareTo);
    }, query);
}
