import { z } from 'zod';
import type { ClusterObject } from '../../cluster/cluster.ts';
import { parseRef } from '../../cluster/ref.ts';
import { refText } from '../../document/fields.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import { assertAllowed } from '../allowed.ts';
import { existing } from '../existing.ts';
import type { FaultType } from '../fault-type.ts';
import { type FieldPath, fieldAt, formatPath } from '../field-path.ts';
import { servedChanges } from '../served-changes.ts';
import { claimedFields, type Places, places, workloadChanges } from './workload/changes.ts';
import { envSchema, probesSchema, resourcesSchema, strategySchema } from './workload/fields.ts';

const fields = ['image', 'command', 'args', 'env', 'resources', 'probes', 'replicas', 'strategy'] as const;

const schema = z
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
    wait: z
      .enum(['none', 'rollout'])
      .default('none')
      .describe(
        'rollout: the next operation starts when the workload has rolled out. A broken one never does.',
      ),
  })
  .superRefine((spec, context) => {
    const issue = (message: string) => context.addIssue({ code: 'custom', message });
    if (fields.every((field) => spec[field] === undefined))
      issue(`Expected something to change: ${fields.join(', ')}.`);
    const { strategy } = spec;
    if (
      strategy &&
      strategy.type !== 'RollingUpdate' &&
      (strategy.maxSurge ?? strategy.maxUnavailable) !== undefined
    )
      issue(`Expected maxSurge and maxUnavailable only with RollingUpdate, got ${strategy.type}.`);
  });

export type WorkloadSpec = z.output<typeof schema>;

export const workload: FaultType<WorkloadSpec> = {
  type: 'workload',
  mechanism: 'workload',
  cause: 'what a workload runs, or how, was changed',
  reverts: 'reverts',
  combines:
    'With all others. Its rollout makes pods anew, so a `kill` of the same pods should come some time `after` it.',
  schema,
  about:
    'Changes what a workload runs and how: image, command, variables, resources, probes, number of pods, rollout.',
  describe: (spec) =>
    `change ${fields.filter((field) => spec[field] !== undefined).join(', ')} of ${spec.ref}`,
  permissions: (spec) => [{ verbs: ['get', 'patch'], ...parseRef(spec.ref) }],
  claims(spec) {
    const ref = parseRef(spec.ref);
    const place = places[singular(ref.kind)] ?? places.deployment!;
    return claimedFields(spec, place).map((path) => ({ ref, path }));
  },
  async compile(spec, context) {
    const ref = parseRef(spec.ref);
    const place = places[singular(ref.kind)];
    if (!place)
      throw new MisfortuneError(
        'not-a-workload',
        `Expected a ${Object.keys(places).join(', ')}, got ${ref.kind}.`,
        {
          todo: 'Change other kinds with `patch`.',
          exitCode: exitCodes.refused,
        },
      );
    assertAllowed(ref, context.namespaces, 'The workload');
    for (const field of ['replicas', 'strategy'] as const)
      if (spec[field] !== undefined && !place[field])
        throw new MisfortuneError('no-such-field', `A ${ref.kind} has no ${field}.`, {
          todo: `Leave ${field} out.`,
          exitCode: exitCodes.refused,
        });
    const object = await existing(ref, context.cluster);
    const container = containerPath(spec, place, object);
    const said = workloadChanges(spec, place, container, object);
    const changes = await servedChanges(ref, object, said, context);
    const describe = `change ${changes.map(({ path }) => formatPath(path)).join(', ')}`;
    const ready = spec.wait === 'rollout' ? [{ type: 'rollout' as const, ref, within: 180 }] : [];
    return [{ verb: 'patch', ref, changes, describe, reverts: 'reverts', ready }];
  },
  example: {
    ref: 'deployment.apps/shop/checkout',
    resources: { limits: { cpu: '300m' } },
    probes: { readiness: { path: '/healthz-v2' } },
    wait: 'none',
  },
};

function singular(kind: string): string {
  return kind.replace(/s$/, '');
}

/** The only container, or the one that is named. Throws `which-container`, `unknown-container`. */
function containerPath(
  { container, ref }: WorkloadSpec,
  { template }: Places,
  object: ClusterObject,
): FieldPath {
  const lists = ['containers', 'initContainers'].map((key) => [...template, 'spec', key]);
  const found = lists.flatMap((list) => {
    const items = (fieldAt(object, list) ?? []) as { name: string }[];
    return items.map(({ name }) => ({ name, path: [...list, { name }] }));
  });
  const running = found.filter(({ path }) => path.at(-2) === 'containers');
  const chosen = container === undefined ? running : found.filter(({ name }) => name === container);
  if (chosen.length === 1) return chosen[0]!.path;
  const todo = `It has ${found.map(({ name }) => name).join(', ')}.`;
  if (container === undefined)
    throw new MisfortuneError('which-container', `${ref} has ${running.length} containers: say which one.`, {
      todo,
      exitCode: exitCodes.refused,
    });
  throw new MisfortuneError('unknown-container', `${ref} has no container ${container}.`, {
    todo,
    exitCode: exitCodes.refused,
  });
}
