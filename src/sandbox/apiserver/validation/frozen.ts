import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../api.ts';
import type { FieldError } from '../status.ts';
import { forbiddenValue } from './rules.ts';

/** What may not change any more in a ConfigMap or Secret that says `immutable: true`: that, and what it holds. */
export function frozenFields(object: KubeObject, old: KubeObject): FieldError[] {
  if (old.immutable !== true) return [];
  const changed = [
    ...(object.immutable === true ? [] : ['immutable']),
    ...['data', 'binaryData'].filter((field) => !isDeepStrictEqual(object[field] ?? {}, old[field] ?? {})),
  ];
  return changed.map((field) => forbiddenValue(field, 'field is immutable when `immutable` is set'));
}
