import { connectAlertmanager } from '../alertmanager.ts';
import type { AnnotationNames } from '../annotations.ts';
import { Endpoint, type EndpointOptions } from '../http.ts';
import type { Ruler } from '../series.ts';
import { grafanaAlerting } from './all.ts';
import { alertsOf, dataOf, type RawAlerts, type RawRules, rulesOf } from './answer.ts';

/**
 * The rules that a Grafana evaluates itself, and the Alertmanager in it. A Grafana without (it is switched off, or older
 * than 8) has none. Of the expression only the queries are told, without what is computed and compared after: it is
 * never evaluated here. Errors: `grafana-unavailable`, `grafana-error`.
 */
export function connectGrafanaManaged(
  options: EndpointOptions & { annotations?: Partial<AnnotationNames> },
): Ruler {
  const endpoint = new Endpoint('grafana', options);
  const part = grafanaAlerting;
  const manager = connectAlertmanager(
    { ...options, path: `${options.path ?? ''}/api/alertmanager/grafana` },
    { receivers: '/config/api/v1/receivers' },
  );
  let isThere = true;
  const get = async <T extends object>(path: string, signal?: AbortSignal): Promise<T | undefined> => {
    if (!isThere) return undefined;
    const answer = await endpoint.get(`/api/prometheus/grafana${path}`, [], signal);
    isThere = answer.status !== 404;
    const todo = 'May this account read alert rules (a Viewer may)?';
    return isThere ? dataOf<T>(endpoint, answer, { who: 'Grafana', todo }) : undefined;
  };
  return {
    part,
    url: endpoint.url,
    rules: async (signal) => {
      const raw = await get<RawRules>('/api/v1/rules', signal);
      const { alerting } = rulesOf(raw ?? {}, options.annotations);
      // What it records is written to a Prometheus, by a query that is told in parts only.
      return { alerting: alerting.map((rule) => ({ ...rule, ruler: part, notPromql: true })), recording: [] };
    },
    alerts: async (signal) => {
      const raw = await get<RawAlerts>('/api/v1/alerts', signal);
      return alertsOf(raw ?? {}, options.annotations).map(withoutInternal);
    },
    alertmanager: {
      ...manager,
      alerts: async (signal) => (await manager.alerts(signal)).map(withoutInternal),
    },
  };
}

/** Its Alertmanager tells labels of Grafana's own (`__alert_rule_uid__`) that the alert does not have elsewhere. */
function withoutInternal<T extends { labels: Record<string, string> }>(alert: T): T {
  const labels = Object.entries(alert.labels).filter(([label]) => !label.startsWith('__'));
  return { ...alert, labels: Object.fromEntries(labels) };
}
