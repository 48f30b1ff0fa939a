import { type Alert, AlertStore, isResolved } from '../../../alerting/alerts.ts';
import type { AlertmanagerConfig, Route } from '../../../alerting/config.ts';
import { inhibitors } from '../../../alerting/inhibit.ts';
import { NotificationLog } from '../../../alerting/notification-log.ts';
import { groupLabels, routesFor } from '../../../alerting/route.ts';
import { Silences } from '../../../alerting/silences.ts';
import { mutedBy } from '../../../alerting/time-intervals.ts';
import { LabelSet } from '../../../promql/series/labels.ts';
import type { SandboxClock } from '../../api.ts';
import { AlertGroup, type Notification } from './group.ts';
import { postWebhook, webhookPayload } from './webhook.ts';

/** Notifications kept for the embedded receivers. */
const KEPT_NOTIFICATIONS = 1000;
const WEBHOOK_TIMEOUT_MS = 10_000;

/** An alert as Prometheus sends it. Times are ms since epoch. */
export interface ReceivedAlert {
  readonly labels: LabelSet;
  readonly annotations: Readonly<Record<string, string>>;
  readonly generatorURL: string;
  readonly startsAt?: number | undefined;
  readonly endsAt?: number | undefined;
}

export interface DeliveredNotification {
  readonly receiver: string;
  readonly integration: string;
  readonly time: number;
  readonly payload: ReturnType<typeof webhookPayload>;
}

/** Takes alerts, groups and routes them, and notifies receivers. */
export class Alertmanager {
  readonly silences = new Silences();
  readonly store = new AlertStore();
  readonly #clock: SandboxClock;
  readonly #signal: AbortSignal;
  #config: AlertmanagerConfig;
  readonly #groups = new Map<Route, Map<string, AlertGroup>>();
  /** What was sent, by route, group and receiver: it outlasts a reload, so that nobody is told twice. */
  readonly #logs = new Map<string, NotificationLog>();
  readonly #delivered: DeliveredNotification[] = [];
  readonly #counts = new Map<
    string,
    { receiver: string; integration: string; sent: number; failed: number }
  >();
  /** Where this Alertmanager is reached, as payloads say it. */
  externalURL = '';

  constructor(config: AlertmanagerConfig, { clock, signal }: { clock: SandboxClock; signal: AbortSignal }) {
    this.#config = config;
    this.#clock = clock;
    this.#signal = signal;
    this.#countAll();
  }

  get config(): AlertmanagerConfig {
    return this.#config;
  }

  /** Takes another configuration into use: every alert is routed anew, also one whose end is still to be told. */
  reload(config: AlertmanagerConfig): void {
    const alerts = new Map(
      this.groups().flatMap((group) => group.alerts.map((alert) => [alert.fingerprint, alert])),
    );
    this.stop();
    this.#config = config;
    this.#countAll();
    for (const alert of alerts.values())
      for (const route of routesFor(config.route, alert.labels)) this.#groupOf(route, alert).add(alert);
  }

  get now(): number {
    return this.#clock.now();
  }

  receive(alerts: readonly ReceivedAlert[]): void {
    const now = this.now;
    for (const { startsAt, endsAt, ...rest } of alerts) {
      const alert = this.store.put({
        ...rest,
        startsAt: startsAt ?? endsAt ?? now,
        endsAt: endsAt ?? now + this.config.resolveTimeoutMs,
        updatedAt: now,
      });
      for (const route of routesFor(this.config.route, alert.labels)) this.#dispatch(route, alert);
    }
    this.store.forgetBefore(now - this.config.resolveTimeoutMs);
  }

  /** Groups that hold an alert, in the order they came up. */
  groups(): AlertGroup[] {
    return [...this.#groups.values()]
      .flatMap((groups) => [...groups.values()])
      .filter((group) => !group.isEmpty);
  }

  status(alert: Alert): {
    state: 'active' | 'suppressed';
    silencedBy: string[];
    inhibitedBy: string[];
    mutedBy: string[];
  } {
    const silencedBy = this.silences.silencing(alert.labels, this.now);
    const rules = this.config.inhibitRules;
    const inhibitedBy = rules.length === 0 ? [] : inhibitors(rules, alert, this.store.firing(this.now));
    const isQuiet = silencedBy.length > 0 || inhibitedBy.length > 0;
    return {
      state: isQuiet ? 'suppressed' : 'active',
      silencedBy,
      inhibitedBy,
      mutedBy: this.#mutedBy(alert),
    };
  }

  /** Time intervals by which the routes of an alert say nothing now; none if one of them may. */
  #mutedBy(alert: Alert): string[] {
    const each = routesFor(this.config.route, alert.labels).map((route) =>
      mutedBy(route, this.config.timeIntervals, this.now),
    );
    return each.every((names) => names.length > 0) ? [...new Set(each.flat())] : [];
  }

