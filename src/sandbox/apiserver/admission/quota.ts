/** ResourceQuota: what a new object would use must fit into every quota of its namespace (plugin/pkg/admission/resourcequota). */
import type { KubeObject } from '../../api.ts';
import type { HookContext, ResourceDefinition } from '../kinds/definition.ts';
import { resourceName } from '../kinds/definition.ts';
import { add, parsed, type Quantities } from '../pod-quantities.ts';
import { forbidden } from '../status.ts';
import { isInScope, usageOf, written } from './quota-usage.ts';

/**
 * Throws ApiError 403 if a quota is used up; returns the quotas with what they are charged. A quota limits what its
 * status says, so a new one limits nothing until its controller has counted.
 */
export function admitQuota(
  definition: ResourceDefinition,
  object: KubeObject,
  old: KubeObject | undefined,
  context: HookContext,
): KubeObject[] {
  const _resource = resourceName(definition);
  const quotas = definition.quota?.ignored ? [] : context.list('resourcequotas', object.metadata.namespace);
  if (quotas.length === 0) return [];
  const wanted = usageOf(definition, object, context.now());
  if (old) subtract(wanted, usageOf(definition, old, context.now()));
  const charged: KubeObject[] = [];
  for (const quota of quotas) {
    const hard = parsed(quota.status?.hard);
    if (!isInScope(quota, definition, object)) continue;
    const requested = positive(wanted, hard);
    const refuse = (why: string) => forbidden(definition, object.metadata.name, why);
    const missing = old ? '' : (definition.quota?.missing?.(object, hard) ?? '');
    if (missing) throw refuse(`failed quota: ${quota.metadata.name}: must specify ${missing}`);
    if (requested.size === 0) continue;
    const used = parsed(quota.status?.used);
    const unknown = [...requested.keys()].filter((name) => !used.has(name));
    if (unknown.length > 0)
      throw refuse(
        `status unknown for quota: ${quota.metadata.name}, resources: ${unknown.sort().join(',')}`,
      );
    const after: Quantities = new Map(used);
    add(after, requested);
    const exceeded = [...requested.keys()].filter((name) => after.get(name)!.nanos > hard.get(name)!.nanos);
    if (exceeded.length > 0) {
      const show = (amounts: Quantities) => listed(written(amounts, exceeded));
      throw refuse(
        `exceeded quota: ${quota.metadata.name}, requested: ${show(requested)}, used: ${show(used)}, limited: ${show(hard)}`,
      );
    }
    charged.push({ ...quota, status: { ...quota.status, used: written(after, used.keys()) } });
  }
  return charged;
}

function subtract(total: Quantities, less: Quantities): void {
  for (const [name, { nanos }] of less) {
    const before = total.get(name);
    if (before) total.set(name, { ...before, nanos: before.nanos - nanos });
  }
}

function positive(wanted: Quantities, hard: Quantities): Quantities {
  return new Map([...wanted].filter(([name, { nanos }]) => nanos > 0n && hard.has(name)));
}

const listed = (amounts: Record<string, string>) =>
  Object.keys(amounts)
    .sort()
    .map((name) => `${name}=${amounts[name]}`)
    .join(',');
