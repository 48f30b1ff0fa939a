import { fingerprint } from '../promql/series/fingerprint.ts';
import type { LabelSet } from '../promql/series/labels.ts';

/** An alert as Alertmanager keeps it. Times are ms since epoch. */
export interface Alert {
  readonly fingerprint: string;
  readonly labels: LabelSet;
  readonly annotations: Readonly<Record<string, string>>;
  readonly generatorURL: string;
  readonly startsAt: number;
  /** In the future while it fires. */
  readonly endsAt: number;
  readonly updatedAt: number;
}

export function isResolved(alert: Alert, now: number): boolean {
  return alert.endsAt <= now;
}

/** The alerts that were received, merged by their labels. */
export class AlertStore {
  readonly #alerts = new Map<string, Alert>();

  /** Takes over a new report; one episode keeps the earliest start. Returns the alert as kept. */
  put(report: Omit<Alert, 'fingerprint'>): Alert {
    const id = fingerprint(report.labels);
    const known = this.#alerts.get(id);
    const continues = known && known.endsAt > report.startsAt && known.startsAt < report.endsAt;
    const alert = {
      ...report,
      fingerprint: id,
      startsAt: continues ? Math.min(known.startsAt, report.startsAt) : report.startsAt,
    };
    this.#alerts.set(id, alert);
    return alert;
  }

  get(id: string): Alert | undefined {
    return this.#alerts.get(id);
  }

  firing(now: number): Alert[] {
    return [...this.#alerts.values()].filter((alert) => !isResolved(alert, now));
  }

  /** Forgets alerts that ended before `time`. */
  forgetBefore(time: number): void {
    for (const [id, alert] of this.#alerts) if (alert.endsAt < time) this.#alerts.delete(id);
  }
}
