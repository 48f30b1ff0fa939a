import type { Pod, Taint, Toleration } from '../kinds.ts';

/** The first taint with one of `effects` that the pod does not tolerate. */
export function untolerated(pod: Pod, taints: readonly Taint[], effects: readonly Taint['effect'][]) {
  const tolerations = pod.spec.tolerations ?? [];
  return taints.find(
    (taint) =>
      effects.includes(taint.effect) && !tolerations.some((toleration) => tolerates(toleration, taint)),
  );
}

export function tolerates(
  { key, operator = 'Equal', value = '', effect }: Toleration,
  taint: Taint,
): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  if (operator === 'Exists') return true;
  return Boolean(key) && value === (taint.value ?? '');
}
