import { formatQuantity, parseQuantity } from '../../../quantity.ts';
import type { ControllerContext } from '../context.ts';
import type { HorizontalPodAutoscaler, MetricAmount, Pod } from '../kinds.ts';
import { findCondition } from '../pod-state.ts';
import { millis } from '../time.ts';
import { milli, type PodMetric, type ResourceMetric } from './usage.ts';

/** A ratio of usage to target this close to 1 changes nothing (--horizontal-pod-autoscaler-tolerance). */
const TOLERANCE = 0.1;
/** The CPU of a pod that started no longer ago than this counts only while it is ready. */
const CPU_INITIALIZATION_MS = 300_000;
/** A pod that was not ready after this time has never been. */
const INITIAL_READINESS_MS = 30_000;

interface Seen {
  pods: readonly Pod[];
  metrics: Map<string, PodMetric>;
  /** In thousandths, by the name of the pod; empty where the target is no percentage. */
  requests: Map<string, number>;
  current: number;
}

export interface Calculation {
  replicas: number;
  /** The average over the pods measured. */
  current: MetricAmount;
}

/** How many pods bring usage to its target (Kubernetes' replica calculator); why that is unknown, as a text. */
export function calculateReplicas(
  context: ControllerContext,
  { name, target }: ResourceMetric,
  behavior: HorizontalPodAutoscaler['spec']['behavior'],
  { pods, metrics, requests, current }: Seen,
): Calculation | string {
  const { ready, unready, missing } = groupPods(context, name, pods, metrics);
  const values = new Map<string, number>();
  for (const [pod, { value }] of metrics) if (ready.has(pod)) values.set(pod, value);
  if (values.size === 0) return 'did not receive metrics for any ready pods';
  const measured = usageRatio(values, requests, target);
  if (!measured) return 'no metrics returned matched known pods';
  const { ratio, amount } = measured;
  const done = (replicas: number): Calculation => ({ replicas, current: amount });
  const isSmall = (some: number) =>
    some >= 1 - tolerance(behavior?.scaleDown.tolerance) &&
    some <= 1 + tolerance(behavior?.scaleUp.tolerance);

  const isGrowing = ratio > 1;
  const rebalance = unready.size > 0 && isGrowing;
  if (!rebalance && missing.size === 0) return done(isSmall(ratio) ? current : Math.ceil(ratio * ready.size));
  // Who is not measured is taken to use everything when there may be too many pods, nothing when too few.
  const percent = Math.max(100, target.averageUtilization ?? 100);
  const full = (pod: string) => requests.get(pod) ?? targetValue(target);
  for (const pod of missing) {
    if (ratio < 1) values.set(pod, Math.trunc((full(pod) * percent) / 100));
    else if (isGrowing) values.set(pod, 0);
  }
  if (rebalance) for (const pod of unready) values.set(pod, 0);
  const again = usageRatio(values, requests, target)!.ratio;
  if (isSmall(again) || ratio < 1 !== again < 1) return done(current);
  const replicas = Math.ceil(again * values.size);
  const turns = again < 1 ? replicas > current : replicas < current;
  return done(turns ? current : replicas);
}

const tolerance = (text: string | undefined) => {
  const quantity = parseQuantity(text);
  return quantity ? Number(quantity.nanos) / 1e9 : TOLERANCE;
};

const targetValue = ({ averageValue }: MetricAmount) => milli(parseQuantity(averageValue)?.nanos ?? 0n);

function usageRatio(
  values: Map<string, number>,
  requests: Map<string, number>,
  target: MetricAmount,
): { ratio: number; amount: MetricAmount } | undefined {
  const total = [...values.values()].reduce((sum, value) => sum + value, 0);
  const average = Math.trunc(total / values.size);
  const averageValue = formatQuantity({ nanos: BigInt(average) * 1_000_000n, format: 'decimal' });
  if (target.averageUtilization === undefined)
    return { ratio: average / targetValue(target), amount: { averageValue } };
  const requested = [...values.keys()].reduce((sum, pod) => sum + (requests.get(pod) ?? 0), 0);
  if (requested === 0) return undefined;
  const averageUtilization = Math.trunc((total * 100) / requested);
  return {
    ratio: averageUtilization / target.averageUtilization,
    amount: { averageUtilization, averageValue },
  };
}

interface Groups {
  ready: Set<string>;
  unready: Set<string>;
  missing: Set<string>;
}

function groupPods(
  context: ControllerContext,
  resource: string,
  pods: readonly Pod[],
  metrics: Map<string, PodMetric>,
): Groups {
  const groups: Groups = { ready: new Set(), unready: new Set(), missing: new Set() };
  for (const pod of pods) {
    const { name, deletionTimestamp } = pod.metadata;
    if (deletionTimestamp || pod.status.phase === 'Failed') continue;
    const metric = metrics.get(name);
    if (pod.status.phase === 'Pending') groups.unready.add(name);
    else if (!metric) groups.missing.add(name);
    else if (resource === 'cpu' && isWarmingUp(context, pod, metric)) groups.unready.add(name);
    else groups.ready.add(name);
  }
  return groups;
}

/** What a pod burns while it starts says nothing about load. */
function isWarmingUp({ clock, speed }: ControllerContext, { status }: Pod, metric: PodMetric): boolean {
  const ready = findCondition(status.conditions, 'Ready');
  const started = millis(status.startTime);
  if (!ready || Number.isNaN(started)) return true;
  const since = millis(ready.lastTransitionTime);
  if (started + CPU_INITIALIZATION_MS / speed > clock.now())
    return ready.status === 'False' || metric.at < since + metric.windowMs;
  return ready.status === 'False' && started + INITIAL_READINESS_MS / speed > since;
}
