/** Rules of probes and lifecycle hooks (pkg/apis/core/validation: validateHandler). */
import type { FieldError } from '../../../status.ts';
import {
  forbiddenValue,
  invalidValue,
  nonNegative,
  oneOf,
  portNameProblems,
  portNumber,
  required,
} from '../../../validation/rules.ts';
import type { Container, Handler, Probe } from './spec-types.ts';

/** `isInit`: it runs to its end before the others, so there is nothing to probe. `grace` in seconds. */
export function validateHandlers(
  container: Container,
  path: string,
  isInit: boolean,
  grace: number | undefined,
): FieldError[] {
  if (isInit) {
    const why = 'may not be set for init containers without restartPolicy=Always';
    return (['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const)
      .filter((field) => container[field])
      .map((field) => forbiddenValue(`${path}.${field}`, why));
  }
  return [
    ...(['postStart', 'preStop'] as const).flatMap((hook) => {
      const handler = container.lifecycle?.[hook];
      return handler ? validateHandler(handler, `${path}.lifecycle.${hook}`, grace) : [];
    }),
    ...validateProbe(container.livenessProbe, `${path}.livenessProbe`, true),
    ...validateProbe(container.readinessProbe, `${path}.readinessProbe`, false),
    ...validateProbe(container.startupProbe, `${path}.startupProbe`, true),
  ];
}

type Action = Record<string, unknown>;

/** In the order in which they are looked at: the second one found is the one refused. */
const actions: Record<string, (action: Action, path: string, grace?: number) => FieldError[]> = {
  exec: ({ command }, path) =>
    Array.isArray(command) && command.length > 0 ? [] : [required(`${path}.command`)],
  httpGet: ({ path: place, port, scheme, httpHeaders }, path) => [
    ...(place ? [] : [required(`${path}.path`)]),
    ...portOrName(port, `${path}.port`),
    ...oneOf(`${path}.scheme`, scheme, ['HTTP', 'HTTPS']),
    ...((httpHeaders ?? []) as { name?: string }[]).flatMap(({ name = '' }) =>
      /^[-A-Za-z0-9]+$/.test(name) ? [] : [invalidValue(`${path}.httpHeaders`, name, headerRule)],
    ),
  ],
  tcpSocket: ({ port }, path) => portOrName(port, `${path}.port`),
  grpc: ({ port }, path) => portOrName(port, `${path}.port`),
  sleep: ({ seconds = 0 }, path, grace = Number.POSITIVE_INFINITY) => {
    if (Number(seconds) >= 0 && Number(seconds) <= grace) return [];
    const why = `must be non-negative and less than terminationGracePeriodSeconds (${grace})`;
    return [invalidValue(path, seconds, why)];
  },
};

const headerRule =
  "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')";

/** Whether a container has a port of that name is not asked: the real server does not ask either. */
function portOrName(port: unknown, path: string): FieldError[] {
  if (typeof port !== 'string') return portNumber(path, Number(port ?? 0));
  return portNameProblems(port).map((problem) => invalidValue(path, port, problem));
}

function validateHandler(handler: Handler, path: string, grace?: number): FieldError[] {
  const given = handler as Partial<Record<string, Action>>;
  const [first, ...more] = Object.keys(actions).filter((action) => given[action]);
  if (!first) return [required(path, 'must specify a handler type')];
  return [
    ...actions[first]!(given[first]!, `${path}.${first}`, grace),
    ...more.map((extra) => forbiddenValue(`${path}.${extra}`, 'may not specify more than 1 handler type')),
  ];
}

const times = [
  'initialDelaySeconds',
  'timeoutSeconds',
  'periodSeconds',
  'successThreshold',
  'failureThreshold',
] as const;

function validateProbe(probe: Probe | undefined, path: string, onceOnly: boolean): FieldError[] {
  if (!probe) return [];
  const { successThreshold = 1, terminationGracePeriodSeconds: grace } = probe;
  const errors = validateHandler(probe, path);
  for (const field of times) errors.push(...nonNegative(`${path}.${field}`, probe[field]));
  if (grace !== undefined && grace <= 0) {
    errors.push(invalidValue(`${path}.terminationGracePeriodSeconds`, grace, 'must be greater than 0'));
  }
  if (onceOnly && successThreshold !== 1) {
    errors.push(invalidValue(`${path}.successThreshold`, successThreshold, 'must be 1'));
  }
  if (!onceOnly && grace !== undefined) {
    const why = 'must not be set for readinessProbes';
    errors.push(invalidValue(`${path}.terminationGracePeriodSeconds`, grace, why));
  }
  return errors;
}
