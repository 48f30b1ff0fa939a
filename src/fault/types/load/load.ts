import { z } from 'zod';
import type { Ref } from '../../../cluster/cluster.ts';
import { parseRef } from '../../../cluster/ref.ts';
import { duration, serviceText } from '../../../document/fields.ts';
import { exitCodes, MisfortuneError } from '../../../errors.ts';
import type { CompileContext, FaultType } from '../../fault-type.ts';
import {
  createOperation,
  disguiseSchema,
  ourPods,
  programConfigMap,
  programJob,
  secondsAtWork,
} from '../shared/disguise.ts';
import { assertAllowed } from '../shared/target.ts';
import { assertOwnPods, reachablePort, targetNeeds } from './target.ts';

const schema = z
  .strictObject({
    target: serviceText.describe(
      'The Service that gets the load: service/namespace/name, in an allowed namespace.',
    ),
    port: z
      .union([z.int().positive(), z.string()])
      .optional()
      .describe("Number or name of the Service's port; its first one if left out."),
    path: z.string().startsWith('/').default('/').describe('Path and query that is asked for (GET).'),
    rate: z
      .number()
      .positive()
      .optional()
      .describe('Requests per second of all replicas together, open loop.'),
    connections: z
      .int()
      .positive()
      .optional()
      .describe('Connections of each replica, closed loop: each sends its next request after an answer.'),
    replicas: z.int().min(1).max(50).default(1).describe('Pods over which it is spread.'),
    ramp: duration
      .prefault('0s')
      .describe('Time in which the rate rises in a straight line; only with rate.'),
    maxInFlight: z
      .int()
      .positive()
      .default(1000)
      .describe('Requests under way at most, a replica; what is due beyond is counted as unsent.'),
    timeout: duration.prefault('10s').describe('A request is given up after this.'),
    disguise: disguiseSchema.describe('What the Job looks like.'),
  })
  .superRefine((spec, context) => {
    if ((spec.rate === undefined) === (spec.connections === undefined))
      context.addIssue({ code: 'custom', message: 'Expected exactly one of rate and connections.' });
    if (spec.ramp > 0 && spec.rate === undefined)
      context.addIssue({
        code: 'custom',
        message: 'Expected ramp only with rate: connections have no pace.',
      });
  });

export type LoadSpec = z.output<typeof schema>;

export const load: FaultType<LoadSpec> = {
  type: 'load',
  mechanism: 'load',
  cause: 'more requests come than it can serve',
  reverts: 'reverts',
  combines:
    'With all others, also with a second load of another name; the limit on requests counts them together.',
  schema,
  about: 'A Job that sends HTTP requests to a Service, as many as you say, under a name of your choice.',
  describe: (spec) => `${pace(spec)} to ${spec.target}${spec.path} from ${jobRef(spec).name}`,
  requestsPerSecond: (spec) => spec.rate,
  touches: (spec) => [parseRef(spec.target)],
  permissions: (spec) => [
    { verbs: ['get'], ...parseRef(spec.target) },
    ...targetNeeds(parseRef(spec.target)),
    { verbs: ['create', 'get', 'delete'], kind: 'job', group: 'batch', namespace: spec.disguise.namespace },
    { verbs: ['create', 'get', 'delete'], kind: 'configmap', namespace: spec.disguise.namespace },
    { verbs: ['list'], kind: 'pod', namespace: spec.disguise.namespace },
  ],
  claims: (spec) => [{ ref: jobRef(spec) }],
  async compile(spec, context) {
    const url = await targetUrl(spec, context);
    assertAllowed(jobRef(spec), context.namespaces, 'The Job');
    const { disguise, replicas } = spec;
    const seconds = secondsAtWork(context);
    const deadlineSeconds = seconds + Math.ceil(spec.timeout / 1000) + 30;
    const program = spec.rate === undefined ? 'sender-connections.cjs' : 'sender-rate.cjs';
    const configMap = programConfigMap(disguise, context.programText(program));
    const env = environment(spec, url, seconds);
    const job = programJob(disguise, { env, replicas, deadlineSeconds }, context);
    return [
      createOperation(configMap, `create the program of ${disguise.name}`),
      {
        ...createOperation(
          job,
          `create a Job: ${load.describe(spec)}, for ${deadlineSeconds} s at most`,
          ourPods,
        ),
        ready: [{ type: 'field', path: ['status', 'active'], atLeast: replicas, within: 60 }],
        endsAfterSeconds: deadlineSeconds,
      },
    ];
  },
  example: {
    target: 'service/shop/checkout',
    path: '/quote',
    rate: 600,
    replicas: 2,
    ramp: '30s',
    disguise: { name: 'report-export', namespace: 'batch', mesh: 'hidden' },
  },
};

function environment(spec: LoadSpec, url: URL, seconds: number): Record<string, string | number> {
  return {
    TARGET_URL: url.href,
    DURATION_SECONDS: seconds,
    TIMEOUT_MS: spec.timeout,
    ...(spec.rate !== undefined
      ? {
          PER_SECOND: spec.rate / spec.replicas,
          RAMP_SECONDS: spec.ramp / 1000,
          MAX_IN_FLIGHT: spec.maxInFlight,
        }
      : { CONNECTIONS: spec.connections! }),
  };
}

/** The URL of the target. Throws for everything that is not a Service with pods in an allowed namespace. */
async function targetUrl(spec: LoadSpec, context: CompileContext): Promise<URL> {
  const ref = parseRef(spec.target);
  assertAllowed(ref, context.namespaces, 'The target');
  const service = await context.cluster.get(ref);
  if (!service)
    throw new MisfortuneError('unknown-target', `The target ${spec.target} does not exist.`, {
      todo: `See \`kubectl -n ${ref.namespace} get services\`.`,
      exitCode: exitCodes.refused,
    });
  assertOwnPods(ref, service);
  const { ports } = service.spec as {
    ports?: { name?: string; port: number; targetPort?: number | string }[];
  };
  const wanted = spec.port;
  const port = (ports ?? []).find(
    (each) => wanted === undefined || each.port === wanted || each.name === wanted,
  );
  if (!port)
    throw new MisfortuneError('unknown-port', `The target ${spec.target} has no port ${wanted}.`, {
      todo: `It has ${(ports ?? []).map((each) => each.name ?? each.port).join(', ') || 'none'}.`,
      exitCode: exitCodes.refused,
    });
  const base = `http://${ref.name}.${ref.namespace}:${await reachablePort(ref, service, port, context.cluster)}`;
  const url = new URL(spec.path, base);
  // "//elsewhere/" is a path to YAML and another host to a URL.
  if (url.origin !== new URL(base).origin)
    throw new MisfortuneError('target-outside', `The path ${spec.path} leads to another host, ${url.host}.`, {
      todo: 'Write a path that starts with one slash.',
      exitCode: exitCodes.refused,
    });
  return url;
}

function jobRef(spec: LoadSpec): Ref {
  return { kind: 'job', group: 'batch', namespace: spec.disguise.namespace, name: spec.disguise.name };
}

function pace(spec: LoadSpec): string {
  return spec.rate !== undefined
    ? `${spec.rate} requests per second`
    : `${spec.connections! * spec.replicas} busy connections`;
}
