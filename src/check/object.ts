import { isDeepStrictEqual } from 'node:util';
import { readField } from '../cluster/field-path.ts';
import { parseRef } from '../cluster/ref.ts';
import { compileRegex } from '../regex.ts';
import type { CheckContext, Finding } from './evaluate.ts';
import type { FieldCheck } from './grammar.ts';

/** A field of an object equals a value, matches a regular expression, or is not there. */
export async function checkField(check: FieldCheck, { cluster, signal }: CheckContext): Promise<Finding> {
  const object = await cluster.get(parseRef(check.ref), signal);
  if (!object && !check.absent) return { holds: false, seen: `${check.ref} is not there` };
  const value = readField(object, check.path);
  if (check.absent) {
    return { holds: value === undefined, seen: `${check.path} is ${words(value)} (not there wanted)` };
  }
  const seen = `${check.path} is ${words(value)}`;
  if (check.matches !== undefined) {
    const holds = value !== undefined && compileRegex(check.matches, { lines: true }).test(plain(value));
    return { holds, seen: `${seen} (/${check.matches}/ wanted)` };
  }
  return {
    holds: isDeepStrictEqual(value, check.equals),
    seen: `${seen} (${words(check.equals)} wanted)`,
    ...(typeof value === 'number' && { value }),
  };
}

/** An object does not exist. */
export async function checkAbsent(ref: string, { cluster, signal }: CheckContext): Promise<Finding> {
  const object = await cluster.get(parseRef(ref), signal);
  return { holds: object === undefined, seen: `${ref} is ${object ? 'there' : 'gone'}` };
}

function words(value: unknown): string {
  if (value === undefined) return 'not there';
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
