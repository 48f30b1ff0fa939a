import { problemAt, type SourceDocument } from '../document/document.ts';
import { substitute } from '../document/substitute.ts';
import { byPlace, validate, valueAt } from '../document/validate.ts';
import type { MisfortuneError } from '../errors.ts';
import { resolveParams } from './params.ts';
import { type FaultSchemas, type Scenario, scenarioSchema } from './schema.ts';

export interface ParsedScenario {
  document: SourceDocument;
  /** Undefined when there are problems. */
  scenario?: Scenario;
  problems: MisfortuneError[];
  /** Names of params that are still to be measured: `measureParams`, then parse again with the values. */
  unmeasured: string[];
}

/**
 * Reads a scenario: fills `${…}` from its params (`params` overrides them, e.g. with measured values), then
 * checks it. A measured param that has no value yet stands as 1 (or "1") so that everything else is checked.
 */
export function parseScenario(
  document: SourceDocument,
  options: { faultSchemas: FaultSchemas; params?: Record<string, unknown> },
): ParsedScenario {
  const schema = scenarioSchema(options.faultSchemas);
  const { values, unmeasured, problems } = resolveParams(document, options.params ?? {});
  const { params, ...rest } = document.value as Record<string, unknown>;
  const filled = substitute(rest, values);
  for (const { path, message, todo } of filled.unknown) {
    problems.push(problemAt(document.place(path), 'unknown-param', message, { todo }));
  }
  if (problems.length > 0) {
    const unfilled = new Set(filled.unknown.map(({ path }) => JSON.stringify(path)));
    const checked = validate(document, schema, {
      ...(filled.value as object),
      ...(params !== undefined && { params }),
    });
    const others = checked.problems.filter((problem) => !isFollowUp(problem, document, unfilled));
    return { document, problems: [...problems, ...others].sort(byPlace), unmeasured };
  }
  const value = { ...(filled.value as object), ...(params !== undefined && { params }) };
  const checked = validate(document, schema, value);
  return { document, scenario: checked.value, problems: checked.problems, unmeasured };
}

/** A wrong type where a name could not be filled in is not a problem of its own. */
function isFollowUp(problem: MisfortuneError, document: SourceDocument, unfilled: Set<string>): boolean {
  return [...unfilled].some((path) => {
    const place = document.place(JSON.parse(path) as PropertyKey[]);
    return place.line === problem.place?.line && place.column === problem.place?.column;
  });
}

/** The raw value of a document at a path, e.g. its name while it does not parse. */
export function rawName(document: SourceDocument): string | undefined {
  const name = valueAt(document.value, ['name']);
  return typeof name === 'string' ? name : undefined;
}
