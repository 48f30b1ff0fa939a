import { ApiError, type KubeObject, type ResourceName } from '../../api.ts';
import type { ControllerContext } from '../context.ts';
import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerStatus, Pod } from '../kinds.ts';
import { scaledResource, setReplicas } from '../scale.ts';
import { matchesSelector } from '../selector.ts';
import { timestamp } from '../time.ts';
import { keyOf, splitKey } from '../work-queue.ts';
import { writeStatus } from '../write-status.ts';
import { withCondition } from './conditions.ts';
import { type History, noHistory, noteScaling } from './history.ts';
import { limited } from './limits.ts';
import { proposeReplicas } from './metrics.ts';

const RESOURCE = 'horizontalpodautoscalers.autoscaling';
const COMPONENT = 'horizontal-pod-autoscaler';
/** How often each autoscaler looks at its metrics (--horizontal-pod-autoscaler-sync-period). */
const PERIOD_MS = 15_000;
const SHORTEST_PERIOD_MS = 1_000;

/** Sets the replicas of what HorizontalPodAutoscalers point to, by what their pods use. */
export function startPodAutoscaler(context: ControllerContext): () => void {
  const { api, dispatcher, speed } = context;
  const periodMs = Math.max(SHORTEST_PERIOD_MS, PERIOD_MS / speed);
  /** By uid. */
  const histories = new Map<string, History>();
  const queue = dispatcher.queue(COMPONENT, (key) => {
    const { namespace, name } = splitKey(key);
    const autoscaler = api.get(RESOURCE, namespace, name) as HorizontalPodAutoscaler | undefined;
    if (!autoscaler) return;
    queue.addAfter(key, periodMs);
    const { uid } = autoscaler.metadata;
    const history = histories.get(uid) ?? noHistory();
    histories.set(uid, history);
    reconcile(context, autoscaler, history);
  });
  // A new one is looked at for the first time after a whole period, as the real queue's rate limit has it.
  return api.watch(RESOURCE, ({ type, object }) => {
    if (type === 'DELETED') histories.delete(object.metadata.uid);
    else queue.addAfter(keyOf(object), periodMs);
  });
}

interface Target {
  resource: ResourceName;
  object: KubeObject;
}

function reconcile(context: ControllerContext, autoscaler: HorizontalPodAutoscaler, history: History): void {
  const { clock, events } = context;
  const { spec } = autoscaler;
  const status: HorizontalPodAutoscalerStatus = structuredClone(autoscaler.status);
  const note = (type: string, value: boolean, reason: string, message: string) => {
    status.conditions = withCondition(status.conditions, { type, value, reason, message }, timestamp(clock));
  };
  const warn = (reason: string, message: string) =>
    events.record(COMPONENT, autoscaler, 'Warning', reason, message);

  const target = targetOf(context, autoscaler);
  if (typeof target === 'string') {
    warn('FailedGetScale', target);
    const message = `the HPA controller was unable to get the target's current scale: ${target}`;
    note('AbleToScale', false, 'FailedGetScale', message);
    return writeStatus(context, [RESOURCE, COMPONENT], autoscaler, status);
  }
  note(
    'AbleToScale',
    true,
    'SucceededGetScale',
    "the HPA controller was able to get the target's current scale",
  );
  const current: number = target.object.spec.replicas ?? 1;
  if (history.recommendations.length === 0)
    history.recommendations.push({ replicas: current, at: clock.now() });

  let desired = current;
  let why = '';
  status.currentReplicas = current;
  if (current === 0) {
    note(
      'ScalingActive',
      false,
      'ScalingDisabled',
      'scaling is disabled since the replica count of the target is zero',
    );
    status.currentMetrics = null;
  } else if (current > spec.maxReplicas) {
    [desired, why] = [spec.maxReplicas, 'Current number of replicas above Spec.MaxReplicas'];
    status.currentMetrics = null;
  } else if (current < spec.minReplicas) {
    [desired, why] = [spec.minReplicas, 'Current number of replicas below Spec.MinReplicas'];
    status.currentMetrics = null;
  } else {
    const proposal = proposeReplicas(context, autoscaler, podsOf(context, target.object), current, warn);
    status.currentMetrics = proposal.statuses;
    note('ScalingActive', proposal.condition.value, proposal.condition.reason, proposal.condition.message);
    if (proposal.replicas === undefined) {
      writeStatus(context, [RESOURCE, COMPONENT], autoscaler, status);
      return warn('FailedComputeMetricsReplicas', proposal.error ?? '');
    }
    if (proposal.replicas > current) why = `${proposal.metric} above target`;
    if (proposal.replicas < current) why = 'All metrics below target';
    const limit = limited(context, autoscaler, history, current, proposal.replicas);
    note('AbleToScale', true, limit.able.reason, limit.able.message);
    note('ScalingLimited', limit.isLimited, limit.reason, limit.message);
    desired = limit.replicas;
  }
  if (desired !== current) {
    try {
      setReplicas(context.api, target.resource, target.object, desired, COMPONENT);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      warn('FailedRescale', `New size: ${desired}; reason: ${why}; error: ${error.message}`);
      const message = `the HPA controller was unable to update the target scale: ${error.message}`;
      note('AbleToScale', false, 'FailedUpdateScale', message);
      return writeStatus(context, [RESOURCE, COMPONENT], autoscaler, status);
    }
    const message = `the HPA controller was able to update the target scale to ${desired}`;
    note('AbleToScale', true, 'SucceededRescale', message);
    events.record(
      COMPONENT,
      autoscaler,
      'Normal',
      'SuccessfulRescale',
      `New size: ${desired}; reason: ${why}`,
    );
    noteScaling(history, desired - current, clock.now());
    status.lastScaleTime = timestamp(clock);
  }
  status.desiredReplicas = desired;
  writeStatus(context, [RESOURCE, COMPONENT], autoscaler, status);
}

/** Why there is none, as a text. */
function targetOf({ api }: ControllerContext, autoscaler: HorizontalPodAutoscaler): Target | string {
  const { scaleTargetRef } = autoscaler.spec;
  const resource = scaledResource(api, scaleTargetRef);
  if (!resource) {
    const group = (scaleTargetRef.apiVersion ?? '').split('/')[0];
    return `no matches for kind "${scaleTargetRef.kind}" in group "${group}"`;
  }
  const object = api.get(resource, autoscaler.metadata.namespace, scaleTargetRef.name);
  return object ? { resource, object } : `${resource} "${scaleTargetRef.name}" not found`;
}

function podsOf({ api }: ControllerContext, { metadata, spec }: KubeObject): Pod[] {
  const pods = api.list('pods', { namespace: metadata.namespace }) as readonly Pod[];
  return pods.filter((pod) => matchesSelector(spec.selector, pod.metadata.labels));
}
