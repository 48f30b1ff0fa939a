/** What objects use of a ResourceQuota, and which objects it is about. */

import { formatQuantity } from '../../../quantity.ts';
import type { KubeObject } from '../../api.ts';
import { type QuotaScope, type ResourceDefinition, resourceName } from '../kinds/definition.ts';
import { add, type Quantities, whole } from '../pod-quantities.ts';

export type Counted = Pick<ResourceDefinition, 'plural' | 'group' | 'quota'>;

/** By the names that quotas have for it. `now` in ms. */
export function usageOf(definition: Counted, object: KubeObject, now: number): Quantities {
  const { quota = {} } = definition;
  const usage: Quantities = new Map([[`count/${resourceName(definition)}`, whole(1)]]);
  if (quota.plainName) usage.set(definition.plural, whole(1));
  if (quota.usage) add(usage, quota.usage(object, now));
  return usage;
}

export function isInScope(
  { spec }: KubeObject,
  { quota }: Pick<Counted, 'quota'>,
  object: KubeObject,
): boolean {
  const scopes: QuotaScope[] = [
    ...(spec?.scopes ?? []).map((scopeName: string) => ({ scopeName, operator: 'Exists' })),
    ...(spec?.scopeSelector?.matchExpressions ?? []),
  ];
  return scopes.every((scope) => quota?.isInScope?.(object, scope) ?? false);
}

/** Of all that is used only the resources that are limited. */
export function written(usage: Quantities, names: Iterable<string>): Record<string, string> {
  const texts = [...names].map((name) => {
    const amount = usage.get(name);
    return [name, amount ? formatQuantity(amount) : '0'] as const;
  });
  return Object.fromEntries(texts);
}
