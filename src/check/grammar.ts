import { z } from 'zod';
import { exactlyOne } from '../document/fields.ts';
import type { CheckKind } from './kind.ts';
import { kinds } from './kinds/kinds.ts';

type Kinds = typeof kinds;

/** What stands below the key of each kind. */
type Specs = { [Key in keyof Kinds]?: Kinds[Key] extends CheckKind<infer Spec> ? Spec : never };

/**
 * The one grammar of steadyState, effect, oracle and abort: an object with exactly one of the keys of `kinds` or of all,
 * any, not, and an id by which results and `fails:` name it. What each means is in docs/checks.md.
 */
export interface Check extends Specs {
  id?: string;
  /** For screens, e.g. "p95 latency". */
  title?: string;
  all?: Check[];
  any?: Check[];
  not?: Check;
}

/** Kinds that the grammar will know; until then naming one is an error that says so. */
export const laterKinds = ['sql'] as const;

const notYet = z.unknown().superRefine((value, context) => {
  if (value === undefined) return;
  context.addIssue({
    code: 'custom',
    message: 'This check is not supported yet.',
    params: { code: 'not-supported' },
  });
});

const combined = {
  all: z.lazy(() => z.array(checkSchema).min(1)).optional(),
  any: z.lazy(() => z.array(checkSchema).min(1)).optional(),
  not: z.lazy(() => checkSchema).optional(),
};

const shape = {
  id: z.string().min(1).optional(),
  title: z.string().optional(),
  ...combined,
  ...Object.fromEntries(Object.entries(kinds).map(([key, { schema }]) => [key, schema.optional()])),
  ...Object.fromEntries(laterKinds.map((kind) => [kind, notYet.optional()])),
};

function requireKind(value: Record<string, unknown>, context: z.core.$RefinementCtx): void {
  if (laterKinds.some((kind) => kind in value)) return;
  exactlyOne(value, [...Object.keys(combined), ...Object.keys(kinds)], 'check', context);
}

export const checkSchema: z.ZodType<Check> = z
  .strictObject(shape)
  .superRefine(requireKind)
  .meta({ id: 'Check' }) as z.ZodType<Check>;

/** A check with more keys of its own: `effect` has `within`, `oracle` has `sustained`. */
export function checkWith<Shape extends z.ZodRawShape>(
  extra: Shape,
): z.ZodType<Check & z.output<z.ZodObject<Shape>>> {
  const schema = z.strictObject({ ...shape, ...extra }).superRefine(requireKind);
  return schema as unknown as z.ZodType<Check & z.output<z.ZodObject<Shape>>>;
}
