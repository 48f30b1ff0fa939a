import type { KubeObject } from '../../api.ts';
import { isInScope, usageOf, written } from '../../apiserver/admission/quota-usage.ts';
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
  const limited = api.resources().filter((resource) => resource !== 'events');
  const stops = limited.map((resource) =>
    api.watch(resource, ({ type, object }) => {
      const { namespace } = object.metadata;
      if (resource === RESOURCE) queue.add(keyOf(object));
      // A new object is charged when it is admitted. Only Pods and Services change what they use.
      const matters = type === 'DELETED' || resource === 'pods' || resource === 'services';
      if (namespace === undefined || !matters) return;
      for (const quota of api.list(RESOURCE, { namespace })) queue.add(keyOf(quota));
    }),
  );
  return () => {
    for (const stop of stops) stop();
  };
}

function count(context: ControllerContext, quota: KubeObject): void {
  const { api, clock } = context;
  const { namespace } = quota.metadata;
  const hard: Record<string, string> = quota.spec?.hard ?? {};
  const used: Quantities = new Map();
  for (const resource of api.resources()) {
    if (!limits(hard, resource)) continue;
    for (const object of api.list(resource, { namespace })) {
      if (isInScope(quota, resource, object)) add(used, usageOf(resource, object, clock.now()));
    }
  }
  const status = { hard, used: written(used, Object.keys(hard)) };
  writeStatus(context, [RESOURCE, 'kube-controller-manager'], quota, status);
}

/** Pods are limited by names of their own (cpu, requests.memory); other kinds by their name, alone or in `count/…`. */
function limits(hard: Record<string, string>, resource: string): boolean {
  if (resource === 'pods') return true;
  return Object.keys(hard).some(
    (name) => name === `count/${resource}` || name === resource || name.startsWith(`${resource}.`),
  );
}
