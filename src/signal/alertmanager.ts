import { readAlertRoutes } from './alert-routes.ts';
import { Endpoint, type EndpointOptions } from './http.ts';
import { jsonOf } from './json-answer.ts';
import type { Alertmanager, NotifiedAlert } from './series.ts';

/** An Alertmanager (API v2). Errors: `alertmanager-unavailable`, `alertmanager-error`. */
export function connectAlertmanager(options: EndpointOptions): Alertmanager {
  const endpoint = new Endpoint('alertmanager', options);
  return {
    url: endpoint.url,
    alerts: async (signal) => {
      const raw = jsonOf<RawAlert[]>(endpoint, await endpoint.get('/api/v2/alerts', [], signal));
      return raw.map(notifiedAlert);
    },
    receivers: async (signal) => {
      const raw = jsonOf<{ name: string }[]>(endpoint, await endpoint.get('/api/v2/receivers', [], signal));
      return raw.map(({ name }) => name);
    },
    routes: async (signal) => {
      const raw = jsonOf<{ config?: { original?: string } }>(
        endpoint,
        await endpoint.get('/api/v2/status', [], signal),
      );
      return readAlertRoutes(raw.config?.original ?? '');
    },
  };
}

interface RawAlert {
  labels: Record<string, string>;
  annotations?: Record<string, string>;
  startsAt: string;
  endsAt?: string;
  fingerprint: string;
  receivers?: { name: string }[];
  status: { state: NotifiedAlert['state']; silencedBy?: string[]; inhibitedBy?: string[] };
}

function notifiedAlert(raw: RawAlert): NotifiedAlert {
  const endsAt = raw.endsAt === undefined ? Number.NaN : Date.parse(raw.endsAt);
  return {
    labels: raw.labels,
    annotations: raw.annotations ?? {},
    startsAt: Date.parse(raw.startsAt),
    // Go's zero time (year 1) stands for "not set".
    ...(endsAt > 0 && { endsAt }),
    state: raw.status.state,
    silencedBy: raw.status.silencedBy ?? [],
    inhibitedBy: raw.status.inhibitedBy ?? [],
    receivers: (raw.receivers ?? []).map(({ name }) => name),
    fingerprint: raw.fingerprint,
  };
}