  /** What the receivers were told, oldest first. */
  delivered(): readonly DeliveredNotification[] {
    return this.#delivered;
  }

  /** Its own metrics, under the names of the real one. */
  metrics(): { labels: LabelSet; value: number }[] {
    const counters = [...this.#counts.values()].flatMap(({ receiver, integration, sent, failed }) => {
      // The real one names the receiver only by a feature flag, and then as receiver_name.
      const labels = { receiver, receiver_name: receiver, integration };
      return [
        { labels: LabelSet.from({ __name__: 'alertmanager_notifications_total', ...labels }), value: sent },
        {
          labels: LabelSet.from({ __name__: 'alertmanager_notifications_failed_total', ...labels }),
          value: failed,
        },
      ];
    });
    const firing = this.store.firing(this.now);
    const suppressed = firing.filter((alert) => this.status(alert).state === 'suppressed').length;
    const gauge = (state: string, value: number) => ({
      labels: LabelSet.from({ __name__: 'alertmanager_alerts', state }),
      value,
    });
    return [...counters, gauge('active', firing.length - suppressed), gauge('suppressed', suppressed)];
  }

  stop(): void {
    for (const groups of this.#groups.values()) for (const group of groups.values()) group.stop();
    this.#groups.clear();
  }

  #logOf({ key, receiver }: Route, labels: LabelSet): NotificationLog {
    const place = [key, labels.key, receiver].join('\n');
    const log = this.#logs.get(place) ?? new NotificationLog();
    this.#logs.set(place, log);
    return log;
  }

  #dispatch(route: Route, alert: Alert): void {
    const isKnown = this.#groups.get(route)?.has(groupLabels(route, alert.labels).key) ?? false;
    // The end of something nobody was told about is no news.
    if (isKnown || !isResolved(alert, this.now)) this.#groupOf(route, alert).add(alert);
  }

  #groupOf(route: Route, alert: Alert): AlertGroup {
    const groups = this.#groups.get(route) ?? new Map<string, AlertGroup>();
    this.#groups.set(route, groups);
    const labels = groupLabels(route, alert.labels);
    const group = groups.get(labels.key) ?? this.#newGroup(route, labels);
    groups.set(labels.key, group);
    return group;
  }

  #newGroup(route: Route, labels: LabelSet): AlertGroup {
    return new AlertGroup(route, labels, {
      clock: this.#clock,
      log: this.#logOf(route, labels),
      integrations: this.config.receivers.find(({ name }) => name === route.receiver)!.integrations,
      isMuted: (one) => this.status(one).state === 'suppressed',
      mutedBy: () => mutedBy(route, this.config.timeIntervals, this.now),
      send: (notification) => this.#send(notification),
    });
  }

  async #send(notification: Notification): Promise<boolean> {
    const { integration, route, time } = notification;
    const payload = webhookPayload(notification, this.externalURL);
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(WEBHOOK_TIMEOUT_MS)]);
    const arrived = integration.url === undefined || (await postWebhook(integration.url, payload, signal));
    const count = this.#count(route.receiver, integration.name);
    count.sent++;
    if (!arrived) count.failed++;
    else this.#delivered.push({ receiver: route.receiver, integration: integration.name, time, payload });
    if (this.#delivered.length > KEPT_NOTIFICATIONS) this.#delivered.shift();
    return arrived;
  }

  /** A rate sees the first notification of a receiver only if there was a zero before. */
  #countAll(): void {
    for (const { name, integrations } of this.config.receivers)
      for (const integration of integrations) this.#count(name, integration.name);
  }

  #count(receiver: string, integration: string) {
    const key = `${receiver}\n${integration}`;
    const count = this.#counts.get(key) ?? { receiver, integration, sent: 0, failed: 0 };
    this.#counts.set(key, count);
    return count;
  }
}
