import type { Cluster } from '../cluster/cluster.ts';
import { connectAlertmanager } from './alertmanager.ts';
import type { AnnotationNames } from './annotations.ts';
import { connectGrafana } from './grafana.ts';
import type { EndpointOptions } from './http.ts';
import { connectPrometheus } from './prometheus.ts';
import { connectGrafanaManaged } from './rules/grafana-managed.ts';
import { connectRuler, type RulerOptions } from './rules/ruler.ts';
import type { Monitoring } from './series.ts';

/** Where the parts of a monitoring system are, as misfortune.yaml or the sandbox's state says it. */
export interface MonitoringOptions {
  prometheus: EndpointOptions;
  alertmanager?: EndpointOptions;
  /** The rules that it evaluates itself are read as well. */
  grafana?: EndpointOptions;
  rulers?: RulerOptions[];
  /** Names of a team's own. */
  annotations?: Partial<AnnotationNames>;
}

/** Clients for what is configured; nothing is asked yet. `cluster` is for `service:` endpoints. */
export function connectMonitoring(options: MonitoringOptions, cluster?: Cluster): Monitoring {
  const { prometheus, alertmanager, grafana, rulers = [], annotations } = options;
  const evaluators = [
    ...rulers.map((ruler) => connectRuler({ cluster, annotations, ...ruler })),
    ...(grafana ? [connectGrafanaManaged({ cluster, annotations, ...grafana })] : []),
  ];
  return {
    prometheus: connectPrometheus({ cluster, annotations, ...prometheus }),
    ...(alertmanager && { alertmanager: connectAlertmanager({ cluster, ...alertmanager }) }),
    ...(grafana && { grafana: connectGrafana({ cluster, ...grafana }) }),
    ...(evaluators.length > 0 && { rulers: evaluators }),
  };
}
