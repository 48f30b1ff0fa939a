import { z } from 'zod';
import { type Check, checkSchema, checkWith } from '../check/grammar.ts';
import { apiVersion, duration, exactlyOne, refText, slug, texts } from '../document/fields.ts';
import { checkRepeats, type Repeat, repeatSchema } from './repeat.ts';

/** Zod schemas of the fault types by their name (`load`, `patch`, …); the caller passes them in. */
export type FaultSchemas = Record<string, z.ZodType>;

/** A param: a literal, or measured before the injection (see params.ts). */
export type Param = string | number | boolean | (string | number)[] | MeasuredParam;

export type MeasuredParam = { times?: number; plus?: number } & (
  | { promql: string }
  | { field: { ref: string; path: string } }
);

/** One thing a scenario breaks. `spec` has passed the schema of its fault type. */
export interface FaultUse {
  id: string;
  type: string;
  spec: unknown;
  /** Milliseconds after the injection began. */
  after: number;
  /** From then on waited for, at most `within` ms, before the step is made; else it is left out. */
  when?: Check & { within: number };
  /** What must show that the fault works, within `within` milliseconds. */
  effect?: Check & { within: number };
  /** Comes and goes in turns; undefined: stays. */
  repeat?: Repeat;
}

/** A harmless change that is not what is wrong: near the target, or going on in the background. */
export interface Decoy extends Omit<FaultUse, 'effect'> {
  role: 'decoy' | 'noise';
  /** For the debrief: why it has nothing to do with it. */
  why: string;
}

/** How a param may be called. */
export const paramName = /^[A-Za-z][\w-]*$/;

const paramKey = z.string().regex(paramName, 'a word');

const arithmetic = { times: z.number().optional(), plus: z.number().optional() };

const paramSchema: z.ZodType<Param> = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.array(z.union([z.string(), z.number()])),
  z.strictObject({ promql: z.string().min(1), ...arithmetic }),
  z.strictObject({ field: z.strictObject({ ref: refText, path: z.string().min(1) }), ...arithmetic }),
]);

const effectSchema = checkWith({ within: duration.prefault('60s') });

const whenSchema = checkWith({ within: duration });

/** What faults and decoys have in common. */
const stepHead = {
  id: slug,
  after: duration.prefault('0s'),
  when: whenSchema.optional(),
  repeat: repeatSchema.optional(),
};
const faultHead = { effect: effectSchema.optional() };
const decoyHead = { noise: z.boolean().default(false), why: z.string().min(1) };

/** Keys of a fault or decoy beside the one that is its type. */
export const stepKeys: readonly string[] = Object.keys({ ...stepHead, ...faultHead, ...decoyHead });

function faultSchema(faults: FaultSchemas) {
  const types = Object.keys(faults);
  const specs = Object.fromEntries(types.map((type) => [type, faults[type]!.optional()]));
  return z
    .strictObject({ ...stepHead, ...faultHead, ...specs })
    .superRefine((fault, context) => exactlyOne(fault, types, 'fault type', context))
    .transform((fault): FaultUse => {
      const { id, after, when, repeat, effect, ...rest } = fault as unknown as Omit<
        FaultUse,
        'type' | 'spec'
      >;
      const times = { after, ...(when && { when }), ...(repeat && { repeat }) };
      return { id, ...times, ...typeAndSpec(rest), ...(effect && { effect }) };
    });
}

function decoySchema(faults: FaultSchemas) {
  const types = Object.keys(faults);
  const specs = Object.fromEntries(types.map((type) => [type, faults[type]!.optional()]));
  return z
    .strictObject({ ...stepHead, ...decoyHead, ...specs })
    .superRefine((decoy, context) => exactlyOne(decoy, types, 'fault type', context))
    .transform((decoy): Decoy => {
      const { id, after, when, repeat, noise, why, ...rest } = decoy as unknown as Decoy & { noise: boolean };
      const role = noise ? 'noise' : 'decoy';
      return {
        id,
        after,
        ...(when && { when }),
        ...(repeat && { repeat }),
        why,
        role,
        ...typeAndSpec(rest),
      };
    });
}

function typeAndSpec(rest: object): { type: string; spec: unknown } {
  const [type = '', spec] = Object.entries(rest).find(([, value]) => value !== undefined) ?? [];
  return { type, spec };
}

