/** Rules of what ConfigMaps and Secrets keep: names of keys, sizes, what no longer changes. */

import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../api.ts';
import type { FieldError } from '../status.ts';
import { forbiddenValue, invalidValue } from './rules.ts';

/** Bytes that the values of one object may have together. */
export const limit = 1024 * 1024;

export type Values = Record<string, string>;

export const keyErrors = (field: string, values: Values): FieldError[] =>
  Object.keys(values).flatMap((key) =>
    dataKeyProblems(key).map((problem) => invalidValue(`${field}[${key}]`, key, problem)),
  );

export const bytesOf = (values: Values, encoding: BufferEncoding) =>
  Object.values(values).reduce((sum, value) => sum + Buffer.byteLength(value, encoding), 0);

/** What may not change any more in a ConfigMap or Secret that says `immutable: true`: that, and what it holds. */
export function frozenFields(object: KubeObject, old: KubeObject): FieldError[] {
  if (old.immutable !== true) return [];
  const changed = [
    ...(object.immutable === true ? [] : ['immutable']),
    ...['data', 'binaryData'].filter((field) => !isDeepStrictEqual(object[field] ?? {}, old[field] ?? {})),
  ];
  return changed.map((field) => forbiddenValue(field, 'field is immutable when `immutable` is set'));
}

/** What is wrong with a key of a ConfigMap or Secret, which becomes the name of a file (IsConfigMapKey). */
export function dataKeyProblems(key: string): string[] {
  const problems = key.length > 253 ? ['must be no more than 253 characters'] : [];
  if (!/^[-._a-zA-Z0-9]+$/.test(key)) {
    problems.push(
      "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
    );
  }
  if (key === '.' || key === '..') problems.push(`must not be '${key}'`);
  else if (key.startsWith('..')) problems.push("must not start with '..'");
  return problems;
}
