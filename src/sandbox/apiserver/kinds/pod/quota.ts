/** What Pods use of a ResourceQuota, and which Pods its scopes are about (pkg/quota/v1/evaluator/core). */
import type { V1Container } from '@kubernetes/client-node';
import type { KubeObject } from '../../../api.ts';
import { podQuantities, type Quantities, whole } from '../../pod-quantities.ts';
import type { QuotaRules, QuotaScope } from '../definition.ts';
import { qosClass } from './resources.ts';

/** A Pod whose grace period is over uses nothing. */
export const podQuota: QuotaRules = {
  usage: (pod, now) => (isOver(pod, now) ? new Map() : podUsage(pod)),
  changes: true,
  missing: unspecified,
  isInScope,
};

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

function isInScope({ spec }: KubeObject, { scopeName, operator, values = [] }: QuotaScope): boolean {
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

/** Resources that every container must name as soon as a quota limits them. */
const named: Record<string, ['requests' | 'limits', string]> = {
  cpu: ['requests', 'cpu'],
  memory: ['requests', 'memory'],
  'requests.cpu': ['requests', 'cpu'],
  'requests.memory': ['requests', 'memory'],
  'limits.cpu': ['limits', 'cpu'],
  'limits.memory': ['limits', 'memory'],
};

function unspecified({ spec }: KubeObject, hard: Quantities): string {
  const containers: V1Container[] = [...spec.containers, ...(spec.initContainers ?? [])];
  const texts = Object.entries(named).flatMap(([resource, [kind, name]]) => {
    if (!hard.has(resource)) return [];
    const lacking = containers.filter(({ resources }) => resources?.[kind]?.[name] === undefined);
    const names = [...new Set(lacking.map((container) => container.name))].sort();
    return names.length > 0 ? [`${resource} for: ${names.join(',')}`] : [];
  });
  return texts.sort().join('; ');
}
