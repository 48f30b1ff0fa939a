import type { V1EnvFromSource, V1EnvVar } from '@kubernetes/client-node';
import type { Api, KubeObject } from '../../api.ts';
import { podField, resourceField } from './fields.ts';
import type { Container, Pod } from './pod-types.ts';

/** A container that cannot be configured; the message is the one that Kubernetes gives. */
export class ConfigError extends Error {}

export interface EnvironmentContext {
  api: Api;
  pod: Pod;
  podIP: string;
  hostIP: string;
  /** What the image and the node set before the spec's own variables. */
  base: Record<string, string>;
}

/** A container's environment in Kubernetes' order: services, envFrom, env; throws ConfigError. */
export function containerEnvironment(
  container: Container,
  context: EnvironmentContext,
): Record<string, string> {
  const services = serviceVariables(context);
  const env: Record<string, string> = { ...context.base, ...services };
  for (const source of container.envFrom ?? []) Object.assign(env, fromSource(source, context));
  const declared: Record<string, string> = {};
  for (const variable of container.env ?? []) {
    const value = variableValue(variable, container, context, { ...services, ...env, ...declared });
    if (value === undefined) continue;
    declared[variable.name] = value;
  }
  return { ...env, ...declared };
}

/** `$(NAME)` becomes the variable's value, `$$` a dollar; an unknown name stays as it is. */
export function expand(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(/\$\$|\$\(([^)]*)\)/g, (whole, name: string | undefined) => {
    if (whole === '$$') return '$';
    return env[name!] ?? whole;
  });
}

function variableValue(
  variable: V1EnvVar,
  container: Container,
  context: EnvironmentContext,
  known: Record<string, string>,
): string | undefined {
  const from = variable.valueFrom;
  if (!from) return expand(variable.value ?? '', known);
  const { pod } = context;
  if (from.fieldRef) {
    const value = podField(pod, from.fieldRef.fieldPath, context);
    if (value === undefined) throw new ConfigError(`unsupported fieldPath: ${from.fieldRef.fieldPath}`);
    return value;
  }
  if (from.resourceFieldRef) return resourceField(pod, container.name, from.resourceFieldRef);
  const reference = from.configMapKeyRef ?? from.secretKeyRef;
  if (!reference) return undefined;
  const kind = from.configMapKeyRef ? 'configmap' : 'secret';
  const object = referenced(kind, reference.name!, reference.optional, context);
  const value = object && dataOf(object)[reference.key];
  if (object && value === undefined && !reference.optional) {
    const title = kind === 'configmap' ? 'ConfigMap' : 'Secret';
    throw new ConfigError(
      `couldn't find key ${reference.key} in ${title} ${pod.metadata.namespace}/${reference.name}`,
    );
  }
  return value;
}

function fromSource(source: V1EnvFromSource, context: EnvironmentContext): Record<string, string> {
  const kind = source.configMapRef ? 'configmap' : 'secret';
  const reference = source.configMapRef ?? source.secretRef;
  const object = reference && referenced(kind, reference.name!, reference.optional, context);
  if (!object) return {};
  const prefix = source.prefix ?? '';
  return Object.fromEntries(Object.entries(dataOf(object)).map(([key, value]) => [prefix + key, value]));
}

function referenced(
  kind: 'configmap' | 'secret',
  name: string,
  optional: boolean | undefined,
  context: EnvironmentContext,
): KubeObject | undefined {
  const object = context.api.get(`${kind}s`, context.pod.metadata.namespace, name);
  if (!object && !optional) throw new ConfigError(`${kind} "${name}" not found`);
  return object;
}

/** The texts of a ConfigMap or Secret. */
export function dataOf(object: KubeObject): Record<string, string> {
  const data = (object.data ?? {}) as Record<string, string>;
  if (object.kind !== 'Secret') return data;
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]),
  );
}

/** `WEB_SERVICE_HOST` and its kin for the services of the namespace; always those of `kubernetes`. */
function serviceVariables({ api, pod }: EnvironmentContext): Record<string, string> {
  const own =
    pod.spec.enableServiceLinks === false ? [] : api.list('services', { namespace: pod.metadata.namespace });
  const master = api.get('services', 'default', 'kubernetes');
  const env: Record<string, string> = {};
  for (const service of [...own, ...(master ? [master] : [])]) {
    const ip = service.spec?.clusterIP as string | undefined;
    if (!ip || ip === 'None') continue;
    const name = service.metadata.name.toUpperCase().replaceAll('-', '_');
    const ports = (service.spec.ports ?? []) as { name?: string; port: number; protocol?: string }[];
    env[`${name}_SERVICE_HOST`] = ip;
    for (const [index, { name: portName, port, protocol = 'TCP' }] of ports.entries()) {
      const scheme = protocol.toLowerCase();
      const prefix = `${name}_PORT_${port}_${protocol}`;
      if (index === 0) {
        env[`${name}_SERVICE_PORT`] = String(port);
        env[`${name}_PORT`] = `${scheme}://${ip}:${port}`;
      }
      if (portName) env[`${name}_SERVICE_PORT_${portName.toUpperCase().replaceAll('-', '_')}`] = String(port);
      env[prefix] = `${scheme}://${ip}:${port}`;
      env[`${prefix}_PROTO`] = scheme;
      env[`${prefix}_PORT`] = String(port);
      env[`${prefix}_ADDR`] = ip;
    }
  }
  return env;
}
