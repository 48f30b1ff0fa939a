/** What objects use of a ResourceQuota, and which objects it is about (pkg/quota/v1/evaluator/core). */

import { formatQuantity } from '../../../quantity.ts';
import type { KubeObject, ResourceName } from '../../api.ts';
import { add, podQuantities, type Quantities } from '../pod-quantities.ts';
import { qosClass } from '../registry/pod-resources.ts';

/** Kinds that a quota may also limit by their plain name. */
const plainNames = new Set([
  'configmaps',
  'persistentvolumeclaims',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
]);

/** By the names that quotas have for it. `now` in ms: a Pod whose grace period is over uses nothing. */
export function usageOf(resource: ResourceName, object: KubeObject, now: number): Quantities {
  const usage: Quantities = new Map([[`count/${resource}`, whole(1)]]);
  if (plainNames.has(resource)) usage.set(resource, whole(1));
  if (resource === 'services') add(usage, serviceUsage(object));
  if (resource === 'pods' && !isOver(object, now)) add(usage, podUsage(object));
  return usage;
}

function serviceUsage({ spec }: KubeObject): Quantities {
  const isBalanced = spec.type === 'LoadBalancer';
  const hasNodePorts =
    spec.type === 'NodePort' || (isBalanced && spec.allocateLoadBalancerNodePorts !== false);
  return new Map([
    ['services', whole(1)],
    ['services.nodeports', whole(hasNodePorts ? (spec.ports ?? []).length : 0)],
    ['services.loadbalancers', whole(isBalanced ? 1 : 0)],
  ]);
}

function podUsage({ spec }: KubeObject): Quantities {
  const usage: Quantities = new Map([['pods', whole(1)]]);
  for (const [name, amount] of podQuantities(spec, 'requests')) {
    usage.set(`requests.${name}`, amount);
    if (isStandard(name)) usage.set(name, amount);
  }
  for (const [name, amount] of podQuantities(spec, 'limits'))
    if (isStandard(name)) usage.set(`limits.${name}`, amount);
  return usage;
}

const isStandard = (name: string) =>
  ['cpu', 'memory', 'ephemeral-storage'].includes(name) || name.startsWith('hugepages-');

function isOver({ metadata, status }: KubeObject, now: number): boolean {
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return true;
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata;
  if (!deletionTimestamp || deletionGracePeriodSeconds === undefined) return false;
  return now > Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000;
}

const whole = (count: number) => ({ nanos: BigInt(count) * 1_000_000_000n, format: 'decimal' as const });

interface ScopeRequirement {
  scopeName: string;
  operator: string;
  values?: string[];
}

/** Scopes are about Pods: a quota that has any does not see other kinds. */
export function isInScope({ spec }: KubeObject, resource: ResourceName, object: KubeObject): boolean {
  const scopes: ScopeRequirement[] = [
    ...(spec?.scopes ?? []).map((scopeName: string) => ({ scopeName, operator: 'Exists' })),
    ...(spec?.scopeSelector?.matchExpressions ?? []),
  ];
  if (scopes.length === 0) return true;
  return resource === 'pods' && scopes.every((scope) => matches(scope, object));
}

function matches({ scopeName, operator, values = [] }: ScopeRequirement, { spec }: KubeObject): boolean {
  const isTerminating = spec.activeDeadlineSeconds !== undefined;
  const isBestEffort = qosClass(spec) === 'BestEffort';
  switch (scopeName) {
    case 'Terminating':
      return isTerminating;
    case 'NotTerminating':
      return !isTerminating;
    case 'BestEffort':
      return isBestEffort;
    case 'NotBestEffort':
      return !isBestEffort;
    case 'PriorityClass': {
      const name: string = spec.priorityClassName ?? '';
      if (operator === 'In') return values.includes(name);
      if (operator === 'NotIn') return !values.includes(name);
      return (name !== '') === (operator === 'Exists');
    }
    default:
      return false;
  }
}

/** Of all that is used only the resources that are limited. */
export function written(usage: Quantities, names: Iterable<string>): Record<string, string> {
  const texts = [...names].map((name) => {
    const amount = usage.get(name);
    return [name, amount ? formatQuantity(amount) : '0'] as const;
  });
  return Object.fromEntries(texts);
}
