import { z } from 'zod';
import { apiVersion, duration, refText, slug, texts } from '../document/fields.ts';

const phases = ['triage', 'diagnose', 'mitigate', 'communicate', 'verify'] as const;

/** What kubectl (or any client) asked of the API server, by effect. All keys given must fit; lists mean "one of". */
export interface KubeMatch {
  /** get, list, watch, create, update, patch, delete, connect; `read` and `write` stand for all of theirs. */
  verb?: string[];
  /** Plural or singular, with or without group. */
  resource?: string[];
  ref?: string[];
  namespace?: string[];
  name?: string[];
  allNamespaces?: boolean;
  subresource?: string[];
  /** Field paths of which a write must have touched one (or one below it). */
  paths?: string[];
  /** Field paths with the values that a write must have set them to (null: taken away); all of them. */
  sets?: Record<string, string | number | boolean | null>;
  /** Field paths of numbers of which a write must have raised one. */
  raises?: string[];
  /** Or lowered one. */
  lowers?: string[];
}

/** What a step is recognised by; all keys given must fit. */
export interface Match {
  all?: Match[];
  any?: Match[];
  not?: Match;
  kube?: KubeMatch;
  promql?: { metric: string[] };
  /** A dashboard by uid. */
  dashboard?: string[];
  /** A panel by title; with `dashboard` on that one. */
  panel?: string[];
  /** An alert looked at: a query for it, or its page in Alertmanager. */
  alert?: string[];
  /** Declared with one of the responder's commands. */
  declared?: ('ack' | 'note' | 'diagnose' | 'resolve')[];
}

const verbs = z.enum([
  'get',
  'list',
  'watch',
  'create',
  'update',
  'patch',
  'delete',
  'connect',
  'read',
  'write',
]);

function oneOrMore<Schema extends z.ZodType>(schema: Schema) {
  return z.union([schema, z.array(schema).min(1)]).transform((value): z.output<Schema>[] => {
    return Array.isArray(value) ? (value as z.output<Schema>[]) : [value as z.output<Schema>];
  });
}

const words = oneOrMore(z.string().min(1)).optional();

const kubeSchema = z.strictObject({
  verb: oneOrMore(verbs).optional(),
  resource: words,
  ref: oneOrMore(refText).optional(),
  namespace: words,
  name: words,
  allNamespaces: z.boolean().optional(),
  subresource: words,
  paths: words,
  sets: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).optional(),
  raises: words,
  lowers: words,
});

export const matchSchema: z.ZodType<Match> = z
  .strictObject({
    all: z.lazy(() => z.array(matchSchema).min(1)).optional(),
    any: z.lazy(() => z.array(matchSchema).min(1)).optional(),
    not: z.lazy(() => matchSchema).optional(),
    kube: kubeSchema.optional(),
    promql: z.strictObject({ metric: oneOrMore(z.string().min(1)) }).optional(),
    dashboard: words,
    panel: words,
    alert: words,
    declared: oneOrMore(z.enum(['ack', 'note', 'diagnose', 'resolve'])).optional(),
  })
  .superRefine((value, context) => {
    if (Object.values(value).some((part) => part !== undefined)) return;
    const message =
      'Expected at least one of all, any, not, kube, promql, dashboard, panel, alert, declared.';
    context.addIssue({ code: 'custom', message, params: { code: 'missing-key' } });
  })
  .meta({ id: 'Match' }) as z.ZodType<Match>;

const doing = {
  id: slug,
  say: z.string().min(1).optional(),
  run: texts.optional(),
  match: matchSchema.optional(),
  /** Seeing this is what the step is for: the origin, as a reference or role. */
  reveals: z.string().optional(),
};

const stepSchema = z
  .strictObject({
    ...doing,
    phase: z.enum(phases),
    after: z.array(slug).default([]),
    /** automatic: recognised by `match`; manual: declared with `misfortune note`, never "missed". */
    kind: z.enum(['automatic', 'manual']).default('automatic'),
    /** Milliseconds after the steps before it are done (or after the page). */
    within: duration.optional(),
    optional: z.boolean().default(false),
    weight: z.number().min(0).default(1),
    /** A goal group: one of these does it, the group is credited and the branch shown. */
    anyOf: z.array(z.strictObject(doing)).min(2).optional(),
  })
  .superRefine((step, context) => {
    const complain = (message: string) =>
      context.addIssue({ code: 'custom', message, params: { code: 'bad-step' }, continue: true });
    if (step.anyOf && (step.match || step.run))
      complain('A step with anyOf has run and match in its branches.');
    if (step.kind === 'automatic' && !step.anyOf && !step.match) {
      complain(`Step ${step.id} needs match, anyOf or kind: manual, or nobody can tell that it was done.`);
    }
    for (const branch of step.anyOf ?? []) {
      if (!branch.match)
        complain(`The branch ${branch.id} needs match, or nobody can tell that it was done.`);
    }
    if (!step.say && !step.run && !step.anyOf) complain(`Step ${step.id} needs say or run.`);
  });

/** The schema of a playbook; `${role}` stays in its texts until `bindPlaybook`. Durations: milliseconds. */
export const playbookSchema = z.strictObject({
  apiVersion,
  kind: z.literal('Playbook'),
  name: slug,
  title: z.string().min(1),
  /** What is wrong when its alerts fire, and what that does to customers: the first sections of a runbook. */
  meaning: z.string().min(1).optional(),
  impact: z.string().min(1).optional(),
  /** Alerts whose runbook this is. */
  answers: z.array(z.string()).default([]),
  roles: z.record(z.string().regex(/^[A-Za-z][\w-]*$/, 'a word'), z.enum(['name', 'ref'])).default({}),
  steps: z.array(stepSchema).min(1),
  harmful: z.array(z.strictObject({ match: matchSchema, why: z.string().min(1) })).default([]),
});

export type Playbook = z.output<typeof playbookSchema>;
export type Step = Playbook['steps'][number];
