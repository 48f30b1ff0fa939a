/** Names of resources: cpu, storage, example.com/gpu (pkg/apis/core/validation: validateResourceName). */
import type { FieldError } from '../status.ts';
import { invalidValue, qualifiedName } from './rules.ts';

const ofContainers = /^(cpu|memory|ephemeral-storage|hugepages-.+)$/;

/** Names without a prefix that are known anywhere. */
const standard = new Set([
  ...['cpu', 'memory', 'ephemeral-storage', 'storage'],
  ...['requests.cpu', 'requests.memory', 'requests.ephemeral-storage', 'requests.storage'],
  ...['limits.cpu', 'limits.memory', 'limits.ephemeral-storage'],
  ...['pods', 'resourcequotas', 'services', 'replicationcontrollers', 'secrets', 'configmaps'],
  ...['persistentvolumeclaims', 'services.nodeports', 'services.loadbalancers'],
]);

export function resourceName(field: string, name: string): FieldError[] {
  const errors = qualifiedName(field, name);
  const isKnown = name.includes('/') || standard.has(name) || /^(requests\.)?hugepages-/.test(name);
  if (errors.length > 0 || isKnown) return errors;
  return [invalidValue(field, name, 'must be a standard resource type or fully qualified')];
}

/** One that containers may ask for. */
export function containerResourceName(field: string, name: string): FieldError[] {
  const errors = resourceName(field, name);
  if (name.includes('/') || ofContainers.test(name)) return errors;
  return [...errors, invalidValue(field, name, 'must be a standard resource for containers')];
}
