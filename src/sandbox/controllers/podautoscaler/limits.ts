import type { ControllerContext } from '../context.ts';
import type { HorizontalPodAutoscaler, ScalingRules } from '../kinds.ts';
import { changesWithin, forget, type History } from './history.ts';

/** Of scaling down, where an autoscaler has no behavior of its own (--horizontal-pod-autoscaler-downscale-stabilization). */
const STABILIZATION_SECONDS = 300;
/** The longest period of a policy that validation lets pass. */
const LONGEST_SECONDS = 3600;

interface Limited {
  replicas: number;
  /** For the condition AbleToScale. */
  able: { reason: string; message: string };
  /** For the condition ScalingLimited. */
  isLimited: boolean;
  reason: string;
  message: string;
}

const texts = {
  DesiredWithinRange: 'the desired count is within the acceptable range',
  ScaleUpLimit: 'the desired replica count is increasing faster than the maximum scale rate',
  ScaleDownLimit: 'the desired replica count is decreasing faster than the maximum scale rate',
  TooManyReplicas: 'the desired replica count is more than the maximum replica count',
  TooFewReplicas: 'the desired replica count is less than the minimum replica count',
  ReadyForNewScale: 'recommended size matches current size',
  ScaleUpStabilized:
    'recent recommendations were lower than current one, applying the lowest recent recommendation',
  ScaleDownStabilized:
    'recent recommendations were higher than current one, applying the highest recent recommendation',
};

type Reason = keyof typeof texts;

/** What remains of the replicas that the metrics ask for: stabilised over time, then within rates and bounds. */
export function limited(
  { clock, speed }: ControllerContext,
  { spec }: HorizontalPodAutoscaler,
  history: History,
  current: number,
  wanted: number,
): Limited {
  const now = clock.now();
  const ms = (seconds: number) => (seconds * 1000) / speed;
  const { behavior, minReplicas: min, maxReplicas: max } = spec;
  const windows = {
    up: ms(behavior?.scaleUp.stabilizationWindowSeconds ?? 0),
    down: ms(behavior?.scaleDown.stabilizationWindowSeconds ?? STABILIZATION_SECONDS),
  };
  const stable = stabilized(history, behavior && current, windows, wanted, now);
  history.recommendations.push({ replicas: wanted, at: now });
  forget(history, ms(LONGEST_SECONDS), now);

  const within = (rules: ScalingRules, more: boolean) => rateLimit(rules, more, current, history, now, ms);
  const [replicas, reason] = behavior
    ? bounded(stable, current, { min, max }, (more) =>
        within(more ? behavior.scaleUp : behavior.scaleDown, more),
      )
    : // Without a behavior pods may be doubled, and are taken away at once.
      bounded(stable, current, { min, max }, (more) => (more ? Math.max(2 * current, 4) : 0));
  const able: Reason =
    stable === wanted ? 'ReadyForNewScale' : wanted >= current ? 'ScaleUpStabilized' : 'ScaleDownStabilized';
  return {
    replicas,
    able: { reason: able, message: texts[able] },
    isLimited: replicas !== stable,
    reason,
    message: texts[reason],
  };
}

/**
 * Growth waits for the lowest recommendation of its window, shrinking for the highest of its own. Without a behavior
 * (`current` undefined) it is the highest of late, whatever the size now.
 */
function stabilized(
  { recommendations }: History,
  current: number | undefined,
  windows: { up: number; down: number },
  wanted: number,
  now: number,
): number {
  const within = (ms: number) =>
    recommendations.filter(({ at }) => now - at < ms).map(({ replicas }) => replicas);
  const ceiling = Math.max(wanted, ...within(windows.down));
  if (current === undefined) return ceiling;
  const floor = Math.min(wanted, ...within(windows.up));
  return Math.min(Math.max(current, floor), ceiling);
}

/** `rate` gives the most pods (the fewest, going down) that may be there after this step. */
function bounded(
  wanted: number,
  current: number,
  { min, max }: { min: number; max: number },
  rate: (more: boolean) => number,
): [number, Reason] {
  if (wanted > current) {
    const limit = Math.max(rate(true), current);
    if (wanted > Math.min(max, limit))
      return max > limit ? [limit, 'ScaleUpLimit'] : [max, 'TooManyReplicas'];
  } else if (wanted < current) {
    const limit = Math.min(rate(false), current);
    if (wanted < Math.max(min, limit))
      return min < limit ? [limit, 'ScaleDownLimit'] : [min, 'TooFewReplicas'];
  }
  return [wanted, 'DesiredWithinRange'];
}

function rateLimit(
  { selectPolicy, policies }: ScalingRules,
  more: boolean,
  current: number,
  history: History,
  now: number,
  ms: (seconds: number) => number,
): number {
  if (selectPolicy === 'Disabled') return current;
  const proposals = policies.map(({ type, value, periodSeconds }) => {
    const { added, removed } = changesWithin(history, ms(periodSeconds), now);
    const before = current - added + removed;
    if (type === 'Pods') return more ? before + value : before - value;
    // Rounded up, lest a small percentage never add a pod.
    return more ? Math.ceil(before * (1 + value / 100)) : Math.trunc(before * (1 - value / 100));
  });
  const greatestChange = selectPolicy !== 'Min';
  return more === greatestChange ? Math.max(...proposals) : Math.min(...proposals);
}
