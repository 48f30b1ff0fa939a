import { isDeepStrictEqual } from 'node:util';
import { type Path, problemAt, type SourceDocument } from '../document/document.ts';
import { refSchemas } from '../document/fields.ts';
import { oncePerDocument } from '../document/once.ts';
import { type PlacedText, placesOf } from '../document/places-of.ts';
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
  /** With its `${…}` filled in, as it was before the schema: paths of it are paths of the document. */
  filled: Record<string, unknown>;
  /** Every reference in it, made or there. */
  refs: { ref: string; path: Path }[];
  /** The values that the params have: given, literal, measured, or 1 for those in `unmeasured`. */
  values: Record<string, unknown>;
  /** Names of params that are still to be measured: `measureParams`, then parse again with the values. */
  unmeasured: string[];
}

/**
 * Reads a scenario: fills `${…}` from its params (`params` overrides them, e.g. with measured values), then
 * checks it. A measured param that has no value yet stands as 1 (or "1") so that everything else is checked.
 */
export const parseScenario = oncePerDocument((document, options: ParseOptions): ParsedScenario => {
  const parsed = parseWith(document, options, 1);
  if (parsed.problems.length === 0 || parsed.unmeasured.length === 0) return parsed;
  const asText = parseWith(document, options, '1');
  return asText.problems.length < parsed.problems.length ? asText : parsed;
}, isSameReading);

interface ParseOptions {
  faultSchemas: FaultSchemas;
  params?: Record<string, unknown>;
}

function isSameReading([one]: [ParseOptions], [other]: [ParseOptions]): boolean {
  return one.faultSchemas === other.faultSchemas && isDeepStrictEqual(one.params ?? {}, other.params ?? {});
}

function parseWith(
  document: SourceDocument,
  options: ParseOptions,
  unmeasuredValue: number | string,
): ParsedScenario {
  const { values, unmeasured, problems } = resolveParams(document, options.params ?? {}, unmeasuredValue);
  const { params, ...rest } = document.value as Record<string, unknown>;
  const filled = substitute(rest, values);
  for (const { path, code, message, todo } of filled.unknown) {
    problems.push(problemAt(document.place(path), code, message, { todo }));
  }
  const value = { ...(filled.value as object), ...(params !== undefined && { params }) };
  const schema = scenarioSchema(options.faultSchemas);
  const checked = validate(document, schema, value);
  const others = checked.problems.filter((problem) => !problems.some((known) => isSamePlace(known, problem)));
  const all = [...problems, ...others].sort(byPlace);
  return {
    document,
    scenario: all.length === 0 ? checked.value : undefined,
    problems: all,
    filled: value,
    refs: all.length === 0 ? placesOf(schema, value, refSchemas).map(wholeRef) : [],
    values,
    unmeasured,
  };
}

/** Texts of `namespace/name` with their kind before them. */
function wholeRef({
  text,
  path,
  meta: { kind },
}: PlacedText<{ kind: string }>): ParsedScenario['refs'][number] {
  return { ref: kind === '' ? text : `${kind}/${text}`, path };
}

/** A wrong type where a name could not be filled in is not a problem of its own. */
function isSamePlace({ place: left }: MisfortuneError, { place: right }: MisfortuneError): boolean {
  return left?.line === right?.line && left?.column === right?.column;
}

/** The name of a document, also while it does not parse. */
export function rawName(document: SourceDocument): string | undefined {
  return rawText(document, 'name');
}

/** The kind of a document, also while it does not parse. */
export function rawKind(document: SourceDocument): string | undefined {
  return rawText(document, 'kind');
}

function rawText(document: SourceDocument, key: string): string | undefined {
  const value = valueAt(document.value, [key]);
  return typeof value === 'string' ? value : undefined;
}
