import { parser } from '@prometheus-io/lezer-promql';

/** The metric names of a PromQL expression. Throws where the expression does not parse. */
export function metricNames(expression: string): string[] {
  const names: string[] = [];
  parser.parse(expression).iterate({
    enter(node) {
      if (node.type.isError)
        throw new Error(`Expected PromQL, got "${expression}" (error at character ${node.from}).`);
      if (node.name === 'VectorSelector') {
        const identifier = node.node.getChild('Identifier');
        if (identifier) names.push(expression.slice(identifier.from, identifier.to));
      }
    },
  });
  return names;
}
