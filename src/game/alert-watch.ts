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

  constructor(monitoring: Monitoring, log: GameLog, health: Health) {
    this.#monitoring = monitoring;
    this.#log = log;
    this.#health = health;
  }

  /** The first look: what is there already is background and no event. Returns the names of what fires. */
  async begin(signal: AbortSignal): Promise<string[]> {
    const alerts = await this.#monitoring.prometheus.alerts(signal);
    this.#alerts = byKey(alerts);
    const notified = await this.#health.watch('alertmanager', signal, () => this.#notified(signal));
    for (const alert of notified ?? []) this.#told.set(instanceOf(alert), routeOf(alert));
    return [...new Set(alerts.filter((one) => one.state === 'firing').map((one) => one.name))].sort();
  }

  async look(signal: AbortSignal): Promise<void> {
    const { prometheus } = this.#monitoring;
    const alerts = await this.#health.watch('prometheus', signal, () => prometheus.alerts(signal));
    if (alerts) this.#compare(byKey(alerts));
    const notified = await this.#health.watch('alertmanager', signal, () => this.#notified(signal));
    for (const alert of notified ?? []) this.#tell(alert);
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

  #tell(alert: NotifiedAlert): void {
    const { labels, receivers, silencedBy, inhibitedBy } = alert;
    const route = routeOf(alert);
    if (alert.state === 'unprocessed' || this.#told.get(instanceOf(alert)) === route) return;
    this.#told.set(instanceOf(alert), route);
    const name = labels.alertname ?? '';
    if (alert.state === 'suppressed') {
      this.#log.append({ type: 'alert-suppressed', name, labels, silencedBy, inhibitedBy });
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
