import { parse } from '../../src/promql/syntax/parse.ts';
import { metricNames as namesIn } from '../../src/promql/syntax/parsed.ts';

/** The metric names of a PromQL expression. Throws where the expression does not parse. */
export function metricNames(expression: string): string[] {
  parse(expression);
  return namesIn(expression);
}
