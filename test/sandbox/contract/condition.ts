/** What a recorded step waits for. */
import type { Condition, Until } from './cases.ts';
import { difference } from './compare.ts';
import { readPath } from './paths.ts';
import { type Bindings, substitute } from './placeholders.ts';

/** `status` is that of a GET, 404 for an object that is gone. */
export function reached(until: Until, object: unknown, status: number, bindings: Bindings): boolean {
  if (until === 'deleted') return status === 404;
  return until.every((condition) => holds(condition, object, status, bindings));
}

function holds(condition: Condition, object: unknown, status: number, bindings: Bindings): boolean {
  if (condition.status !== undefined) return status === condition.status;
  if (condition.path === undefined) throw new Error(`unknown condition ${JSON.stringify(condition)}`);
  const value = readPath(object, substitute(condition.path, bindings));
  if (condition.exists !== undefined) return (value !== undefined) === condition.exists;
  if (condition.atLeast !== undefined) return typeof value === 'number' && value >= condition.atLeast;
  if (condition.length !== undefined) return (Array.isArray(value) ? value.length : 0) === condition.length;
  if (condition.includes !== undefined) return contains(value, substitute(condition.includes, bindings));
  return difference(condition.equals ?? null, value ?? null, new Map(bindings)) === undefined;
}

const contains = (value: unknown, part: string) =>
  (typeof value === 'string' || Array.isArray(value)) && value.includes(part);
