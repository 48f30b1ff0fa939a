/** What a pod of a DaemonSet is: made for one node, from one template, tolerant of that node's troubles. */
import type { KubeObject } from '../../api.ts';
import type { ControllerContext } from '../context.ts';
import type { DaemonSet, Pod, PodSpec, Toleration } from '../kinds.ts';
import { createPod } from '../pod-control.ts';

export const COMPONENT = 'daemonset-controller';
export const HASH_LABEL = 'controller-revision-hash';
const GENERATION_LABEL = 'pod-template-generation';
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';

/** Creates the set's pod for a node; the scheduler binds it there. */
export function createMember(context: ControllerContext, set: DaemonSet, node: string, hash: string): void {
  createPod(context, COMPONENT, set, set.spec.template, {
    change: (pod) => {
      pod.metadata.labels = {
        ...pod.metadata.labels,
        [HASH_LABEL]: hash,
        [GENERATION_LABEL]: templateGeneration(set),
      };
      pod.spec = tolerant(boundTo(pod.spec, node));
    },
  });
}

/** The node that the pod is on or is meant for. */
export function nodeOf({ spec }: Pod): string | undefined {
  if (spec.nodeName) return spec.nodeName;
  const terms =
    spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const fields = terms?.flatMap(({ matchFields = [] }) => matchFields) ?? [];
  return fields.find(({ key }) => key === 'metadata.name')?.values?.[0];
}

/** Whether the pod was made from the present template. */
export function isUpdated(set: DaemonSet, pod: Pod, hash: string): boolean {
  const labels = pod.metadata.labels ?? {};
  return labels[HASH_LABEL] === hash || labels[GENERATION_LABEL] === templateGeneration(set);
}

/** The spec with the tolerations that every daemon pod has (AddOrUpdateDaemonPodTolerations). */
export function tolerant(spec: PodSpec): PodSpec {
  const wanted: Toleration[] = [
    ...['not-ready', 'unreachable'].map((key) => ({ key, effect: 'NoExecute' })),
    ...['disk-pressure', 'memory-pressure', 'pid-pressure', 'unschedulable'].map((key) => ({
      key,
      effect: 'NoSchedule',
    })),
    ...(spec.hostNetwork ? [{ key: 'network-unavailable', effect: 'NoSchedule' }] : []),
  ].map(({ key, effect }) => ({ key: `node.kubernetes.io/${key}`, operator: 'Exists', effect }));
  const isReplaced = (given: Toleration) =>
    wanted.some(
      ({ key, effect }) => given.key === key && given.effect === effect && given.operator === 'Exists',
    );
  return { ...spec, tolerations: [...(spec.tolerations ?? []).filter((one) => !isReplaced(one)), ...wanted] };
}

function boundTo(spec: PodSpec, node: string): PodSpec {
  const term = { matchFields: [{ key: 'metadata.name', operator: 'In' as const, values: [node] }] };
  return {
    ...spec,
    affinity: {
      ...spec.affinity,
      nodeAffinity: {
        ...spec.affinity?.nodeAffinity,
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] },
      },
    },
  };
}

const templateGeneration = ({ metadata }: KubeObject) => metadata.annotations?.[TEMPLATE_GENERATION] ?? '1';
