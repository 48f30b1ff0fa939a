import { alertKey, managerOf } from '../../log/alert-episodes.ts';
import type { GameLog } from '../../log/log.ts';
import { MergedAlerts } from '../../signal/rules/all.ts';
import type { AlertInstance, Monitoring, NotifiedAlert, Ruler } from '../../signal/series.ts';
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
    await Promise.all(rulers.map((ruler) => this.#ask(asPlace(ruler), signal)));
    const alerts = this.#allAlerts();
    this.#alerts = byKey(alerts);
    const places = [this.#prometheus(), ...rulers.map(asPlace)];
    const notified = await Promise.all(places.map((place) => this.#notified(place, signal)));
    for (const alert of notified.flat()) this.#told.set(instanceOf(alert), routeOf(alert));
    await this.#readReceivers(signal);
    return alerts.flatMap(({ name, labels, state }) => (state === 'firing' ? [{ name, labels }] : []));
  }

  /** At Prometheus and its Alertmanager. */
  async look(signal: AbortSignal): Promise<void> {
    await this.#lookAt(this.#prometheus(), signal);
  }

  /** At another evaluator: one that is slow delays nobody else's alerts. */
  async lookAtRuler(ruler: Ruler, signal: AbortSignal): Promise<void> {
    await this.#lookAt(asPlace(ruler), signal);
  }

  /** Alertmanager is asked first: whatever it tells fires by the time that the evaluator is asked. */
  async #lookAt(place: Place, signal: AbortSignal): Promise<void> {
    const notified = await this.#notified(place, signal);
    await this.#ask(place, signal);
    this.#compare(byKey(this.#allAlerts()));
    const names = new Map(notified.map((one) => [one.fingerprint, one.labels.alertname ?? '']));
    for (const alert of notified) this.#tell(alert, names);
    await this.#lookAtSilences(place, notified, signal);
  }

  #prometheus(): Place {
    const { prometheus, alertmanager } = this.#monitoring;
    return { part: 'prometheus', who: prometheus, manager: alertmanager, managerPart: 'alertmanager' };
  }

  #allAlerts(): AlertInstance[] {
    const { prometheus, rulers = [] } = this.#monitoring;
    return this.#merged.merge([prometheus, ...rulers].map((who) => this.#toldBy.get(who) ?? []));
  }

  async #ask({ part, who }: Place, signal: AbortSignal): Promise<void> {
    const alerts = await this.#health.watch(part, signal, () => who.alerts(signal));
    if (alerts) this.#toldBy.set(who, alerts);
  }

  /** A ruler's own Alertmanager is only asked while there are alerts to tell of. */
  async #notified({ part, who, manager, managerPart }: Place, signal: AbortSignal): Promise<NotifiedAlert[]> {
    if (!manager || (part !== 'prometheus' && (this.#toldBy.get(who) ?? []).length === 0)) return [];
    return (await this.#health.watch(managerPart, signal, () => manager.alerts(signal))) ?? [];
  }

  /** Who holds an alert back, once for each silence. */
  async #lookAtSilences(
    { manager, managerPart }: Place,
    notified: readonly NotifiedAlert[],
    signal: AbortSignal,
  ): Promise<void> {
    const ids = new Set(notified.flatMap(({ silencedBy }) => silencedBy));
    if (!manager || [...ids].every((id) => this.#silences.has(id))) return;
    const silences = await this.#health.watch(managerPart, signal, () => manager.silences(signal));
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
    const receivers = routes?.receivers ?? [];
    const nowhere = receivers
      .flatMap(({ name, integrations }) => (integrations.length === 0 ? [name] : []))
      .sort();
    this.#log.append({ type: 'receivers-read', configured: alertmanager !== undefined, nowhere });
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

/** Who evaluates, and who is told; the parts are their names in the log. */
interface Place {
  part: string;
  who: Evaluator;
  manager: Ruler['alertmanager'];
  managerPart: string;
}

function asPlace(ruler: Ruler): Place {
  const { part, alertmanager } = ruler;
  return { part, who: ruler, manager: alertmanager, managerPart: managerOf(part) };
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
