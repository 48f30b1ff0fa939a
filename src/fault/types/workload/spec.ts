import { z } from 'zod';
import { quantityText, refText } from '../../../document/fields.ts';
import { waitSchema } from '../shared/rollout-wait.ts';

/** The parts of a workload's schema; `null` takes a thing away everywhere. */

const quantities = z.record(z.string().min(1), quantityText.nullable());

const resourcesSchema = z.strictObject({
  limits: quantities.optional().describe('Limits by resource: `cpu: 100m`; `null` takes one away.'),
  requests: quantities.optional().describe('Requests by resource.'),
});

const envSchema = z.record(
  z.string().regex(/^[^=\s]+$/, 'a name without = and blanks'),
  z.union([z.string(), z.number(), z.boolean()]).transform(String).nullable(),
);

const seconds = z.int().min(1).optional();

const probe = z.strictObject({
  path: z.string().startsWith('/').optional().describe('What an HTTP probe asks for.'),
  port: z
    .union([z.int().min(1).max(65535), z.string().min(1)])
    .optional()
    .describe('Port it asks at.'),
  initialDelaySeconds: z.int().min(0).optional().describe('Seconds before the first one.'),
  periodSeconds: seconds.describe('Seconds between two.'),
  timeoutSeconds: seconds.describe('Seconds that an answer may take.'),
  failureThreshold: seconds.describe('Failures in a row that count.'),
  successThreshold: seconds.describe('Successes in a row that count.'),
});

const probesSchema = z.strictObject({
  readiness: probe.nullable().optional().describe('Decides whether it gets traffic; `null` takes it away.'),
  liveness: probe.nullable().optional().describe('Decides whether it is restarted; `null` takes it away.'),
  startup: probe.nullable().optional().describe('Holds the others back until it passed once.'),
});

const amount = z.union([z.int().min(0), z.string().regex(/^\d+%$/, 'a number or a percentage')]);

const strategySchema = z.strictObject({
  type: z.enum(['RollingUpdate', 'Recreate', 'OnDelete']).describe('How new pods replace old ones.'),
  maxSurge: amount.optional().describe('Pods above the wanted number, with RollingUpdate.'),
  maxUnavailable: amount.optional().describe('Pods below the wanted number, with RollingUpdate.'),
});

export type Env = z.output<typeof envSchema>;
export type Probe = z.output<typeof probe>;
export type Resources = z.output<typeof resourcesSchema>;
export type Strategy = z.output<typeof strategySchema>;

/** What of a workload may be changed. */
export const workloadFields = [
  'image',
  'command',
  'args',
  'env',
  'resources',
  'probes',
  'replicas',
  'strategy',
] as const;

export const workloadSchema = z
  .strictObject({
    ref: refText.describe('The Deployment, StatefulSet, DaemonSet or CronJob, in an allowed namespace.'),
    container: z
      .string()
      .optional()
      .describe('Which container, also one that only runs first; not needed where there is one.'),
    image: z.string().min(1).optional().describe('Its image.'),
    command: z.array(z.string()).nullable().optional().describe('Its command; `null`: that of the image.'),
    args: z.array(z.string()).nullable().optional().describe('Its arguments; `null`: those of the image.'),
    env: envSchema.optional().describe('Variables and their values; `null` takes one away.'),
    resources: resourcesSchema.optional().describe('Its limits and requests.'),
    probes: probesSchema.optional().describe('Its probes: only what is named is changed.'),
    replicas: z.int().min(0).max(50).optional().describe('Number of pods.'),
    strategy: strategySchema.optional().describe('How a rollout goes.'),
    wait: waitSchema,
  })
  .superRefine((spec, context) => {
    const issue = (message: string) => context.addIssue({ code: 'custom', message });
    if (workloadFields.every((field) => spec[field] === undefined))
      issue(`Expected something to change: ${workloadFields.join(', ')}.`);
    const { strategy } = spec;
    if (
      strategy &&
      strategy.type !== 'RollingUpdate' &&
      (strategy.maxSurge ?? strategy.maxUnavailable) !== undefined
    )
      issue(`Expected maxSurge and maxUnavailable only with RollingUpdate, got ${strategy.type}.`);
  });

export type WorkloadSpec = z.output<typeof workloadSchema>;
