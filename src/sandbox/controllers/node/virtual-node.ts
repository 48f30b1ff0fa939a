import type { NewObject } from '../../api.ts';

/** One of the sandbox's nodes: a place with an amount of resources, not a machine. */
export interface VirtualNode {
  name: string;
  /** Kubernetes quantities. */
  cpu: string;
  memory: string;
  /** How many pods fit. */
  pods: number;
  /** Added to the labels that every node has, e.g. topology.kubernetes.io/zone. */
  labels?: Record<string, string>;
  /** Pod addresses of this node, e.g. 10.244.1.0/24. */
  podCIDR: string;
  /** The node's own address. */
  address: string;
}

/** What the node says of its system; the sandbox runs on the machine's own kernel. */
export interface SystemInfo {
  architecture: string;
  operatingSystem: string;
  osImage: string;
  kernelVersion: string;
  /** e.g. v1.36.2 */
  kubeletVersion: string;
}

/** The Node object as a kubelet registers it. Times are RFC 3339. */
export function nodeObject(node: VirtualNode, system: SystemInfo, now: string): NewObject {
  const resources = {
    cpu: node.cpu,
    'ephemeral-storage': '20Gi',
    memory: node.memory,
    pods: String(node.pods),
  };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: node.name,
      labels: {
        'beta.kubernetes.io/arch': system.architecture,
        'beta.kubernetes.io/os': system.operatingSystem,
        'kubernetes.io/arch': system.architecture,
        'kubernetes.io/hostname': node.name,
        'kubernetes.io/os': system.operatingSystem,
        ...node.labels,
      },
      annotations: { 'node.alpha.kubernetes.io/ttl': '0' },
    },
    spec: { podCIDR: node.podCIDR, podCIDRs: [node.podCIDR] },
    status: {
      capacity: resources,
      allocatable: resources,
      conditions: nodeConditions(now),
      addresses: [
        { type: 'InternalIP', address: node.address },
        { type: 'Hostname', address: node.name },
      ],
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      nodeInfo: {
        machineID: node.name,
        systemUUID: node.name,
        bootID: node.name,
        kernelVersion: system.kernelVersion,
        osImage: system.osImage,
        containerRuntimeVersion: 'containerd://2.1.0',
        kubeletVersion: system.kubeletVersion,
        kubeProxyVersion: '',
        operatingSystem: system.operatingSystem,
        architecture: system.architecture,
      },
    },
  };
}

function nodeConditions(now: string) {
  const condition = (type: string, status: string, reason: string, message: string) => ({
    type,
    status,
    lastHeartbeatTime: now,
    lastTransitionTime: now,
    reason,
    message,
  });
  return [
    condition(
      'MemoryPressure',
      'False',
      'KubeletHasSufficientMemory',
      'kubelet has sufficient memory available',
    ),
    condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
    condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
    condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
  ];
}
