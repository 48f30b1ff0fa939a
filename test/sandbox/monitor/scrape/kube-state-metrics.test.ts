import { expect, it } from 'vitest';
import type { ContainerUsage, Kubelet, KubeObject } from '../../../../src/sandbox/api.ts';
import { cadvisor } from '../../../../src/sandbox/monitor/scrape/cadvisor.ts';
import { kubeStateMetrics } from '../../../../src/sandbox/monitor/scrape/kube-state-metrics.ts';
import { SmallCluster } from '../cluster.ts';

type Given = Parameters<SmallCluster['put']>[1];

/** Each sample as Prometheus writes it, with its labels by name, of the metrics whose names begin so. */
function metricsOf(objects: Record<string, Given>, prefix: string): string[] {
  const cluster = new SmallCluster();
  for (const [resource, object] of Object.entries(objects)) cluster.put(resource, object);
  return [...kubeStateMetrics(cluster.api)].map(written).filter((text) => text.startsWith(prefix));
}

function written({ labels, value }: { labels: Iterable<readonly [string, string]>; value: number }): string {
  const { __name__: name, uid: _, ...others } = Object.fromEntries(labels);
  const list = Object.entries(others).map(([label, text]) => `${label}="${text}"`);
  return `${name}{${list.sort().join(',')}} ${value}`;
}

const at = '2026-01-02T03:04:05Z';

it('tells what a quota allows and what is used of it', () => {
  const quota = {
    kind: 'ResourceQuota',
    metadata: { name: 'team', namespace: 'shop', creationTimestamp: at },
    spec: { hard: { pods: '10', 'requests.cpu': '2' } },
    status: { hard: { pods: '10', 'requests.cpu': '2' }, used: { pods: '7', 'requests.cpu': '1500m' } },
  };
  expect(metricsOf({ resourcequotas: quota }, 'kube_resourcequota{')).toEqual([
    'kube_resourcequota{namespace="shop",resource="pods",resourcequota="team",type="hard"} 10',
    'kube_resourcequota{namespace="shop",resource="requests.cpu",resourcequota="team",type="hard"} 2',
    'kube_resourcequota{namespace="shop",resource="pods",resourcequota="team",type="used"} 7',
    'kube_resourcequota{namespace="shop",resource="requests.cpu",resourcequota="team",type="used"} 1.5',
  ]);
});

it('tells of a claim its phase, its volume and what it asked for', () => {
  const claim = {
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', namespace: 'shop' },
    spec: { storageClassName: 'standard', volumeName: 'pv-1', resources: { requests: { storage: '1Ki' } } },
    status: { phase: 'Bound' },
  };
  expect(metricsOf({ persistentvolumeclaims: claim }, 'kube_persistentvolumeclaim_')).toEqual([
    'kube_persistentvolumeclaim_info{namespace="shop",persistentvolumeclaim="data",storageclass="standard",volumename="pv-1"} 1',
    'kube_persistentvolumeclaim_status_phase{namespace="shop",persistentvolumeclaim="data",phase="Pending"} 0',
    'kube_persistentvolumeclaim_status_phase{namespace="shop",persistentvolumeclaim="data",phase="Bound"} 1',
    'kube_persistentvolumeclaim_status_phase{namespace="shop",persistentvolumeclaim="data",phase="Lost"} 0',
    'kube_persistentvolumeclaim_resource_requests_storage_bytes{namespace="shop",persistentvolumeclaim="data"} 1024',
  ]);
});

it('tells why an init container waits, and that a pod finds no node', () => {
  const pod = {
    kind: 'Pod',
    metadata: { name: 'worker-1', namespace: 'shop', creationTimestamp: at },
    spec: { containers: [{ name: 'worker' }] },
    status: {
      conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }],
      initContainerStatuses: [
        {
          name: 'wait',
          image: 'busybox',
          ready: false,
          restartCount: 3,
          state: { waiting: { reason: 'ImagePullBackOff' } },
        },
      ],
    },
  };
  expect(metricsOf({ pods: pod }, 'kube_pod_status_unschedulable')).toEqual([
    'kube_pod_status_unschedulable{namespace="shop",pod="worker-1"} 1',
  ]);
  const container = 'container="wait",namespace="shop",pod="worker-1"';
  const init = metricsOf({ pods: pod }, 'kube_pod_init_container_');
  expect(init).toContain(`kube_pod_init_container_status_restarts_total{${container}} 3`);
  expect(init).toContain(
    `kube_pod_init_container_status_waiting_reason{${container},reason="ImagePullBackOff"} 1`,
  );
});

it('tells what an autoscaler scales, between what and why', () => {
  const autoscaler = {
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'checkout', namespace: 'shop' },
    spec: { minReplicas: 2, maxReplicas: 4, scaleTargetRef: { kind: 'Deployment', name: 'checkout' } },
    status: {
      currentReplicas: 4,
      desiredReplicas: 4,
      conditions: [{ type: 'ScalingLimited', status: 'True' }],
    },
  };
  const told = metricsOf(
    { 'horizontalpodautoscalers.autoscaling': autoscaler },
    'kube_horizontalpodautoscaler_',
  );
  const who = 'horizontalpodautoscaler="checkout",namespace="shop"';
  expect(told).toContain(`kube_horizontalpodautoscaler_spec_max_replicas{${who}} 4`);
  expect(told).toContain(
    `kube_horizontalpodautoscaler_status_condition{condition="ScalingLimited",${who},status="true"} 1`,
  );
  expect(told).toContain(
    `kube_horizontalpodautoscaler_info{${who},scaletargetref_kind="Deployment",scaletargetref_name="checkout"} 1`,
  );
});

it('tells of a node how much it has and how much of it is for pods', () => {
  const node = {
    kind: 'Node',
    metadata: { name: 'node-1' },
    status: { capacity: { cpu: '4', memory: '1Ki' }, allocatable: { cpu: '3500m' } },
  };
  expect(metricsOf({ nodes: node }, 'kube_node_status_')).toEqual([
    'kube_node_status_capacity{node="node-1",resource="cpu",unit="core"} 4',
    'kube_node_status_capacity{node="node-1",resource="memory",unit="byte"} 1024',
    'kube_node_status_allocatable{node="node-1",resource="cpu",unit="core"} 3.5',
  ]);
});

it('counts the periods of a CPU limit, and those that a container used up, only where there is a limit', () => {
  const cluster = new SmallCluster();
  const container = (name: string, limits: Record<string, string>) => ({
    name,
    image: 'node',
    resources: { limits },
  });
  cluster.put('pods', {
    kind: 'Pod',
    metadata: { name: 'checkout-1', namespace: 'shop' },
    spec: { nodeName: 'node-1', containers: [container('held', { cpu: '500m' }), container('free', {})] },
  });
  const usage = (name: string): ContainerUsage => ({
    ...{
      container: name,
      cpuCores: 0.5,
      memoryBytes: 1,
      windowSeconds: 10,
      at: 60_000,
      throttledPeriods: 40,
    },
  });
  const kubelet = { usage: (_: KubeObject) => [usage('held'), usage('free')] } as Partial<Kubelet> as Kubelet;
  const collect = cadvisor(cluster.api, kubelet);
  const told = [...collect()].map(written).filter((text) => text.includes('cfs'));
  const who = 'container="held",image="node",namespace="shop",node="node-1",pod="checkout-1"';
  expect(told).toEqual([
    `container_cpu_cfs_periods_total{${who}} 100`,
    `container_cpu_cfs_throttled_periods_total{${who}} 40`,
  ]);
});
