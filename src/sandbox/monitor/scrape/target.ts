import { LabelSet } from '../../../promql/series/labels.ts';
import type { KubeObject } from '../../api.ts';

/** Where a pod says it exposes metrics. */
export interface Target {
  /** Of the pod; a new pod of the same name is another target. */
  readonly uid: string;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly scheme: 'http' | 'https';
  /** Attached to every sample of this target. */
  readonly labels: LabelSet;
  /** As service discovery found them, before relabelling. */
  readonly discovered: Readonly<Record<string, string>>;
}

/** Kubernetes' usual annotations: `prometheus.io/scrape: "true"`, `port`, `path`, `scheme`. */
export function targetOf(pod: KubeObject): Target | undefined {
  const annotations = pod.metadata.annotations ?? {};
  const podIP: string | undefined = pod.status?.podIP;
  if (annotations['prometheus.io/scrape'] !== 'true' || !podIP || pod.metadata.deletionTimestamp)
    return undefined;
  if (['Succeeded', 'Failed'].includes(pod.status?.phase)) return undefined;
  const containers: { name: string; ports?: { containerPort: number }[] }[] = pod.spec?.containers ?? [];
  const annotated = Number(annotations['prometheus.io/port']);
  const port = annotated || containers.flatMap(({ ports }) => ports ?? [])[0]?.containerPort;
  if (!port) return undefined;
  const container =
    containers.find(({ ports }) => ports?.some((one) => one.containerPort === port)) ?? containers[0];
  const podLabels = pod.metadata.labels ?? {};
  const app = podLabels['app.kubernetes.io/name'] ?? podLabels.app ?? '';
  const version = podLabels['app.kubernetes.io/version'];
  const path = annotations['prometheus.io/path'] ?? '/metrics';
  const scheme = annotations['prometheus.io/scheme'] === 'https' ? 'https' : 'http';
  return {
    uid: pod.metadata.uid,
    host: podIP,
    port,
    path,
    scheme,
    labels: LabelSet.from({
      job: app || pod.metadata.name,
      namespace: pod.metadata.namespace ?? '',
      pod: pod.metadata.name,
      instance: `${podIP}:${port}`,
      node: pod.spec?.nodeName ?? '',
      container: container?.name ?? '',
      app,
      ...(version && { version }),
    }),
    discovered: discoveredLabels(pod, {
      address: `${podIP}:${port}`,
      path,
      scheme,
      container: container?.name,
    }),
  };
}

/** Prometheus' names of what it knows about a pod (role `pod`). */
function discoveredLabels(
  pod: KubeObject,
  target: { address: string; path: string; scheme: string; container: string | undefined },
): Record<string, string> {
  const labels: Record<string, string> = {
    __address__: target.address,
    __metrics_path__: target.path,
    __scheme__: target.scheme,
    __meta_kubernetes_namespace: pod.metadata.namespace ?? '',
    __meta_kubernetes_pod_name: pod.metadata.name,
    __meta_kubernetes_pod_uid: pod.metadata.uid,
    __meta_kubernetes_pod_ip: pod.status?.podIP ?? '',
    __meta_kubernetes_pod_node_name: pod.spec?.nodeName ?? '',
    __meta_kubernetes_pod_phase: pod.status?.phase ?? '',
    __meta_kubernetes_pod_container_name: target.container ?? '',
  };
  for (const [name, value] of Object.entries(pod.metadata.labels ?? {})) {
    labels[`__meta_kubernetes_pod_label_${name.replace(/\W/g, '_')}`] = value;
  }
  for (const [name, value] of Object.entries(pod.metadata.annotations ?? {})) {
    labels[`__meta_kubernetes_pod_annotation_${name.replace(/\W/g, '_')}`] = value;
  }
  return labels;
}
