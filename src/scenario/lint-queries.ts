import type { Path } from '../document/document.ts';
import { suggest } from '../nearest.ts';
import { syntaxProblem } from '../signal/promql-syntax.ts';
import { selectorsOf } from '../signal/selectors.ts';
import type { Finding } from './lint.ts';

/** Series that are there only while an alert is. */
const made = new Set(['ALERTS', 'ALERTS_FOR_STATE']);

/**
 * Every PromQL expression of a scenario: whether it parses, and, with the names of the series that there are, whether its
 * metrics exist. Only what is near a known name is called a typo: other series may come with the fault.
 */
export function lintQueries(filled: unknown, metrics?: readonly string[]): Finding[] {
  const known = new Set(metrics);
  return queriesIn(filled).flatMap(({ query, path }): Finding[] => {
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
    const names = new Set(
      selectorsOf(query).flatMap((selector) => /^[A-Za-z_:][\w:]*/.exec(selector)?.[0] ?? []),
    );
    return [...names]
      .filter((name) => !known.has(name) && !made.has(name))
      .flatMap((name): Finding[] => {
        const todo = suggest(name, known);
        if (!todo?.startsWith('Did you mean')) return [];
        return [{ path, code: 'unknown-metric', message: `No series has the name ${name}.`, todo }];
      });
  });
}

/** `promql: { query }` of checks, `promql:` of params. */
function queriesIn(value: unknown, path: Path = []): { query: string; path: Path }[] {
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, part]) => {
    const at = [...path, Array.isArray(value) ? Number(key) : key];
    if (key === 'promql' && typeof part === 'string') return [{ query: part, path: at }];
    const { query } = (key === 'promql' ? (part ?? {}) : {}) as { query?: unknown };
    return typeof query === 'string' ? [{ query, path: [...at, 'query'] }] : queriesIn(part, at);
  });
}
