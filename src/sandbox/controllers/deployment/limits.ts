import type { Deployment, ReplicaSet } from '../kinds.ts';

export interface Limits {
  /** Pods allowed above the wanted number during a rolling update. */
  surge: number;
  /** Pods that may be unavailable. */
  unavailable: number;
}

/**
 * maxSurge is rounded up, maxUnavailable down; if both come to 0, one may be unavailable, else nothing could
 * ever move (Kubernetes' ResolveFenceposts). Recreate knows neither.
 */
export function limitsOf({ spec }: Deployment): Limits {
  if (spec.strategy.type !== 'RollingUpdate') return { surge: 0, unavailable: 0 };
  const { maxSurge = '25%', maxUnavailable = '25%' } = spec.strategy.rollingUpdate ?? {};
  const surge = portion(maxSurge, spec.replicas, Math.ceil);
  if (spec.replicas === 0) return { surge, unavailable: 0 };
  const unavailable = portion(maxUnavailable, spec.replicas, Math.floor);
  if (surge === 0 && unavailable === 0) return { surge, unavailable: 1 };
  return { surge, unavailable: Math.min(unavailable, spec.replicas) };
}

/** A number, or a percentage of `total`. */
export function portion(value: number | string, total: number, round: (n: number) => number): number {
  if (typeof value === 'number') return value;
  const percent = Number.parseInt(value, 10);
  return round((percent * total) / 100);
}

/** How many replicas the newest ReplicaSet may have now without exceeding the surge. */
export function newSetReplicas(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  newest: { spec: { replicas: number } },
): number {
  const { spec } = deployment;
  if (spec.strategy.type !== 'RollingUpdate') return spec.replicas;
  const room = spec.replicas + limitsOf(deployment).surge - wantedReplicas(all);
  if (room <= 0) return newest.spec.replicas;
  return newest.spec.replicas + Math.min(room, spec.replicas - newest.spec.replicas);
}

/** The sum of what the sets ask for. */
export function wantedReplicas(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, set) => sum + set.spec.replicas, 0);
}

/** The sum of a count in the status of the sets. */
export function counted(
  sets: readonly ReplicaSet[],
  field: 'replicas' | 'readyReplicas' | 'availableReplicas' | 'terminatingReplicas',
): number {
  return sets.reduce((sum, set) => sum + (set.status[field] ?? 0), 0);
}
