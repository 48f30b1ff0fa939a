import { z } from 'zod';
import { duration, exactlyOne, refText } from '../document/fields.ts';
import { compileRegex } from '../regex.ts';

/**
 * The one grammar of steadyState, effect, oracle and abort: an object with exactly one of these keys, and an id
 * by which results and `fails:` name it. What each means is in docs/checks.md.
 */
export interface Check {
  id?: string;
  /** For screens, e.g. "p95 latency". */
  title?: string;
  all?: Check[];
  any?: Check[];
  not?: Check;
  promql?: PromqlCheck;
  field?: FieldCheck;
  workload?: { ref: string; available: number | 'baseline' };
  endpoints?: { ref: string; are: string };
  absent?: { ref: string };
  stopped?: { ref: string };
  rollout?: { ref: string };
  http?: HttpCheck;
  log?: LogCheck;
}

export interface PromqlCheck {
  query: string;
  below?: number;
  above?: number;
  equals?: number;
  /** The query must give no series at all. */
  absent?: boolean;
  /** For screens: s, %, /s … */
  unit?: string;
}

export interface FieldCheck {
  ref: string;
  path: string;
  equals?: unknown;
  /** A regular expression. */
  matches?: string;
  absent?: boolean;
}

export interface HttpCheck {
  /** `service/namespace/name[:port]`, reached through the API server's service proxy. */
  service: string;
  path: string;
  /** Expected status; default 200. */
  status: number;
  /** A regular expression on the body. */
  matches?: string;
}

export interface LogCheck {
  /** A workload or pod; all its pods' logs are read. */
  ref: string;
  /** Default: the pod's default container (its annotation), else its only one that is no side-car, else all of them. */
  container?: string;
  /** A regular expression, matched a line. */
  matches: string;
  /** Lines younger than this; milliseconds, default 60 s. */
  within: number;
  /** How many lines must match at least; default 1. */
  atLeast: number;
}

const regex = z.string().superRefine((text, context) => {
  try {
    compileRegex(text);
  } catch (error) {
    context.addIssue({
      code: 'custom',
      message: `Expected a regular expression (RE2 syntax): ${(error as Error).message}.`,
    });
  }
});

const promqlSchema = z
  .strictObject({
    query: z.string().min(1),
    below: z.number().optional(),
    above: z.number().optional(),
    equals: z.number().optional(),
    absent: z.literal(true).optional(),
    unit: z.string().optional(),
  })
  .superRefine((value, context) => {
    const bounds = [value.below, value.above, value.equals, value.absent].filter(
      (bound) => bound !== undefined,
    );
    if (bounds.length === 0) exactlyOne(value, ['below', 'above', 'equals', 'absent'], 'bound', context);
  });

const fieldSchema = z
  .strictObject({
    ref: refText,
    path: z.string().min(1),
    equals: z.unknown().optional(),
    matches: regex.optional(),
    absent: z.literal(true).optional(),
  })
  .superRefine((value, context) =>
    exactlyOne(value, ['equals', 'matches', 'absent'], 'expectation', context),
  );

const serviceText = z
  .string()
  .regex(
    /^service\/[-a-z0-9]+\/[-a-z0-9.]+(:[-a-z0-9]+)?$/,
    'service/namespace/name or service/namespace/name:port',
  )
  .meta({ examples: ['service/shop/edge:http'] });

/** Kinds that the grammar will know; until then naming one is an error that says so. */
const later = ['dns', 'tcp', 'sql', 'recreate', 'replay'] as const;

const notYet = z.unknown().superRefine((value, context) => {
  if (value === undefined) return;
  context.addIssue({
    code: 'custom',
    message: 'This check is not supported yet.',
    params: { code: 'not-supported' },
  });
});

/** Every kind of check that can be evaluated. */
export const checkKinds = [
  'all',
  'any',
  'not',
  'promql',
  'field',
  'workload',
  'endpoints',
  'absent',
  'stopped',
  'rollout',
  'http',
  'log',
] as const;

const kinds = {
  all: z.lazy(() => z.array(checkSchema).min(1)).optional(),
  any: z.lazy(() => z.array(checkSchema).min(1)).optional(),
  not: z.lazy(() => checkSchema).optional(),
  promql: promqlSchema.optional(),
  field: fieldSchema.optional(),
  workload: z
    .strictObject({ ref: refText, available: z.union([z.literal('baseline'), z.int().min(0)]) })
    .optional(),
  endpoints: z.strictObject({ ref: refText, are: refText }).optional(),
  absent: z.strictObject({ ref: refText }).optional(),
  stopped: z.strictObject({ ref: refText }).optional(),
  rollout: z.strictObject({ ref: refText }).optional(),
  http: z
    .strictObject({
      service: serviceText,
      path: z.string().startsWith('/').default('/'),
      status: z.int().min(100).max(599).default(200),
      matches: regex.optional(),
    })
    .optional(),
  log: z
    .strictObject({
      ref: refText,
      container: z.string().min(1).optional(),
      matches: regex,
      within: duration.prefault('60s'),
      atLeast: z.int().min(1).default(1),
    })
    .optional(),
};

function requireKind(value: Record<string, unknown>, context: z.core.$RefinementCtx): void {
  if (later.some((kind) => kind in value)) return;
  exactlyOne(value, checkKinds, 'check', context);
}

const shape = {
  id: z.string().min(1).optional(),
  title: z.string().optional(),
  ...kinds,
  ...Object.fromEntries(later.map((kind) => [kind, notYet.optional()])),
};

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
