import { PromqlError } from '../promql/error.ts';
import { parse } from '../promql/syntax/parse.ts';

/** Where an expression does not parse: `at` is the index of the character. */
export interface SyntaxProblem {
  at: number;
  message: string;
}

/**
 * Why an expression is no PromQL, in Prometheus' words; undefined if it is, and where nobody can say: a newer Prometheus
 * may know what this engine does not.
 */
export function syntaxProblem(query: string): SyntaxProblem | undefined {
  try {
    parse(query);
    return undefined;
  } catch (error) {
    if (!(error instanceof PromqlError)) throw error;
    if (error.at === undefined) return undefined;
    return { at: error.at, message: `parse error: ${error.what}` };
  }
}
