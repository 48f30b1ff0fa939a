import type { Api, KubeObject } from '../../api.ts';
import type { Pod, PodDisruptionBudget } from '../kinds.ts';
import { controllerOf } from '../owner.ts';
import { scaledResource } from '../scale.ts';

export interface Expected {
  /** How many pods there should be. */
  count: number;
  /** How many of them must be healthy. */
  healthy: number;
  /** Pods without a controller, where the count follows controllers. */
  unmanaged: number;
  error?: string;
}

/**
 * How many pods a budget counts on: with a plain minAvailable those that are there, else as many as their
 * controllers want (Kubernetes' getExpectedPodCount).
 */
export function expectedPods(api: Api, { spec }: PodDisruptionBudget, pods: readonly Pod[]): Expected {
  const { minAvailable, maxUnavailable } = spec;
  if (minAvailable === undefined && maxUnavailable === undefined)
    return { count: 0, healthy: 0, unmanaged: 0 };
  if (typeof minAvailable === 'number') return { count: pods.length, healthy: minAvailable, unmanaged: 0 };
  const scale = wantedByControllers(api, pods);
  const { count } = scale;
  if (maxUnavailable === undefined) return { ...scale, healthy: portion(minAvailable!, count) };
  return { ...scale, healthy: Math.max(0, count - portion(maxUnavailable, count)) };
}

/** A number, or a percentage rounded up. */
function portion(amount: number | string, of: number): number {
  return typeof amount === 'number' ? amount : Math.ceil((Number.parseInt(amount, 10) * of) / 100);
}

function wantedByControllers(
  api: Api,
  pods: readonly Pod[],
): Omit<Expected, 'healthy'> & { healthy: number } {
  const wanted = new Map<string, number>();
  let unmanaged = 0;
  for (const pod of pods) {
    if (!controllerOf(pod)) {
      unmanaged += 1;
      continue;
    }
    const controller = scaleOwner(api, pod);
    if (!controller) {
      const error = `found no controllers for pod "${pod.metadata.name}"`;
      return { count: 0, healthy: 0, unmanaged, error };
    }
    wanted.set(controller.metadata.uid, controller.spec.replicas ?? 1);
  }
  const count = [...wanted.values()].reduce((sum, replicas) => sum + replicas, 0);
  return { count, healthy: 0, unmanaged };
}

/** The controller that decides how many pods there are: of a ReplicaSet its Deployment, if it has one. */
function scaleOwner(api: Api, object: KubeObject): KubeObject | undefined {
  const reference = controllerOf(object);
  const resource = reference && scaledResource(api, reference);
  if (!resource) return undefined;
  const owner = api.get(resource, object.metadata.namespace, reference.name);
  if (owner?.metadata.uid !== reference.uid) return undefined;
  return scaleOwner(api, owner) ?? owner;
}
