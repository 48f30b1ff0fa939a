import { alertKey, managerOf } from '../log/alert-episodes.ts';
import type { GameLog } from '../log/log.ts';
import { MergedAlerts } from '../signal/rules/all.ts';
import type { AlertInstance, Monitoring, NotifiedAlert, Ruler } from '../signal/series.ts';
import type { Health } from './poll.ts';

/**
 * Sees alerts come and go, and what Alertmanager does with them, by comparing one look with the next. "Notified" is
 * when Alertmanager has routed the alert to a receiver: its API does not tell when the message left.
 */
export class AlertWatch {
  readonly #monitoring: Monitoring;
  readonly #log: GameLog;
  readonly #health: Health;
  /** What each evaluator told last; for one that does not answer now nothing has changed. */
  readonly #toldBy = new Map<Evaluator, AlertInstance[]>();
  readonly #merged = new MergedAlerts();
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
    const { prometheus, rulers = [] } = this.#monitoring;
    this.#toldBy.set(prometheus, await prometheus.alerts(signal));
    await Promise.all(rulers.map((ruler) => this.#ask(ruler.part, ruler, signal)));
    const alerts = this.#allAlerts();
    this.#alerts = byKey(alerts);
    for (const alert of await this.#notified(signal)) this.#told.set(instanceOf(alert), routeOf(alert));
    await this.#readReceivers(signal);
    return alerts.flatMap(({ name, labels, state }) => (state === 'firing' ? [{ name, labels }] : []));
  }

  /** Alertmanager is asked first: whatever it tells fires by the time that Prometheus is asked. */
  async look(signal: AbortSignal): Promise<void> {
    const { prometheus, rulers = [] } = this.#monitoring;
    const notified = await this.#notified(signal);
    await Promise.all([
      this.#ask('prometheus', prometheus, signal),
      ...rulers.map((ruler) => this.#ask(ruler.part, ruler, signal)),
    ]);
    this.#compare(byKey(this.#allAlerts()));
    const names = new Map(notified.map((one) => [one.fingerprint, one.labels.alertname ?? '']));
    for (const alert of notified) this.#tell(alert, names);
    await this.#lookAtSilences(notified, signal);
  }

  #allAlerts(): AlertInstance[] {
    const { prometheus, rulers = [] } = this.#monitoring;
    return this.#merged.merge([prometheus, ...rulers].map((who) => this.#toldBy.get(who) ?? []));
  }

  async #ask(part: string, who: Evaluator, signal: AbortSignal): Promise<void> {
    const alerts = await this.#health.watch(part, signal, () => who.alerts(signal));
    if (alerts) this.#toldBy.set(who, alerts);
  }

  /** Who holds an alert back, once for each silence. */
  async #lookAtSilences(notified: readonly NotifiedAlert[], signal: AbortSignal): Promise<void> {
    const ids = new Set(notified.flatMap(({ silencedBy }) => silencedBy));
    if ([...ids].every((id) => this.#silences.has(id))) return;
    const silences = await this.#askManagers((manager) => manager.silences(signal), signal);
    for (const silence of silences) {
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
    return this.#askManagers((manager) => manager.alerts(signal), signal);
  }

  /** Alertmanager, and that of an evaluator which has alerts to tell of. */
  async #askManagers<T>(ask: (manager: Manager) => Promise<T[]>, signal: AbortSignal): Promise<T[]> {
    const { alertmanager, rulers = [] } = this.#monitoring;
    const managers = [
      ...(alertmanager ? [{ part: 'alertmanager', manager: alertmanager }] : []),
      ...rulers.flatMap((ruler) => {
        const { part, alertmanager: manager } = ruler;
        const hasAlerts = (this.#toldBy.get(ruler) ?? []).length > 0;
        return manager && hasAlerts ? [{ part: managerOf(part), manager }] : [];
      }),
    ];
    const told = await Promise.all(
      managers.map(({ part, manager }) => this.#health.watch(part, signal, () => ask(manager))),
    );
    return told.flatMap((list) => list ?? []);
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

type Evaluator = Pick<Ruler, 'alerts'>;
type Manager = NonNullable<Ruler['alertmanager']>;

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
