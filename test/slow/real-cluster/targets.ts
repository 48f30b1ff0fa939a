import type { ClusterObject } from '../../../src/cluster/cluster.ts';

interface PodParts {
  spec: {
    nodeName?: string;
    containers: { name: string; ports?: { name?: string; containerPort: number }[] }[];
  };
  status?: { podIP?: string; phase?: string };
}

/** A pod as Prometheus' kubernetes_sd_config finds it (role pod): a target for each port, with the same labels. */
export function podTargets(pod: ClusterObject): { targets: string[]; labels: Record<string, string> }[] {
  const { metadata } = pod;
  const { spec, status } = pod as ClusterObject & PodParts;
  if (!status?.podIP) return [];
  const meta = (name: string): string => `__meta_kubernetes_${name.replace(/\W/g, '_')}`;
  const mapped = (kind: string, values: Record<string, string> = {}) =>
    Object.entries(values).map(([name, value]) => [meta(`pod_${kind}_${name}`), value]);
  return spec.containers.flatMap(({ name, ports = [] }) =>
    ports.map(({ containerPort, name: portName = '' }) => ({
      targets: [`${status.podIP}:${containerPort}`],
      labels: Object.fromEntries([
        ...mapped('label', metadata.labels),
        ...mapped('annotation', metadata.annotations),
        [meta('namespace'), metadata.namespace ?? ''],
        [meta('pod_name'), metadata.name],
        [meta('pod_node_name'), spec.nodeName ?? ''],
        [meta('pod_phase'), status.phase ?? ''],
        [meta('pod_container_name'), name],
        [meta('pod_container_port_name'), portName],
        [meta('pod_container_port_number'), String(containerPort)],
      ]),
    })),
  );
}
