import { z } from 'zod';
import { apiVersion, duration, quantityText, slug } from '../document/fields.ts';
import { announceSchema } from './announce.ts';

export const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const access = {
  url: z.url({ protocol: /^https?$/ }).optional(),
  /** `namespace/name:port`, reached through the API server's service proxy. */
  service: z
    .string()
    .regex(/^[-a-z0-9]+\/[-a-z0-9.]+:[-a-z0-9]+$/, 'namespace/name:port')
    .optional(),
  headers: z.record(z.string(), z.string()).optional(),
  /** A file with a bearer token, read anew for each connection; `~` is the home folder. */
  tokenFile: z.string().optional(),
};

function eitherUrlOrService(
  value: { url?: string; service?: string },
  context: z.RefinementCtx<unknown>,
): void {
  if ((value.url === undefined) !== (value.service === undefined)) return;
  const message = 'Expected either url or service.';
  context.addIssue({ code: 'custom', message, params: { code: 'bad-endpoint' } });
}

const endpointSchema = z.strictObject(access).superRefine(eitherUrlOrService);

/** A Mimir, Cortex, Loki or Thanos ruler, whose rules count beside those of Prometheus. A tenant is a header. */
const rulerSchema = z
  .strictObject({
    ...access,
    /** As doctor and scorecard name it. Default: its address. */
    name: z.string().min(1).optional(),
    /** Of its rules. Default: told from each expression. LogQL is never asked of Prometheus. */
    language: z.enum(['promql', 'logql']).optional(),
  })
  .superRefine(eitherUrlOrService);

/** Names of annotations, beside the usual ones and before them; the first that an alert has counts. */
const annotationsSchema = z.strictObject({
  runbook: z.array(z.string().min(1)).default([]),
  dashboard: z.array(z.string().min(1)).default([]),
});

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day (17:30)');

const zone = z.string().superRefine((name, context) => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
  } catch {
    const message = `Expected a time zone (Asia/Jakarta), got "${name}".`;
    context.addIssue({ code: 'custom', message, params: { code: 'unknown-zone' } });
  }
});

/** A time when no game starts; all keys given must hold. Without zone: the zone of the machine. */
const quietSchema = z
  .strictObject({
    days: z.array(z.enum(days)).min(1).optional(),
    after: clock.optional(),
    before: clock.optional(),
    zone: zone.optional(),
  })
  .superRefine((value, context) => {
    if (value.days || value.after || value.before) return;
    context.addIssue({
      code: 'custom',
      message: 'Expected days, after or before.',
      params: { code: 'missing-key' },
    });
  });

/** A share of what there is (`30%`, → { percent: 30 }) or a count. */
const amount = z
  .union([z.int().min(0), z.string().regex(/^(100|[1-9]?\d)%$/, 'a share (30%)')])
  .transform((value): Amount => {
    return typeof value === 'number' ? { count: value } : { percent: Number(value.slice(0, -1)) };
  });

export type Amount = { count: number } | { percent: number };

const limitsSchema = z.strictObject({
  minutes: z.number().positive().default(40),
  requestsPerSecond: z.number().positive().default(2000),
  /** Of the workloads in the allowed namespaces. */
  workloads: amount.default({ percent: 30 }),
  nodes: amount.default({ count: 1 }),
  /** What all faults together may take of nodes: cores, and a quantity. */
  stress: z
    .strictObject({ cpu: z.number().min(0).default(1), memory: quantityText.default('512Mi') })
    .prefault({}),
});

const guardianSchema = z.strictObject({
  /** Brought along by each game, installed once by an admin (`misfortune guardian install`), or none. */
  mode: z.enum(['game', 'installed', 'off']).default('game'),
  /** For it and for the copies of ledgers; it has to be there, and is never a target. */
  namespace: slug.default('maintenance'),
  /** Default: the cluster's. */
  image: z.string().min(1).optional(),
  imagePullSecrets: z.array(slug).optional(),
  /** As in a container's and a pod's spec; tolerations default to the cluster's. */
  resources: z.record(z.string(), z.unknown()).optional(),
  tolerations: z.array(z.record(z.string(), z.unknown())).optional(),
  /** Silence after which it restores, and for which the game's Lease holds; ms. At least 10 s: less is a hiccup. */
  after: duration
    .refine((ms) => ms >= 10_000 && ms <= 300_000, { message: 'Expected 10s to 5m.' })
    .prefault('30s'),
});

const clusterSchema = z.strictObject({
  context: z.string().min(1),
  kubeconfig: z.string().optional(),
  namespaces: z.array(slug).min(1),
  prometheus: endpointSchema,
  alertmanager: endpointSchema.optional(),
  /** The rules that it evaluates itself count as well. */
  grafana: endpointSchema.optional(),
  rulers: z.array(rulerSchema).default([]),
  /** What else than runbook_url and dashboard_url says where an alert leads. */
  annotations: annotationsSchema.optional(),
  /** What programs of ours run in (a load's sender): any image with Node 20 or newer as `node`. */
  image: z.string().min(1).default('node:20-slim'),
  /** Names of Secrets, in the namespaces where programs of ours run, with which that image is pulled. */
  imagePullSecrets: z.array(slug).default([]),
  /** Of the container and of the pods of such programs, as in a container's and a pod's spec. */
  resources: z.record(z.string(), z.unknown()).optional(),
  tolerations: z.array(z.record(z.string(), z.unknown())).optional(),
  guardian: guardianSchema.prefault({}),
  announce: announceSchema.optional(),
  limits: limitsSchema.prefault({}),
  quiet: z.array(quietSchema).default([]),
});

/** The schema of misfortune.yaml. Paths are as written; `loadConfig` resolves them against the file's folder. */
export const configSchema = z.strictObject({
  apiVersion,
  kind: z.literal('Config'),
  scenarios: z.array(z.string()).default([]),
  playbooks: z.array(z.string()).default([]),
  clusters: z.record(slug, clusterSchema).default({}),
});

export type Config = z.output<typeof configSchema>;
export type ClusterConfig = Config['clusters'][string];
export type QuietHours = ClusterConfig['quiet'][number];
export type Limits = ClusterConfig['limits'];
