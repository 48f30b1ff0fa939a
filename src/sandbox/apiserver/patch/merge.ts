/** JSON merge patch, RFC 7386. */
import { clone, fieldOf, isRecord, setField } from '../json.ts';

/** A new value; neither argument is changed. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return clone(patch);
  const result: Record<string, unknown> = isRecord(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else setField(result, key, mergePatch(fieldOf(result, key), value));
  }
  return result;
}
