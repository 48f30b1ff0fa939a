/** pods/eviction: a deletion that disruption budgets may refuse (registry/core/pod/storage/eviction.go). */
import type { KubeObject } from '../../../api.ts';
import { spendBudget } from '../../admission/disruption-budget.ts';
import type { ResourceDefinition } from '../../kinds/definition.ts';
import { timestamp } from '../../names.ts';
import { badRequest } from '../../status.ts';
import type { Call } from '../context.ts';
import { readObject } from '../requests/object-body.ts';
import { writeOptions } from '../requests/options.ts';
import { sendSuccess } from './success.ts';

const evictionKind = { group: 'policy', version: 'v1', kind: 'Eviction', model: 'V1Eviction' };

export async function evictPod(call: Call, definition: ResourceDefinition): Promise<void> {
  const eviction = await readObject<KubeObject>(call, evictionKind);
  const { dryRun } = writeOptions(call, 'CreateOptions');
  const { namespace, name = '' } = call.info;
  if (eviction.metadata?.name !== name)
    throw badRequest('name in URL does not match name in Eviction object');
  const { operations } = call.context.api;
  const pod = operations.get(definition, namespace, name);
  const wanted = eviction.deleteOptions ?? {};
  const isDry = dryRun || (wanted.dryRun ?? []).includes('All');
  const deletion = {
    gracePeriodSeconds: wanted.gracePeriodSeconds,
    uid: wanted.preconditions?.uid,
    resourceVersion: wanted.preconditions?.resourceVersion,
  };
  // Preconditions are looked at before the budget is spent.
  operations.delete(definition, namespace, name, { ...deletion, dryRun: true });
  spendBudget(operations, pod, isDry);
  if (isDry) return sendSuccess(call);
  if (!pod.metadata.deletionTimestamp) mark(call, definition, pod);
  // The mark is a newer version of the Pod than the one that the client may have named.
  operations.delete(definition, namespace, name, { ...deletion, resourceVersion: undefined });
  sendSuccess(call);
}

/** The condition by which others see why the Pod goes. */
function mark(call: Call, definition: ResourceDefinition, pod: KubeObject): void {
  const { operations } = call.context.api;
  const { namespace, name } = pod.metadata;
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    observedGeneration: pod.metadata.generation,
    lastProbeTime: null,
    lastTransitionTime: timestamp(call.context.clock.now()),
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
  };
  operations.update(
    definition,
    namespace,
    name,
    (draft) => {
      const others = ((draft.status.conditions ?? []) as { type: string }[]).filter(
        (c) => c.type !== condition.type,
      );
      draft.status.conditions = [...others, condition];
      return draft;
    },
    { subresource: 'status' },
  );
}
