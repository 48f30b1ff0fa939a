import { askedOf } from '../signal/matchers.ts';
import { syntaxProblem } from '../signal/promql-syntax.ts';
import { mistyped } from '../words/nearest.ts';
import type { Finding } from './lint-finding.ts';
import type { ParsedScenario } from './parse.ts';
import { queriesIn } from './references.ts';

/** Series that are there only while an alert is. */
const made = new Set(['ALERTS', 'ALERTS_FOR_STATE']);

/**
 * Every PromQL expression of a scenario: whether it parses, and, with the names of the series that there are, whether its
 * metrics exist. Only a slip of the pen is called a typo: other series may come with the fault, or later, and be named alike.
 */
export function lintQueries(parsed: ParsedScenario, metrics?: readonly string[]): Finding[] {
  const known = new Set(metrics);
  return queriesIn(parsed).flatMap(({ query, path }): Finding[] => {
    const problem = syntaxProblem(query);
    if (problem)
      return [
        {
          path,
          code: 'bad-promql',
          message: `${problem.message} (at character ${problem.at + 1} of the query).`,
        },
      ];
    if (!metrics) return [];
    const names = new Set(askedOf(query).map(({ metric }) => metric));
    return [...names]
      .filter((name) => !known.has(name) && !made.has(name))
      .flatMap((name): Finding[] => {
        const meant = mistyped(name, known) ?? withoutEnd(name, known);
        if (meant === undefined) return [];
        const todo = `Did you mean "${meant}"?`;
        return [{ path, code: 'unknown-metric', message: `No series has the name ${name}.`, todo }];
      });
  });
}

/** What metric names end with by convention: easily forgotten. */
const usualEnd = /^_(total|seconds|bytes|ratio|count|sum|bucket)$/;

/** The known name that is this one with its end. */
function withoutEnd(name: string, known: ReadonlySet<string>): string | undefined {
  return [...known].find((one) => one.startsWith(name) && usualEnd.test(one.slice(name.length)));
}
