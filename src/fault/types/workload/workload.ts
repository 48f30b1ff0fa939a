import type { ClusterObject } from '../../../cluster/cluster.ts';
import { type FieldPath, fieldAt, formatPath } from '../../../cluster/fields/path.ts';
import { parseRef, singular } from '../../../cluster/ref.ts';
import { exitCodes, MisfortuneError } from '../../../errors.ts';
import type { FaultType } from '../../fault-type.ts';
import { changePermissions, servedChanges } from '../shared/served-changes.ts';
import { assertAllowed, existing } from '../shared/target.ts';
import { claimedFields, type Places, places, workloadChanges } from './changes.ts';
import { type WorkloadSpec, workloadFields, workloadSchema } from './spec.ts';

export const workload: FaultType<WorkloadSpec> = {
  type: 'workload',
  mechanism: 'workload',
  cause: 'what a workload runs, or how, was changed',
  reverts: 'reverts',
  combines:
    'With all others. Its rollout makes pods anew, so a `kill` of the same pods should come some time `after` it.',
  schema: workloadSchema,
  about:
    'Changes what a workload runs and how: image, command, variables, resources, probes, number of pods, rollout. Runs that a CronJob began with a changed template are ended when it is undone.',
  describe: (spec) =>
    `change ${workloadFields.filter((field) => spec[field] !== undefined).join(', ')} of ${spec.ref}`,
  permissions: (spec) => changePermissions(parseRef(spec.ref)),
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
