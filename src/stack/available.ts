import type { V1PodStatus } from '@kubernetes/client-node';
import type { Clock } from '../clock.ts';
import type { Cluster, ClusterObject } from '../cluster/cluster.ts';
import { formatRef, refOf } from '../cluster/ref.ts';
import { isReadyPod, podsOf } from '../cluster/wait/pods.ts';
import { rolloutState } from '../cluster/wait/rollout.ts';
import { until } from '../cluster/wait/until.ts';

export interface WaitOptions {
  objects: readonly ClusterObject[];
  cluster: Cluster;
  clock: Clock;
  seconds: number;
  signal?: AbortSignal;
  onProgress?(available: number, all: number): void;
}

/** Waits for the Deployments and StatefulSets among these objects. Gives those that were not available in time, with what is in the way. */
export async function waitAvailable(options: WaitOptions): Promise<string[]> {
  const { cluster, clock, seconds, signal, onProgress } = options;
  const refs = options.objects.filter(({ kind }) => ['Deployment', 'StatefulSet'].includes(kind)).map(refOf);
  let waiting = refs;
  let told = -1;
  await until(
    async () => {
      const looks = await Promise.all(
        refs.map(async (ref) => {
          const object = await cluster.get(ref, signal);
          return { ref, holds: object !== undefined && rolloutState(object).complete };
        }),
      );
      waiting = looks.filter(({ holds }) => !holds).map(({ ref }) => ref);
      const available = refs.length - waiting.length;
      if (available !== told) onProgress?.(available, refs.length);
      told = available;
      return { holds: waiting.length === 0, seen: `${available} of ${refs.length}` };
    },
    seconds,
    clock,
    signal,
  );
  return await Promise.all(
    waiting.map(async (ref) => {
      const { running } = await podsOf(cluster, ref, signal);
      const reasons = new Set(running.filter((pod) => !isReadyPod(pod)).map(reasonOf));
      return `${formatRef(ref)}: ${[...reasons].join('; ') || 'it has no pods'}`;
    }),
  );
}

/** Why a pod is not ready, in Kubernetes' own words. */
function reasonOf(pod: ClusterObject): string {
  const { phase = 'Pending', conditions = [], containerStatuses = [] } = (pod.status ?? {}) as V1PodStatus;
  for (const { state } of containerStatuses) {
    if (state?.waiting?.reason)
      return [state.waiting.reason, state.waiting.message].filter(Boolean).join(': ');
    if (state?.terminated) return `${state.terminated.reason} (exit code ${state.terminated.exitCode})`;
  }
  const unscheduled = conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  return unscheduled?.message ?? (phase === 'Running' ? 'running, not ready' : phase);
}
