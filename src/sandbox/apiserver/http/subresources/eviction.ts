/** pods/eviction: a deletion that disruption budgets may refuse. There are no budgets yet. */
import type { KubeObject } from '../../../api.ts';
import type { ResourceDefinition } from '../../registry/definition.ts';
import type { Call } from '../context.ts';
import { readObject } from '../object-body.ts';
import { writeOptions } from '../options.ts';
import { sendSuccess } from './success.ts';

const evictionKind = { group: 'policy', version: 'v1', kind: 'Eviction', model: 'V1Eviction' };

export async function evictPod(call: Call, definition: ResourceDefinition): Promise<void> {
  const eviction = await readObject<KubeObject>(call, evictionKind);
  const { dryRun } = writeOptions(call, 'CreateOptions');
  const { namespace, name = '' } = call.info;
  const { operations } = call.context.api;
  const pod = operations.get(definition, namespace, name);
  const wanted = eviction.deleteOptions ?? {};
  const isDry = dryRun || (wanted.dryRun ?? []).includes('All');
  if (!isDry && !pod.metadata.deletionTimestamp) mark(call, definition, pod);
  operations.delete(definition, namespace, name, {
    gracePeriodSeconds: wanted.gracePeriodSeconds,
    uid: wanted.preconditions?.uid,
    resourceVersion: wanted.preconditions?.resourceVersion,
    dryRun: isDry,
  });
  sendSuccess(call);
}

/** The condition by which others see why the Pod goes. */
function mark(call: Call, definition: ResourceDefinition, pod: KubeObject): void {
  const { operations } = call.context.api;
  const { namespace, name } = pod.metadata;
  const now = `${new Date(call.context.clock.now()).toISOString().slice(0, 19)}Z`;
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    observedGeneration: pod.metadata.generation,
    lastProbeTime: null,
    lastTransitionTime: now,
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
