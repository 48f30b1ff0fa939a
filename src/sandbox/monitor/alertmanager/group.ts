import { type Alert, isResolved } from '../../../alerting/alerts.ts';
import type { Integration, Route } from '../../../alerting/config.ts';
import type { NotificationLog } from '../../../alerting/notification-log.ts';
import type { LabelSet } from '../../../promql/series/labels.ts';
import type { SandboxClock } from '../../api.ts';

export interface Notification {
  readonly route: Route;
  readonly groupLabels: LabelSet;
  readonly integration: Integration;
  readonly alerts: readonly Alert[];
  /** When it was decided to send, ms since epoch. */
  readonly time: number;
}

/** Alerts that are notified together: waits, sends, and sends again as Alertmanager's aggregation group does. */
export class AlertGroup {
  readonly route: Route;
  readonly labels: LabelSet;
  readonly #alerts = new Map<string, Alert>();
  readonly #log: NotificationLog;
  readonly #clock: SandboxClock;
  readonly #integrations: readonly Integration[];
  readonly #isMuted: (alert: Alert) => boolean;
  readonly #mutedBy: () => readonly string[];
  readonly #send: (notification: Notification) => Promise<boolean>;
  #cancel: (() => void) | undefined;
  #flushed = false;

  constructor(
    route: Route,
    labels: LabelSet,
    parts: {
      clock: SandboxClock;
      /** What was sent for these alerts on this route, also by a group before a reload. */
      log: NotificationLog;
      integrations: readonly Integration[];
      /** Silenced or inhibited right now. */
      isMuted: (alert: Alert) => boolean;
      /** Names of the time intervals by which the route says nothing right now. */
      mutedBy: () => readonly string[];
      /** Resolves to whether it arrived; what did not is tried again at the next flush. */
      send: (notification: Notification) => Promise<boolean>;
    },
  ) {
    this.route = route;
    this.labels = labels;
    this.#log = parts.log;
    this.#clock = parts.clock;
    this.#integrations = parts.integrations;
    this.#isMuted = parts.isMuted;
    this.#mutedBy = parts.mutedBy;
    this.#send = parts.send;
  }

  get alerts(): readonly Alert[] {
    return [...this.#alerts.values()];
  }

  get mutedBy(): readonly string[] {
    return this.#mutedBy();
  }

  get isEmpty(): boolean {
    return this.#alerts.size === 0;
  }

  add(alert: Alert): void {
    this.#alerts.set(alert.fingerprint, alert);
    const isLate = alert.startsAt + this.route.groupWaitMs < this.#clock.now();
    if (!this.#cancel) this.#schedule(isLate ? 0 : this.route.groupWaitMs);
    else if (!this.#flushed && isLate) this.#schedule(0);
  }

  /** No more notifications until an alert is added. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#flushed = false;
  }

  #schedule(ms: number): void {
    this.#cancel?.();
    this.#cancel = this.#clock.setTimeout(() => {
      this.#flushed = true;
      this.#schedule(this.route.groupIntervalMs);
      void this.#flush();
    }, ms);
  }

  async #flush(): Promise<void> {
    const now = this.#clock.now();
    const audible = this.alerts.filter((alert) => !this.#isMuted(alert));
    const ended = this.alerts.filter((alert) => isResolved(alert, now));
    // What was told before the route was muted stays told: it is not told again when it may speak.
    const integrations = this.mutedBy.length > 0 ? [] : this.#integrations;
    const sent = await Promise.all(integrations.map((one) => this.#notify(one, audible, now)));
    if (sent.every(Boolean)) {
      for (const alert of ended) {
        if (this.#alerts.get(alert.fingerprint) === alert) this.#alerts.delete(alert.fingerprint);
      }
    }
    if (this.isEmpty) this.stop();
  }

  async #notify(integration: Integration, audible: readonly Alert[], time: number): Promise<boolean> {
    const { repeatIntervalMs } = this.route;
    const due = this.#log.due(integration, audible, { time, repeatIntervalMs });
    if (!due) return true;
    const { alerts } = due;
    const notification = { route: this.route, groupLabels: this.labels, integration, alerts, time };
    if (alerts.length > 0 && !(await this.#send(notification))) return false;
    this.#log.sent(integration, due);
    return true;
  }
}