const expectedAlert = z
  .union([
    z.string(),
    z
      .strictObject({
        name: z.string(),
        /** Other alerts that would do as well: the set counts once. */
        or: z.array(z.string()).default([]),
        within: duration.optional(),
        /** The receiver that must be notified. */
        receiver: z.string().optional(),
        /** A fault breaks its way to the receiver: `validate` expects that it gets there only by following the playbook. */
        undelivered: z.literal(true).optional(),
        weight: z.number().positive().default(1),
      })
      .refine(({ undelivered, receiver }) => !undelivered || receiver !== undefined, {
        path: ['undelivered'],
        message: 'Expected a receiver that it does not reach.',
      }),
  ])
  .transform((value) => (typeof value === 'string' ? { name: value, or: [], weight: 1 } : value))
  .transform((value): ExpectedAlert => value);

export interface ExpectedAlert {
  name: string;
  or: string[];
  /** Milliseconds after the first symptom. */
  within?: number;
  receiver?: string;
  /** It does not reach the receiver until the playbook has mended its way. */
  undelivered?: true;
  weight: number;
}

/** `dashboard uid/panel title`, e.g. `shop-overview/Checkout latency`. */
const panelText = z
  .string()
  .regex(/^[^/]+\/.+$/, 'dashboard/Panel title')
  .meta({ examples: ['shop-overview/Checkout latency'] })
  .transform((text) => {
    const slash = text.indexOf('/');
    return { dashboard: text.slice(0, slash), panel: text.slice(slash + 1) };
  });

/** `steadyState` and `abort`: checks that are named by their id. */
const namedChecks = z.array(checkSchema).superRefine((checks, context) => noIdTwice(checks, [], context));

/** The members of an oracle are named by their ids, too. */
const oracle = checkWith({ sustained: duration.prefault('30s') }).superRefine(({ all, any }, context) => {
  noIdTwice(all ?? [], ['all'], context);
  noIdTwice(any ?? [], ['any'], context);
});

function noIdTwice(
  checks: readonly { id?: string | undefined }[],
  path: readonly string[],
  context: z.core.$RefinementCtx,
): void {
  const seen = new Set<string>();
  checks.forEach(({ id }, index) => {
    if (id !== undefined && seen.has(id)) {
      const message = `The id "${id}" is used twice.`;
      const place = [...path, index, 'id'];
      context.addIssue({ code: 'custom', message, path: place, params: { code: 'duplicate-id' } });
    }
    if (id !== undefined) seen.add(id);
  });
}

const fix = { name: z.string().min(1), run: texts };

/** The schema of a scenario whose `${…}` are filled in. Durations come out in milliseconds. */
export function scenarioSchema(faults: FaultSchemas) {
  const scenario = z.strictObject({
    apiVersion,
    kind: z.literal('Scenario'),
    name: slug,
    title: z.string().min(1),
    difficulty: z.int().min(1).max(5),
    tags: z.array(slug).default([]),
    owner: z.string().min(1),
    stack: z
      .union([
        slug.transform((name) => ({ name, namespaces: [] as string[] })),
        z.strictObject({ name: slug.default('own'), namespaces: z.array(slug).min(1) }),
      ])
      .default({ name: 'shop', namespaces: [] }),
    /** Parts of the shop that a machine may lack: `database` needs a PostgreSQL. */
    needs: z.array(z.enum(['database'])).default([]),
    params: z.record(paramKey, paramSchema).default({}),
    /** Other values of params: other names of what is broken, with which `validate` plays once more. */
    renamed: z.record(paramKey, z.union([z.string(), z.number()])).default({}),
    briefing: z.string().min(1),
    steadyState: namedChecks.min(1),
    faults: z.array(faultSchema(faults)).min(1),
    decoys: z.array(decoySchema(faults)).default([]),
    oracle,
    abort: namedChecks.default([]),
    fixes: z.array(z.strictObject(fix)).default([]),
    wrongFixes: z
      .array(z.strictObject({ ...fix, fails: z.string(), effect: effectSchema.optional() }))
      .default([]),
    alerts: z
      .strictObject({
        expected: z.array(expectedAlert).default([]),
        acceptable: z.array(z.string()).default([]),
      })
      .default({ expected: [], acceptable: [] }),
    panels: z.strictObject({ expected: z.array(panelText).default([]) }).default({ expected: [] }),
    diagnosis: z.strictObject({
      origin: refText,
      /** Other right answers for the origin. */
      accept: z.array(refText).default([]),
      mechanism: z.string(),
    }),
    playbook: z.strictObject({ name: slug, with: z.record(z.string(), z.string()).default({}) }),
    hints: z.array(z.string()).default([]),
    timeout: duration.prefault('20m'),
    debrief: z.string().min(1),
  });
  return scenario.superRefine(checkRepeats);
}

export type Scenario = z.output<ReturnType<typeof scenarioSchema>>;
