/** Compares an answer with a recorded one by the rules of the recording. */

import { readPath } from './paths.ts';
import { type Bindings, matchText } from './placeholders.ts';

/** The first difference, as `path: expected …, got …`; undefined if there is none. */
export function difference(
  expected: unknown,
  actual: unknown,
  bindings: Bindings,
  path = '',
): string | undefined {
  return valueDifference(expected, actual, bindings, path, false);
}

const markers = ['$subset', '$absent', '$contains'];

function partialDifference(
  expected: Record<string, unknown>,
  actual: unknown,
  bindings: Bindings,
  path: string,
): string | undefined {
  const found = '$subset' in expected && valueDifference(expected.$subset, actual, bindings, path, true);
  if (found) return found;
  for (const absent of (expected.$absent ?? []) as string[]) {
    const value = readPath(actual, absent);
    if (isThere(value)) return `${path}.${absent}: expected nothing, got ${show(value)}`;
  }
  for (const [place, wanted] of Object.entries((expected.$contains ?? {}) as Record<string, unknown[]>)) {
    const list = readPath(actual, place);
    for (const item of wanted) {
      const hit = Array.isArray(list) && list.some((candidate) => matches(item, candidate, bindings));
      if (!hit) return `${path}.${place}: expected an element like ${show(item)}`;
    }
  }
  return undefined;
}

/** `a[*].b` gives a list: nothing is there if no element has a `b`. */
function isThere(value: unknown): boolean {
  const parts = Array.isArray(value) ? value.flat(Number.POSITIVE_INFINITY) : [value];
  return parts.some((part) => part !== undefined && part !== null);
}

/** Tries a match; bindings are kept only if it succeeds. */
export function matches(expected: unknown, actual: unknown, bindings: Bindings, partial = true): boolean {
  const trial: Bindings = new Map(bindings);
  if (valueDifference(expected, actual, trial, '', partial) !== undefined) return false;
  for (const [key, value] of trial) bindings.set(key, value);
  return true;
}

function valueDifference(
  expected: unknown,
  actual: unknown,
  bindings: Bindings,
  path: string,
  partial: boolean,
): string | undefined {
  if (isRecord(expected) && markers.some((marker) => marker in expected)) {
    return partialDifference(expected, actual, bindings, path);
  }
  if (typeof expected === 'string') {
    return expected === actual || matchText(expected, actual, bindings)
      ? undefined
      : mismatch(path, expected, actual);
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return mismatch(path, expected, actual);
    // Of a row the first cells are recorded: what a terminal shows without -o wide, or less.
    if (partial && path.endsWith('.cells')) actual = actual.slice(0, expected.length);
    return listDifference(expected, actual as unknown[], bindings, path, partial);
  }
  if (!isRecord(expected)) return Object.is(expected, actual) ? undefined : mismatch(path, expected, actual);
  if (!isRecord(actual)) return mismatch(path, expected, actual);
  return recordDifference(expected, actual, bindings, path, partial);
}

function listDifference(
  expected: unknown[],
  actual: unknown[],
  bindings: Bindings,
  path: string,
  partial: boolean,
): string | undefined {
  if (expected.length !== actual.length) {
    return `${path}: expected ${expected.length} elements, got ${actual.length}: ${show(actual)}`;
  }
  const seen = expected.some(hasGeneratedName) ? inOrder(expected, actual, bindings, partial) : actual;
  for (const [index, item] of expected.entries()) {
    const found = valueDifference(item, seen[index], bindings, `${path}[${index}]`, partial);
    if (found) return found;
  }
  return undefined;
}

/** Objects and rows come by name: where names are generated, which of them is first is chance. */
function hasGeneratedName(item: unknown): boolean {
  const name = readPath(item, 'metadata.name') ?? readPath(item, 'cells[0]');
  return /<(hash|suffix)/.test(String(name));
}

/** The seen items in the order of the recorded ones, as far as they fit. */
function inOrder(expected: unknown[], actual: unknown[], bindings: Bindings, partial: boolean): unknown[] {
  const trial: Bindings = new Map(bindings);
  const rest = [...actual];
  return expected.map((item) => {
    const fitting = rest.findIndex((candidate) => matches(item, candidate, trial, partial));
    return rest.splice(Math.max(fitting, 0), 1)[0];
  });
}

function recordDifference(
  expected: Record<string, unknown>,
  actual: Record<string, unknown>,
  bindings: Bindings,
  path: string,
  partial: boolean,
): string | undefined {
  const rest = new Set(Object.keys(actual));
  for (const [key, value] of Object.entries(expected)) {
    const name = key.includes('<')
      ? ([...rest].find((other) => matchText(key, other, bindings)) ?? key)
      : key;
    if (!rest.delete(name)) return `${path}.${name}: expected ${show(value)}, got nothing`;
    const found = valueDifference(value, actual[name], bindings, `${path}.${name}`, partial);
    if (found) return found;
  }
  const extra = partial ? undefined : [...rest][0];
  return extra === undefined ? undefined : `${path}.${extra}: expected nothing, got ${show(actual[extra])}`;
}

const mismatch = (path: string, expected: unknown, actual: unknown) =>
  `${path || 'value'}: expected ${show(expected)}, got ${show(actual)}`;

const show = (value: unknown) => (JSON.stringify(value) ?? 'nothing').slice(0, 400);

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
