/** Rules of ResourceQuotas and LimitRanges (pkg/apis/core/validation). */

import { compareQuantities, parseQuantity } from '../../../quantity.ts';
import type { KubeObject } from '../../api.ts';
import { same } from '../json.ts';
import type { FieldError } from '../status.ts';
import { duplicate, forbiddenValue, immutable, invalidValue, keyProblems, oneOf } from './rules.ts';

type Amounts = Record<string, string>;

/** Names without a prefix that a quota may limit. */
const quotaNames = new Set([
  ...['cpu', 'memory', 'ephemeral-storage', 'pods', 'services', 'services.nodeports'],
  ...['services.loadbalancers', 'replicationcontrollers', 'resourcequotas', 'secrets', 'configmaps'],
  ...['persistentvolumeclaims'],
  ...['requests', 'limits'].flatMap((kind) =>
    ['cpu', 'memory', 'ephemeral-storage'].map((name) => `${kind}.${name}`),
  ),
  'requests.storage',
]);
const counted =
  /^(count\/.*|pods|services(\..*)?|replicationcontrollers|resourcequotas|secrets|configmaps|persistentvolumeclaims)$/;
const quotaScopes = [
  'BestEffort',
  'CrossNamespacePodAffinity',
  'NotBestEffort',
  'NotTerminating',
  'PriorityClass',
  'Terminating',
];

export function validateQuota({ spec = {} }: KubeObject): FieldError[] {
  const hard: Amounts = spec.hard ?? {};
  const errors = Object.entries(hard).flatMap(([name, value]) =>
    validateHard(`spec.hard[${name}]`, name, value),
  );
  const scopes: string[] = spec.scopes ?? [];
  const unknown = scopes.filter((scope) => !quotaScopes.includes(scope));
  if (unknown.length > 0) errors.push(invalidValue('spec.scopes', scopes, 'unsupported scope'));
  for (const [one, other] of [
    ['BestEffort', 'NotBestEffort'],
    ['Terminating', 'NotTerminating'],
  ] as const) {
    if (scopes.includes(one) && scopes.includes(other))
      errors.push(invalidValue('spec.scopes', scopes, 'conflicting scopes'));
  }
  return errors;
}

function validateHard(field: string, name: string, value: string): FieldError[] {
  const errors = keyProblems(name).map((problem) => invalidValue(field, name, problem));
  if (!name.includes('/') && !quotaNames.has(name) && !name.startsWith('requests.hugepages-')) {
    if (!name.includes('.'))
      errors.push(invalidValue(field, name, 'must be a standard resource type or fully qualified'));
    errors.push(invalidValue(field, name, 'must be a standard resource for quota'));
  }
  const nanos = parseQuantity(value)?.nanos ?? 0n;
  if (nanos < 0n) errors.push(invalidValue(field, value, 'must be greater than or equal to 0'));
  if (counted.test(name) && nanos % 1_000_000_000n !== 0n)
    errors.push(invalidValue(field, value, 'must be an integer'));
  return errors;
}

export function validateQuotaUpdate({ spec = {} }: KubeObject, old: KubeObject): FieldError[] {
  const scopes = [...(spec.scopes ?? [])].sort();
  return same(scopes, [...(old.spec?.scopes ?? [])].sort())
    ? []
    : [immutable('spec.scopes', spec.scopes ?? null)];
}

type Limit = { type: string } & Partial<Record<Bound, Amounts>>;
type Bound = 'default' | 'defaultRequest' | 'max' | 'maxLimitRequestRatio' | 'min';

export function validateLimitRange({ spec = {} }: KubeObject): FieldError[] {
  const limits: Limit[] = spec.limits ?? [];
  const types = new Set<string>();
  return limits.flatMap((limit, index) => {
    const path = `spec.limits[${index}]`;
    const errors: FieldError[] = types.has(limit.type) ? [duplicate(`${path}.type`, limit.type)] : [];
    types.add(limit.type);
    if (!limit.type.includes('/'))
      errors.push(...oneOf(`${path}.type`, limit.type, ['Container', 'PersistentVolumeClaim', 'Pod']));
    if (limit.type === 'Pod') {
      for (const bound of ['default', 'defaultRequest'] as const) {
        const why = "may not be specified when `type` is 'Pod'";
        if (Object.keys(limit[bound] ?? {}).length > 0) errors.push(forbiddenValue(`${path}.${bound}`, why));
      }
    }
    return [...errors, ...validateBounds(limit, path)];
  });
}

/** What must not be more than what, and in which words. */
const order: [less: Bound, more: Bound, at: Bound, say: (less: string, more: string) => string][] = [
  ['min', 'max', 'min', (less, more) => `min value ${less} is greater than max value ${more}`],
  [
    'min',
    'defaultRequest',
    'defaultRequest',
    (less, more) => `min value ${less} is greater than default request value ${more}`,
  ],
  [
    'defaultRequest',
    'max',
    'defaultRequest',
    (less, more) => `default request value ${less} is greater than max value ${more}`,
  ],
  [
    'defaultRequest',
    'default',
    'defaultRequest',
    (less, more) => `default request value ${less} is greater than default limit value ${more}`,
  ],
  ['min', 'default', 'min', (less, more) => `min value ${less} is greater than default value ${more}`],
  ['default', 'max', 'default', (less, more) => `default value ${less} is greater than max value ${more}`],
];

function validateBounds(limit: Limit, path: string): FieldError[] {
  const bounds = ['default', 'defaultRequest', 'max', 'maxLimitRequestRatio', 'min'] as const;
  const names = new Set(bounds.flatMap((bound) => Object.keys(limit[bound] ?? {})));
  return [...names].flatMap((name) =>
    order.flatMap(([less, more, at, say]) => {
      const low = limit[less]?.[name];
      const high = limit[more]?.[name];
      if (low === undefined || high === undefined || compareQuantities(low, high) <= 0) return [];
      return [invalidValue(`${path}.${at}[${name}]`, limit[at]?.[name], say(low, high))];
    }),
  );
}
