import { compareQuantities, parseQuantity } from '../../../../quantity.ts';
import type { KubeObject } from '../../../api.ts';
import type { FieldError } from '../../status.ts';
import { containerResourceName, resourceName } from '../../validation/resource-names.ts';
import { duplicate, forbiddenValue, invalidValue, qualifiedName, required } from '../../validation/rules.ts';

type Amounts = Record<string, string>;

type Limit = { type: string } & Partial<Record<Bound, Amounts>>;

type Bound = 'default' | 'defaultRequest' | 'max' | 'maxLimitRequestRatio' | 'min';

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
  ['min', 'default', 'default', (less, more) => `min value ${less} is greater than default value ${more}`],
  ['default', 'max', 'default', (less, more) => `default value ${less} is greater than max value ${more}`],
];

const standard = ['Container', 'PersistentVolumeClaim', 'Pod'];

export function validateLimitRange({ spec = {} }: KubeObject): FieldError[] {
  const limits: Limit[] = spec.limits ?? [];
  const types = new Set<string>();
  return limits.flatMap((limit, index) => {
    const path = `spec.limits[${index}]`;
    const errors = validateType(`${path}.type`, limit.type ?? '');
    if (types.has(limit.type)) errors.push(duplicate(`${path}.type`, limit.type));
    types.add(limit.type);
    return [...errors, ...validateNames(limit, path), ...validateBounds(limit, path)];
  });
}

function validateType(field: string, type: string): FieldError[] {
  const errors = qualifiedName(field, type);
  if (errors.length > 0 || type.includes('/') || standard.includes(type)) return errors;
  return [invalidValue(field, type, 'must be a standard limit type or fully qualified')];
}

/** What is limited, and by which bounds. */
function validateNames(limit: Limit, path: string): FieldError[] {
  const { type } = limit;
  const isOfPods = type === 'Pod' || type === 'Container';
  const check = isOfPods ? containerResourceName : resourceName;
  const names = (bound: Bound) =>
    Object.keys(limit[bound] ?? {}).flatMap((name) => check(`${path}.${bound}[${name}]`, name));
  const defaults = (['default', 'defaultRequest'] as const).flatMap((bound) => {
    if (type !== 'Pod') return names(bound);
    const why = "may not be specified when `type` is 'Pod'";
    return Object.keys(limit[bound] ?? {}).length > 0 ? [forbiddenValue(`${path}.${bound}`, why)] : [];
  });
  const why = 'either minimum or maximum storage value is required, but neither was provided';
  const isOpen = !limit.min?.storage && !limit.max?.storage;
  return [
    ...names('max'),
    ...names('min'),
    ...defaults,
    ...(type === 'PersistentVolumeClaim' && isOpen ? [required(`${path}.limits`, why)] : []),
    ...names('maxLimitRequestRatio'),
  ];
}

function validateBounds(limit: Limit, path: string): FieldError[] {
  const bounds = ['default', 'defaultRequest', 'max', 'maxLimitRequestRatio', 'min'] as const;
  const names = new Set(bounds.flatMap((bound) => Object.keys(limit[bound] ?? {})));
  return [...names].flatMap((name) => [
    ...order.flatMap(([less, more, at, say]) => {
      const low = limit[less]?.[name];
      const high = limit[more]?.[name];
      if (low === undefined || high === undefined || compareQuantities(low, high) <= 0) return [];
      return [
        invalidValue(
          `${path}.${at}[${name}]`,
          limit[less === 'min' && more === 'default' ? 'min' : at]?.[name],
          say(low, high),
        ),
      ];
    }),
    ...validateRatio(limit, name, `${path}.maxLimitRequestRatio[${name}]`),
  ]);
}

/** How much more than it asks for something may use. */
function validateRatio({ maxLimitRequestRatio, min, max }: Limit, name: string, field: string): FieldError[] {
  const ratio = maxLimitRequestRatio?.[name];
  if (ratio === undefined) return [];
  const number = (value: string | undefined) => Number(parseQuantity(value)?.nanos ?? 0n) / 1e9;
  const errors = number(ratio) < 1 ? [invalidValue(field, ratio, `ratio ${ratio} is less than 1`)] : [];
  const most = number(max?.[name]) / number(min?.[name]);
  if (min?.[name] && max?.[name] && number(ratio) > most) {
    const why = `ratio ${ratio} is greater than max/min = ${most.toFixed(6)}`;
    errors.push(invalidValue(field, ratio, why));
  }
  return errors;
}
