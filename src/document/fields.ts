import { z } from 'zod';
import { refForm, tryParseRef } from '../cluster/ref.ts';
import { compileRegex } from '../regex.ts';
import { parseDuration } from '../words/duration.ts';

/** Schemas of single values that several documents share. Outputs are in the units named here. */

/** `30s`, `5m`, `1h30m` → milliseconds. */
export const duration = z
  .string()
  .meta({ description: 'A duration: 30s, 5m, 1h30m.', examples: ['30s', '5m', '1h30m'] })
  .transform((text, context) => {
    const ms = parseDuration(text);
    if (ms !== undefined) return ms;
    context.issues.push({
      code: 'custom',
      input: text,
      message: `Expected a duration, got "${text}".`,
      params: { code: 'bad-duration', todo: 'Write 30s, 5m, 1h30m.' },
    });
    return z.NEVER;
  });

/** Schemas whose text refers to an object: a whole reference where `kind` is '', else `namespace/name` of that kind. */
export const refSchemas = z.registry<{ kind: string }>();

/** `service/namespace/name`, and nothing else. */
export const serviceText = z
  .string()
  .regex(/^service\/[^/]+\/[^/]+$/, 'service/namespace/name')
  .register(refSchemas, { kind: '' });

/** `namespace/name` of an object of one kind. */
export function namespacedName(kind: string) {
  return z
    .string()
    .regex(/^[a-z0-9-]+\/[a-z0-9.-]+$/, 'namespace/name')
    .register(refSchemas, { kind });
}

/** `kind[.group]/namespace/name`, kept as text; `parseRef` reads it. */
export const refText = z
  .string()
  .meta({ description: `A reference: ${refForm}.`, examples: ['deployment/shop/checkout'] })
  .superRefine((text, context) => {
    // `${…}` of a playbook's roles is checked when the roles are bound.
    if (text.includes('${') || tryParseRef(text)) return;
    context.addIssue({
      code: 'custom',
      message: `Expected a reference (${refForm}), got "${text}".`,
      params: {
        code: 'bad-ref',
        todo: 'For example deployment/shop/checkout or job.batch/batch/report-export.',
      },
    });
  })
  .register(refSchemas, { kind: '' });

/** A regular expression of RE2 syntax, kept as text; `compileRegex` reads it. */
export const regexText = z.string().superRefine((text, context) => {
  try {
    compileRegex(text);
  } catch (error) {
    context.addIssue({
      code: 'custom',
      message: `Expected a regular expression (RE2 syntax): ${(error as Error).message}.`,
    });
  }
});

/** A quantity of Kubernetes that is not negative, kept as text; `quantityNumber` reads it. */
export const quantityText = z
  .union([
    z.string().regex(/^\d+(\.\d+)?([eE][+-]?\d+|m|[kMGTPE]i?|Ki)?$/, 'a quantity: 250m, 64Mi'),
    z.number(),
  ])
  .transform(String);

/** One text or a list of them → a list. */
export const texts = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (typeof value === 'string' ? [value] : value));

/** Names that are used in commands, files and URLs. */
export const slug = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'lower-case letters, digits and dashes');

export const apiVersion = z.literal('misfortune/v1');

/** Says that exactly one of `kinds` must be there; for objects whose key tells what they are. */
export function exactlyOne(
  value: Record<string, unknown>,
  kinds: readonly string[],
  what: string,
  context: z.core.$RefinementCtx,
): void {
  const found = kinds.filter((kind) => value[kind] !== undefined);
  if (found.length === 1) return;
  const got = found.length === 0 ? 'none' : found.join(' and ');
  context.addIssue({
    code: 'custom',
    message: `Expected exactly one ${what} (${kinds.join(', ')}), got ${got}.`,
    params: { code: found.length === 0 ? 'missing-key' : 'too-many-keys' },
    continue: true,
  });
}
