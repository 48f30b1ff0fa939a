import { Endpoint, type EndpointOptions } from './http.ts';
import { jsonOf } from './json-answer.ts';
import type { Dashboard, DashboardSummary, Grafana } from './series.ts';

/** A page of Grafana's search; its own limit is 5000. */
const pageSize = 1000;

/** A Grafana by its HTTP API. Errors: `grafana-unavailable`, `grafana-error`. */
export function connectGrafana(options: EndpointOptions): Grafana {
  const endpoint = new Endpoint('grafana', options);
  return {
    url: endpoint.url,
    search: async (signal) => {
      const found: DashboardSummary[] = [];
      for (let page = 1; ; page++) {
        const parameters: [string, string][] = [
          ['type', 'dash-db'],
          ['limit', String(pageSize)],
          ['page', String(page)],
        ];
        const answer = await endpoint.get('/api/search', parameters, signal);
        const items = jsonOf<{ uid: string; title: string; tags?: string[] }[]>(endpoint, answer);
        found.push(...items.map(({ uid, title, tags }) => ({ uid, title, tags: tags ?? [] })));
        if (items.length < pageSize) return found;
      }
    },
    dashboard: async (uid, signal) => {
      const answer = await endpoint.get(`/api/dashboards/uid/${encodeURIComponent(uid)}`, [], signal);
      const { dashboard } = jsonOf<{ dashboard: Record<string, unknown> }>(endpoint, answer);
      return { uid, title: String(dashboard.title ?? uid), model: dashboard } satisfies Dashboard;
    },
  };
}
