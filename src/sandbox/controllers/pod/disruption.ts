import type { ControllerContext } from '../context.ts';
import type { Condition, Pod, PodStatus } from '../kinds.ts';
import { timestamp } from '../time.ts';

/** Notes on a pod that something from outside ends it, and optionally sets the phase it is left in. */
export function markDisrupted(
  { api, clock }: ControllerContext,
  pod: Pod,
  reason: string,
  message: string,
  phase?: PodStatus['phase'],
): void {
  const { namespace, name, uid, generation } = pod.metadata;
  const condition = {
    type: 'DisruptionTarget',
    observedGeneration: generation,
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: timestamp(clock),
    reason,
    message,
  };
  api.update(
    'pods',
    namespace,
    name,
    (draft) => {
      if (draft.metadata.uid !== uid) return undefined;
      const others = ((draft.status.conditions ?? []) as Condition[]).filter(
        ({ type }) => type !== condition.type,
      );
      return {
        ...draft,
        status: { ...draft.status, ...(phase && { phase }), conditions: [...others, condition] },
      };
    },
    { subresource: 'status' },
  );
}
