import type { z } from 'zod';
import type { MisfortuneError } from '../errors.ts';
import { suggest } from '../words/nearest.ts';
import { type Path, problemAt, type SourceDocument } from './document.ts';
import { keysAt } from './schema-keys.ts';

type Issue = z.core.$ZodIssue;

/**
 * Checks a value (that of the document, or the same with `${…}` filled in) against a schema. All problems are
 * reported at once, each at its place; nothing is thrown.
 */
export function validate<T>(
  document: SourceDocument,
  schema: z.ZodType<T>,
  value: unknown = document.value,
): { value?: T; problems: MisfortuneError[] } {
  const result = schema.safeParse(value);
  if (result.success) return { value: result.data, problems: [] };
  const { issues } = result.error;
  const problems = issues
    .filter((issue) => !isFollowUp(issue, issues))
    .flatMap((issue) => describe(document, schema, value, issue));
  return { problems: problems.sort(byPlace) };
}

/** A mistyped key is also a missing one: it is told once. */
function isFollowUp(issue: Issue, all: Issue[]): boolean {
  if (issue.code !== 'custom' || issue.params?.code !== 'missing-key') return false;
  const path = JSON.stringify(issue.path);
  return all.some((other) => other.code === 'unrecognized_keys' && JSON.stringify(other.path) === path);
}

/** Orders problems as they stand in the file. */
export function byPlace(left: MisfortuneError, right: MisfortuneError): number {
  const [a, b] = [left.place, right.place];
  return (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0);
}

function describe(
  document: SourceDocument,
  schema: z.ZodType,
  value: unknown,
  issue: Issue,
): MisfortuneError[] {
  const { path } = issue;
  const seen = valueAt(value, path);
  const name = path.length > 0 ? formatPath(path) : 'the document';
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey(document, schema, path, key));
  }
  if (seen === undefined && path.length > 0) {
    const place = document.place(path.slice(0, -1));
    const parent = path.length > 1 ? ` in ${formatPath(path.slice(0, -1))}` : '';
    const expected = expectation(issue);
    const message = `Expected the key "${String(path.at(-1))}"${parent}${expected && ` (${expected})`}, but it is missing.`;
    return [problemAt(place, 'missing-key', message)];
  }
  const place = document.place(path);
  if (issue.code === 'custom') {
    const params = issue.params as { code?: string; todo?: string } | undefined;
    return [problemAt(place, params?.code ?? 'bad-value', issue.message, { todo: params?.todo })];
  }
  const todo = issue.code === 'invalid_value' ? suggest(String(seen), issue.values.map(String)) : undefined;
  const code = issue.code === 'invalid_type' || issue.code === 'invalid_union' ? 'wrong-type' : 'bad-value';
  const message = `Expected ${expectation(issue) || 'another value'} for ${name}, got ${path.some(isSecret) ? 'something else' : describeValue(seen)}.`;
  return [problemAt(place, code, message, { todo })];
}

/** The address of a webhook is all that it takes to use it: what stands there is not quoted. */
function isSecret(key: PropertyKey): boolean {
  return key === 'webhook';
}

function unknownKey(document: SourceDocument, schema: z.ZodType, path: Path, key: string): MisfortuneError {
  const where = path.length > 0 ? ` in ${formatPath(path)}` : '';
  const place = document.keyPlace([...path, key]);
  return problemAt(place, 'unknown-key', `Unknown key "${key}"${where}.`, {
    todo: suggest(key, keysAt(schema, path)),
  });
}

function expectation(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return typeName(issue.expected);
    case 'invalid_value':
      return issue.values.length === 1
        ? JSON.stringify(issue.values[0])
        : `one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return issue.origin === 'number'
        ? `a number ${issue.inclusive === false ? 'above' : 'of at least'} ${issue.minimum}`
        : `at least ${issue.minimum} ${issue.origin === 'string' ? 'character' : 'entry'}`;
    case 'too_big':
      return issue.origin === 'number'
        ? `a number ${issue.inclusive === false ? 'below' : 'of at most'} ${issue.maximum}`
        : `at most ${issue.maximum} entries`;
    case 'invalid_format':
      if (issue.format === 'starts_with')
        return `a text that begins with "${(issue as { prefix?: string }).prefix}"`;
      return issue.format === 'regex' ? issue.message : issue.format;
    case 'invalid_key':
      return `another key: ${issue.issues.map(expectation).find((text) => text !== '') ?? 'this one is none'}`;
    case 'invalid_union':
      return unionExpectation(issue.errors);
    case 'custom':
      return '';
    default:
      return issue.message;
  }
}

function unionExpectation(branches: Issue[][]): string {
  const all = branches.map((issues) => issues.map(expectation).find((text) => text !== '') ?? '');
  return [...new Set(all.filter((text) => text !== ''))].join(' or ');
}

function typeName(expected: string): string {
  const names: Record<string, string> = {
    object: 'a mapping',
    record: 'a mapping',
    array: 'a list',
    string: 'a text',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
  };
  return names[expected] ?? expected;
}

/** A value in words, short enough for one line. */
export function describeValue(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  const text = JSON.stringify(value);
  return `${text.length > 60 ? `${text.slice(0, 57)}…"` : text}${typeof value === 'string' ? '' : ` (a ${typeof value})`}`;
}

/** `faults[0].load.rate` */
function formatPath(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else text += text ? `.${String(step)}` : String(step);
  }
  return text;
}

export function valueAt(value: unknown, path: Path): unknown {
  let current = value;
  for (const step of path) {
    if (current === null || typeof current !== 'object') return undefined;
    current = (current as Record<PropertyKey, unknown>)[step];
  }
  return current;
}
