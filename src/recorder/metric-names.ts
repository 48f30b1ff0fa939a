import { parser } from '@prometheus-io/lezer-promql';

/** The metric names that a PromQL expression selects, in order, without repeats; [] where it does not parse. */
export function metricNames(query: string): string[] {
  const names = new Set<string>();
  const tree = parser.parse(query);
  tree.iterate({
    enter: (node) => {
      if (node.name === 'VectorSelector') {
        const identifier = node.node.getChild('Identifier');
        if (identifier) names.add(query.slice(identifier.from, identifier.to));
      }
      // {__name__="x"} names a metric too; a regular expression is kept as it stands.
      if (node.name === 'UnquotedLabelMatcher' || node.name === 'LabelMatcher') {
        const matched = /^\s*__name__\s*=~?\s*["'`](.+)["'`]\s*$/.exec(query.slice(node.from, node.to));
        if (matched?.[1]) for (const name of matched[1].split('|')) names.add(name);
      }
    },
  });
  return [...names];
}
