import type { AlertRule, Dashboard, RecordingRule } from '../../src/signal/series.ts';
import { type Asked, answering } from '../signal/http-server.ts';

/**
 * Monitoring that a cluster brings along for everybody, of the shape of kube-prometheus: 33 dashboards with the same
 * few variables, and 234 rules. Some targets are scraped every 60 s, some every 15 s; nothing has a label `cluster`.
 */

interface Job {
  /** Prometheus' words: 60s as 1m. */
  interval: '1m' | '15s';
  counters: string[];
  gauges: string[];
}

export const jobs: Record<string, Job> = {
  kubelet: {
    interval: '1m',
    counters: ['container_cpu_usage_seconds_total', 'container_network_receive_bytes_total'],
    gauges: ['container_memory_working_set_bytes', 'kubelet_running_pods'],
  },
  'kube-state-metrics': {
    interval: '1m',
    counters: ['kube_pod_container_status_restarts_total'],
    gauges: ['kube_deployment_status_replicas', 'kube_pod_status_phase', 'kube_namespace_status_phase'],
  },
  'node-exporter': {
    interval: '15s',
    counters: ['node_cpu_seconds_total', 'node_disk_io_time_seconds_total'],
    gauges: ['node_load1', 'node_memory_MemAvailable_bytes'],
  },
  apiserver: {
    interval: '15s',
    counters: ['apiserver_request_total', 'apiserver_request_terminations_total'],
    gauges: ['apiserver_storage_objects'],
  },
};
const namespaces = ['default', 'kube-system', 'monitoring', 'shop'];
const names = Object.keys(jobs);

const query = (name: string, text: string) => ({
  ...{ name, type: 'query', query: { query: text, refId: 'Variable' }, refresh: 2, sort: 1 },
  datasource: { type: 'prometheus', uid: '${datasource}' },
});
const variables = [
  {
    name: 'datasource',
    type: 'datasource',
    query: 'prometheus',
    current: { text: 'default', value: 'default' },
  },
  { ...query('cluster', 'label_values(up{job="kubelet"}, cluster)'), allValue: '.*' },
  query('namespace', 'label_values(kube_namespace_status_phase{cluster="$cluster"}, namespace)'),
  {
    ...query('instance', 'label_values(up{job="node-exporter", cluster="$cluster"}, instance)'),
    ...{ multi: true, includeAll: true },
  },
  { name: 'resolution', type: 'interval', query: '30s,5m,1h', current: { text: '5m', value: '5m' } },
];

/** Panels of all kinds that those dashboards have: rates, gauges, joins through recording rules, ratios. */
function panelsOf(board: number): object[] {
  const { counters, gauges } = jobs[names[board % names.length]!]!;
  const exprs = [
    ...counters.flatMap((name) => [
      `sum by (namespace) (rate(${name}{cluster="$cluster"}[$__rate_interval]))`,
      `sum(rate(${name}{cluster="$cluster", namespace="$namespace"}[$__rate_interval])) by (pod)`,
      `topk(5, rate(${name}{instance=~"$instance"}[$resolution]))`,
    ]),
    ...gauges.flatMap((name) => [
      `sum(${name}{cluster="$cluster"})`,
      `max by (instance) (${name}{cluster="$cluster", instance="$instance"})`,
    ]),
    'sum by (workload) (node_namespace_pod_container:container_cpu_usage{cluster="$cluster", namespace="$namespace"})',
  ];
  return exprs.map((expr, at) => ({
    ...{
      id: at + 1,
      type: 'timeseries',
      title: `Usage ${at + 1}`,
      gridPos: { x: 0, y: at * 8, w: 12, h: 8 },
    },
    datasource: { type: 'prometheus', uid: '${datasource}' },
    targets: [{ refId: 'A', expr, legendFormat: '{{pod}}' }],
    ...(expr.includes('instance="$instance"') && { repeat: 'instance', title: `Of $instance ${at}` }),
  }));
}

export const foreignDashboards: Dashboard[] = Array.from({ length: 33 }, (_, board) => {
  const title = `Kubernetes / Part ${board + 1}`;
  const uid = `a-mixin-${String(board + 10)}`;
  const model = {
    ...{ uid, title, tags: ['kubernetes-mixin'], schemaVersion: 14 },
    ...{ templating: { list: variables }, panels: panelsOf(board) },
  };
  return { uid, title, model };
});

export const foreignRules: { alerting: AlertRule[]; recording: RecordingRule[] } = {
  alerting: Array.from({ length: 140 }, (_, at): AlertRule => {
    const { counters } = jobs[names[at % names.length]!]!;
    return {
      ...{ name: `KubeThing${at}IsWrong`, group: `kubernetes-${at % 12}`, file: '/etc/rules/kube.yaml' },
      query: `sum by (namespace) (rate(${counters[0]}[5m])) > ${1000 + at}`,
      ...{ for: 900, keepFiringFor: 0, interval: 30, labels: { severity: 'warning' } },
      annotations: {
        summary: 'Something of the cluster is wrong.',
        runbook_url: `https://runbooks.example/${at}`,
      },
      health: 'ok',
    };
  }),
  recording: Array.from({ length: 94 }, (_, at): RecordingRule => {
    const { counters } = jobs[names[at % names.length]!]!;
    const query = `sum by (cluster, namespace) (rate(${counters.at(-1)}[5m]))`;
    return { name: `cluster:thing_${at}:rate5m`, group: `k8s.rules-${at % 9}`, query, health: 'ok' };
  }),
};

/** Answers what those dashboards ask before they are drawn: variables, targets, and which job a metric is of. */
export async function kubePrometheusLike() {
  const good = (data: unknown) => ({ body: { status: 'success', data } });
  return await answering(({ path, parameters }: Asked) => {
    const label = /label\/(\w+)\/values$/.exec(path)?.[1];
    if (label === 'namespace') return good(namespaces);
    if (label === 'instance') return good(['10.0.0.1:9100', '10.0.0.2:9100']);
    if (label) return good([]);
    if (path === '/api/datasources')
      return { body: [{ uid: 'p1', name: 'prometheus', type: 'prometheus', isDefault: true }] };
    if (path.endsWith('/targets'))
      return good({
        activeTargets: Object.entries(jobs).map(([job, { interval }]) => ({
          labels: { job },
          scrapeInterval: interval,
        })),
      });
    if (path.endsWith('/query') && /^group by/.test(parameters.get('query') ?? '')) {
      const result = Object.entries(jobs).flatMap(([job, { counters, gauges }]) =>
        [...counters, ...gauges].map((name) => ({ metric: { __name__: name, job }, value: [1, '1'] })),
      );
      return good({ resultType: 'vector', result });
    }
    return { status: 404, body: { message: 'not found' } };
  });
}
