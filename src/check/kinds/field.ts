import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { readField } from '../../cluster/fields/path.ts';
import { parseRef } from '../../cluster/ref.ts';
import { exactlyOne, refText, regexText } from '../../document/fields.ts';
import { compileRegex } from '../../regex.ts';
import { type CheckContext, type CheckKind, type Finding, objectAtRef } from '../kind.ts';
import { readNeed } from '../needs.ts';

interface Spec {
  ref: string;
  path: string;
  equals?: unknown;
  /** A regular expression. */
  matches?: string;
  absent?: boolean;
}

/** A field of an object equals a value, matches a regular expression, or is not set. */
export const field: CheckKind<Spec> = {
  schema: z
    .strictObject({
      ref: refText,
      path: z.string().min(1),
      equals: z.unknown().optional(),
      matches: regexText.optional(),
      absent: z.literal(true).optional(),
    })
    .superRefine((value, context) =>
      exactlyOne(value, ['equals', 'matches', 'absent'], 'expectation', context),
    ),
  evaluate,
  permissions: ({ ref }) => [readNeed(ref)],
  references: objectAtRef,
};

async function evaluate(check: Spec, { cluster, signal }: CheckContext): Promise<Finding> {
  const object = await cluster.get(parseRef(check.ref), signal);
  if (!object && !check.absent) return { holds: false, seen: `${check.ref} does not exist` };
  const value = readField(object, check.path);
  if (check.absent) {
    return { holds: value === undefined, seen: `${check.path} is ${words(value)} (expected no value)` };
  }
  const seen = `${check.path} is ${words(value)}`;
  if (check.matches !== undefined) {
    const holds = value !== undefined && compileRegex(check.matches, { lines: true }).test(plain(value));
    return { holds, seen: `${seen} (expected /${check.matches}/)` };
  }
  return {
    holds: isDeepStrictEqual(value, check.equals),
    seen: `${seen} (expected ${words(check.equals)})`,
    ...(typeof value === 'number' && { value }),
  };
}

function words(value: unknown): string {
  if (value === undefined) return 'not set';
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
