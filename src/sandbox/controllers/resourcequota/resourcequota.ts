import type { KubeObject } from '../../api.ts';
import { type Counted, isInScope, usageOf, written } from '../../apiserver/admission/quota-usage.ts';
import { definitionOf } from '../../apiserver/kinds/kinds.ts';
import { add, type Quantities } from '../../apiserver/pod-quantities.ts';
import type { ControllerContext } from '../context.ts';
import { keyOf, splitKey } from '../work-queue.ts';
import { writeStatus } from '../write-status.ts';

const RESOURCE = 'resourcequotas';

/** Counts what each namespace uses of its ResourceQuotas: at every change of something that they limit. */
export function startResourceQuotaController(context: ControllerContext): () => void {
  const { api, dispatcher } = context;
  const queue = dispatcher.queue(
    'resourcequota',
    (key) => {
      const { namespace, name } = splitKey(key);
      const quota = api.get(RESOURCE, namespace, name);
      if (quota) count(context, quota);
    },
    { last: true },
  );
  return api.watchAll((resource, { type, object }) => {
    const rules = definitionOf(resource)?.quota;
    if (rules?.ignored) return;
    const { namespace } = object.metadata;
    if (resource === RESOURCE) queue.add(keyOf(object));
    // A new object is charged when it is admitted.
    const matters = type === 'DELETED' || rules?.changes;
    if (namespace === undefined || !matters) return;
    for (const quota of api.list(RESOURCE, { namespace })) queue.add(keyOf(quota));
  });
}

function count(context: ControllerContext, quota: KubeObject): void {
  const { api, clock } = context;
  const { namespace } = quota.metadata;
  const hard: Record<string, string> = quota.spec?.hard ?? {};
  const used: Quantities = new Map();
  for (const resource of api.resources()) {
    const definition = definitionOf(resource) ?? named(resource);
    if (!limits(hard, resource, definition)) continue;
    for (const object of api.list(resource, { namespace })) {
      if (isInScope(quota, definition, object)) add(used, usageOf(definition, object, clock.now()));
    }
  }
  const status = { hard, used: written(used, Object.keys(hard)) };
  writeStatus(context, [RESOURCE, 'kube-controller-manager'], quota, status);
}

/** A custom kind, of which a quota can only limit the number. */
function named(resource: string): Counted {
  const [plural = '', ...group] = resource.split('.');
  return { plural, group: group.join('.') };
}

/** Some kinds are limited by names of their own (cpu, requests.memory); others by their name, alone or in `count/…`. */
function limits(hard: Record<string, string>, resource: string, { quota }: Counted): boolean {
  if (quota?.usage) return true;
  return Object.keys(hard).some(
    (name) => name === `count/${resource}` || name === resource || name.startsWith(`${resource}.`),
  );
}
