import { alertKey } from '../log/alert-episodes.ts';
import type { GameLog } from '../log/log.ts';
import type { AlertInstance, Monitoring, NotifiedAlert } from '../signal/series.ts';
import type { Health } from './poll.ts';

/**
 * Sees alerts come and go, and what Alertmanager does with them, by comparing one look with the next. "Notified" is
 * when Alertmanager has routed the alert to a receiver: its API does not tell when the message left.
 */
export class AlertWatch {
  readonly #monitoring: Monitoring;
  readonly #log: GameLog;
  readonly #health: Health;
  #alerts = new Map<string, AlertInstance>();
  readonly #told = new Map<string, string>();
  readonly #silences = new Set<string>();

  constructor(monitoring: Monitoring, log: GameLog, health: Health) {
    this.#monitoring = monitoring;
    this.#log = log;
    this.#health = health;
  }

  /** The first look: what is there already is background and no event. Returns what fires. */
  async begin(signal: AbortSignal): Promise<{ name: string; labels: Record<string, string> }[]> {
    const alerts = await this.#monitoring.prometheus.alerts(signal);
    this.#alerts = byKey(alerts);
    const notified = await this.#health.watch('alertmanager', signal, () => this.#notified(signal));
    for (const alert of notified ?? []) this.#told.set(instanceOf(alert), routeOf(alert));
    await this.#readReceivers(signal);
    return alerts.flatMap(({ name, labels, state }) => (state === 'firing' ? [{ name, labels }] : []));
  }

  /** Alertmanager is asked first: whatever it tells fires by the time that Prometheus is asked. */
  async look(signal: AbortSignal): Promise<void> {
    const { prometheus } = this.#monitoring;
    const notified = await this.#health.watch('alertmanager', signal, () => this.#notified(signal));
    const alerts = await this.#health.watch('prometheus', signal, () => prometheus.alerts(signal));
    if (alerts) this.#compare(byKey(alerts));
    const names = new Map((notified ?? []).map((one) => [one.fingerprint, one.labels.alertname ?? '']));
    for (const alert of notified ?? []) this.#tell(alert, names);
    await this.#lookAtSilences(notified ?? [], signal);
  }

  /** Who holds an alert back, once for each silence. */
  async #lookAtSilences(notified: readonly NotifiedAlert[], signal: AbortSignal): Promise<void> {
    const ids = new Set(notified.flatMap(({ silencedBy }) => silencedBy));
    if ([...ids].every((id) => this.#silences.has(id))) return;
    const { alertmanager } = this.#monitoring;
    const silences = await this.#health.watch(
      'alertmanager',
      signal,
      () => alertmanager?.silences(signal) ?? Promise.resolve([]),
    );
    for (const silence of silences ?? []) {
      if (!ids.has(silence.id) || this.#silences.has(silence.id)) continue;
      this.#silences.add(silence.id);
      this.#log.append({ type: 'silence-seen', ...silence });
    }
  }

  /** Routes that cannot be read leave it unknown; that is no failure of Alertmanager. */
  async #readReceivers(signal: AbortSignal): Promise<void> {
    const { alertmanager } = this.#monitoring;
    const routes = await alertmanager?.routes(signal).catch(() => undefined);
    if (alertmanager && !routes) return;
    const integrations = [...(routes?.integrations ?? [])];
    const nowhere = integrations.flatMap(([name, kinds]) => (kinds.length === 0 ? [name] : [])).sort();
    this.#log.append({ type: 'receivers-read', configured: alertmanager !== undefined, nowhere });
  }

  #notified(signal: AbortSignal): Promise<NotifiedAlert[]> {
    return this.#monitoring.alertmanager?.alerts(signal) ?? Promise.resolve([]);
  }

  #compare(now: Map<string, AlertInstance>): void {
    for (const [key, alert] of now) {
      if (this.#alerts.get(key)?.state === alert.state) continue;
      const { name, labels, annotations, state, activeAt } = alert;
      this.#log.append({ type: 'alert-changed', name, labels, annotations, state, activeAt });
    }
    for (const [key, { name, labels, annotations, activeAt }] of this.#alerts) {
      if (now.has(key)) continue;
      this.#log.append({ type: 'alert-changed', name, labels, annotations, state: 'inactive', activeAt });
    }
    this.#alerts = now;
  }

  /** Alertmanager names what inhibits by its fingerprint; people know it by its name. */
  #tell(alert: NotifiedAlert, names: ReadonlyMap<string, string>): void {
    const { labels, receivers, silencedBy, mutedBy } = alert;
    const route = routeOf(alert);
    if (alert.state === 'unprocessed' || this.#told.get(instanceOf(alert)) === route) return;
    this.#told.set(instanceOf(alert), route);
    const name = labels.alertname ?? '';
    if (alert.state === 'suppressed') {
      const inhibitedBy = alert.inhibitedBy.map((id) => names.get(id) || id);
      const muted = mutedBy.length > 0 && { mutedBy };
      this.#log.append({ type: 'alert-suppressed', name, labels, silencedBy, inhibitedBy, ...muted });
    } else {
      this.#log.append({ type: 'alert-notified', name, labels, receivers });
    }
  }
}

function byKey(alerts: AlertInstance[]): Map<string, AlertInstance> {
  return new Map(alerts.map((alert) => [alertKey(alert.name, alert.labels), alert]));
}

/** The same alert that starts again is told again. */
function instanceOf(alert: NotifiedAlert): string {
  return `${alert.fingerprint} ${alert.startsAt}`;
}

function routeOf(alert: NotifiedAlert): string {
  return JSON.stringify([alert.state, alert.receivers]);
}
