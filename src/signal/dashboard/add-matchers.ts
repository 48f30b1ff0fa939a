import { parser } from '@prometheus-io/lezer-promql';

/** Adds matchers to every selector of a query: what an ad-hoc filter of a dashboard does. */
export function addMatchers(query: string, matchers: readonly string[]): string {
  if (matchers.length === 0) return query;
  const places: { at: number; text: string }[] = [];
  parser.parse(query).iterate({
    enter: ({ name, node, to }) => {
      if (name !== 'VectorSelector') return;
      const inner = node.getChild('LabelMatchers');
      if (!inner) return void places.push({ at: to, text: `{${matchers.join(',')}}` });
      const written = query.slice(inner.from + 1, inner.to - 1).trim();
      const comma = written === '' || written.endsWith(',') ? '' : ',';
      places.push({ at: inner.to - 1, text: `${comma}${matchers.join(',')}` });
    },
  });
  return places
    .sort((a, b) => b.at - a.at)
    .reduce((whole, { at, text }) => whole.slice(0, at) + text + whole.slice(at), query);
}
