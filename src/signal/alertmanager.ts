import { type AlertmanagerConfig, readAlertmanagerConfig } from '../alerting/config.ts';
import { describeError, MisfortuneError } from '../errors.ts';
import { Endpoint, type EndpointOptions } from './http.ts';
import { jsonOf } from './json-answer.ts';
import type { Alertmanager, NotifiedAlert, Silence } from './series.ts';

/** An Alertmanager (API v2). Errors: `alertmanager-unavailable`, `alertmanager-error`. `receivers`: where it lists them. */
export function connectAlertmanager(
  options: EndpointOptions,
  { receivers = '/api/v2/receivers' }: { receivers?: string } = {},
): Alertmanager {
  const endpoint = new Endpoint('alertmanager', options);
  return {
    url: endpoint.url,
    alerts: async (signal) => {
      const raw = jsonOf<RawAlert[]>(endpoint, await endpoint.get('/api/v2/alerts', [], signal));
      return raw.map(notifiedAlert);
    },
    silences: async (signal) => {
      const raw = jsonOf<RawSilence[]>(endpoint, await endpoint.get('/api/v2/silences', [], signal));
      return raw.map(silenceOf);
    },
    receivers: async (signal) => {
      const raw = jsonOf<{ name: string }[]>(endpoint, await endpoint.get(receivers, [], signal));
      return raw.map(({ name }) => name);
    },
    routes: async (signal) => {
      const raw = jsonOf<{ config?: { original?: string } }>(
        endpoint,
        await endpoint.get('/api/v2/status', [], signal),
      );
      return routesOf(raw.config?.original ?? '');
    },
  };
}

function routesOf(config: string): AlertmanagerConfig {
  try {
    return readAlertmanagerConfig(config, { isForeign: true });
  } catch (error) {
    throw new MisfortuneError(
      'unreadable-routes',
      `Alertmanager's configuration is not understood. ${describeError(error)}`,
    );
  }
}

interface RawAlert {
  labels: Record<string, string>;
  annotations?: Record<string, string>;
  startsAt: string;
  endsAt?: string;
  fingerprint: string;
  receivers?: { name: string }[];
  status: {
    state: NotifiedAlert['state'];
    silencedBy?: string[];
    inhibitedBy?: string[];
    mutedBy?: string[];
  };
}

interface RawSilence {
  id: string;
  createdBy?: string;
  comment?: string;
  startsAt: string;
  endsAt: string;
  /** `isEqual` is missing in Alertmanagers before 0.22: there it is true. */
  matchers: { name: string; value: string; isRegex: boolean; isEqual?: boolean }[];
}

function silenceOf({ id, createdBy = '', comment = '', startsAt, endsAt, matchers }: RawSilence): Silence {
  return {
    id,
    createdBy,
    comment,
    startsAt: Date.parse(startsAt),
    endsAt: Date.parse(endsAt),
    matchers: matchers.map(({ name, value, isRegex, isEqual = true }) => {
      return `${name}${isEqual ? '=' : '!'}${isRegex ? '~' : isEqual ? '' : '='}${JSON.stringify(value)}`;
    }),
  };
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
    mutedBy: raw.status.mutedBy ?? [],
    receivers: (raw.receivers ?? []).map(({ name }) => name),
    fingerprint: raw.fingerprint,
  };
}
