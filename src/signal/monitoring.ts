import type { Cluster } from '../cluster/cluster.ts';
import { connectAlertmanager } from './alertmanager.ts';
import { connectGrafana } from './grafana.ts';
import type { EndpointOptions } from './http.ts';
import { connectPrometheus } from './prometheus.ts';
import type { Monitoring } from './series.ts';

/** Where the parts of a monitoring system are, as misfortune.yaml or the sandbox's state says it. */
export interface MonitoringOptions {
  prometheus: EndpointOptions;
  alertmanager?: EndpointOptions;
  grafana?: EndpointOptions;
}

/** Clients for what is configured; nothing is asked yet. `cluster` is for `service:` endpoints. */
export function connectMonitoring(options: MonitoringOptions, cluster?: Cluster): Monitoring {
  const { prometheus, alertmanager, grafana } = options;
  return {
    prometheus: connectPrometheus({ cluster, ...prometheus }),
    ...(alertmanager && { alertmanager: connectAlertmanager({ cluster, ...alertmanager }) }),
    ...(grafana && { grafana: connectGrafana({ cluster, ...grafana }) }),
  };
}
