import { z } from 'zod';

/** The parts of a workload's schema; `null` takes a thing away everywhere. */

const quantity = z
  .union([
    z.string().regex(/^\d+(\.\d+)?([eE][+-]?\d+|m|[kMGTPE]i?|Ki)?$/, 'a quantity: 250m, 64Mi'),
    z.number(),
  ])
  .transform(String);

const quantities = z.record(z.string().min(1), quantity.nullable());

export const resourcesSchema = z.strictObject({
  limits: quantities.optional().describe('Limits by resource: `cpu: 100m`; `null` takes one away.'),
  requests: quantities.optional().describe('Requests by resource.'),
});

export const envSchema = z.record(
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

export const probesSchema = z.strictObject({
  readiness: probe.nullable().optional().describe('Decides whether it gets traffic; `null` takes it away.'),
  liveness: probe.nullable().optional().describe('Decides whether it is restarted; `null` takes it away.'),
  startup: probe.nullable().optional().describe('Holds the others back until it passed once.'),
});

const amount = z.union([z.int().min(0), z.string().regex(/^\d+%$/, 'a number or a percentage')]);

export const strategySchema = z.strictObject({
  type: z.enum(['RollingUpdate', 'Recreate', 'OnDelete']).describe('How new pods replace old ones.'),
  maxSurge: amount.optional().describe('Pods above the wanted number, with RollingUpdate.'),
  maxUnavailable: amount.optional().describe('Pods below the wanted number, with RollingUpdate.'),
});

export type Env = z.output<typeof envSchema>;
export type Probe = z.output<typeof probe>;
export type Resources = z.output<typeof resourcesSchema>;
export type Strategy = z.output<typeof strategySchema>;
