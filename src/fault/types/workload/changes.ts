import type { FieldChange } from '../../../cluster/fields/changes.ts';
import { type FieldPath, fieldAt } from '../../../cluster/fields/path.ts';
import { exitCodes, MisfortuneError } from '../../../errors.ts';
import type { Env, Probe, Resources, Strategy, WorkloadSpec } from './spec.ts';

/** Where the parts of a workload are. */
export interface Places {
  template: FieldPath;
  strategy?: FieldPath;
  replicas?: FieldPath;
}

/** By kind; a Job's template cannot be changed once it is made. */
export const places: Readonly<Record<string, Places>> = {
  deployment: {
    template: ['spec', 'template'],
    strategy: ['spec', 'strategy'],
    replicas: ['spec', 'replicas'],
  },
  statefulset: {
    template: ['spec', 'template'],
    strategy: ['spec', 'updateStrategy'],
    replicas: ['spec', 'replicas'],
  },
  daemonset: { template: ['spec', 'template'], strategy: ['spec', 'updateStrategy'] },
  cronjob: { template: ['spec', 'jobTemplate', 'spec', 'template'] },
};

/**
 * The fields that a spec sets. `container` is where its container is; `object` tells how a probe asks today.
 * Throws MisfortuneError `no-probe`.
 */
export function workloadChanges(
  spec: WorkloadSpec,
  { replicas, strategy }: Places,
  container: FieldPath,
  object: unknown,
): FieldChange[] {
  const own = (...path: FieldPath) => [...container, ...path];
  return [
    ...(spec.image === undefined ? [] : [{ path: own('image'), to: spec.image }]),
    ...(spec.command === undefined ? [] : [set(own('command'), spec.command)]),
    ...(spec.args === undefined ? [] : [set(own('args'), spec.args)]),
    ...envChanges(spec.env ?? {}, own('env')),
    ...resourceChanges(spec.resources ?? {}, own('resources')),
    ...Object.entries(spec.probes ?? {}).flatMap(([name, probe]) =>
      probe === undefined ? [] : probeChanges(probe, own(`${name}Probe`), object),
    ),
    ...(spec.replicas === undefined || !replicas ? [] : [{ path: replicas, to: spec.replicas }]),
    ...(spec.strategy === undefined || !strategy ? [] : strategyChanges(spec.strategy, strategy)),
  ];
}

/**
 * The fields that a spec is about, without a look at the object: a container that is not named may be any, and a
 * probe counts whole.
 */
export function claimedFields(spec: WorkloadSpec, { template, replicas, strategy }: Places): FieldPath[] {
  const { container: name, image, command, args, env, resources, probes } = spec;
  const containers = [...template, 'spec', 'containers'];
  const own: FieldPath[] = [
    ...Object.entries({ image, command, args }).flatMap(([key, value]) =>
      value === undefined ? [] : [[key]],
    ),
    ...Object.keys(env ?? {}).map((variable): FieldPath => ['env', { name: variable }]),
    ...(['limits', 'requests'] as const).flatMap((kind) =>
      Object.keys(resources?.[kind] ?? {}).map((resource) => ['resources', kind, resource]),
    ),
    ...Object.keys(probes ?? {}).map((probe) => [`${probe}Probe`]),
  ];
  return [
    ...(name === undefined
      ? own.length > 0
        ? [containers]
        : []
      : own.map((path) => [...containers, { name }, ...path])),
    ...(spec.replicas === undefined || !replicas ? [] : [replicas]),
    ...(spec.strategy === undefined || !strategy ? [] : [strategy]),
  ];
}

/** `null` takes the field away. */
function set(path: FieldPath, to: unknown): FieldChange {
  return to === null ? { path, absent: true } : { path, to };
}

/** The whole entry: one that was taken from a ConfigMap or Secret becomes a plain value. */
function envChanges(env: Env, path: FieldPath): FieldChange[] {
  return Object.entries(env).map(([name, value]) => {
    return set([...path, { name }], value === null ? null : { name, value });
  });
}

function resourceChanges(resources: Resources, path: FieldPath): FieldChange[] {
  return (['limits', 'requests'] as const).flatMap((kind) =>
    Object.entries(resources[kind] ?? {}).map(([name, to]) => set([...path, kind, name], to)),
  );
}

function probeChanges(probe: Probe | null, path: FieldPath, object: unknown): FieldChange[] {
  if (probe === null) return [{ path, absent: true }];
  const { path: asks, port, ...times } = probe;
  const now = fieldAt(object, path) as { tcpSocket?: object; grpc?: object; exec?: object } | undefined;
  const fresh = now === undefined;
  if (fresh ? port === undefined : now.exec !== undefined && (asks ?? port) !== undefined)
    throw new MisfortuneError(
      'no-probe',
      `The container has no ${String(path.at(-1))} ${fresh ? 'that could be changed' : 'that asks at a port'}.`,
      { todo: 'Say path and port to give it one, or choose another probe.', exitCode: exitCodes.refused },
    );
  const how = now?.tcpSocket || (fresh && asks === undefined) ? 'tcpSocket' : now?.grpc ? 'grpc' : 'httpGet';
  return [
    ...(asks === undefined ? [] : [{ path: [...path, how, 'path'], to: asks }]),
    ...(port === undefined ? [] : [{ path: [...path, how, 'port'], to: port }]),
    ...Object.entries(times).flatMap(([key, to]) => (to === undefined ? [] : [{ path: [...path, key], to }])),
  ];
}

function strategyChanges({ type, ...rolling }: Strategy, path: FieldPath): FieldChange[] {
  const amounts = Object.entries(rolling).filter(([, to]) => to !== undefined);
  if (type !== 'RollingUpdate')
    return [
      { path: [...path, 'type'], to: type },
      { path: [...path, 'rollingUpdate'], absent: true },
    ];
  return [
    { path: [...path, 'type'], to: type },
    ...amounts.map(([key, to]) => ({ path: [...path, 'rollingUpdate', key], to })),
  ];
}
