import { type Alert, isResolved } from './alerts.ts';
import type { Integration } from './config.ts';

/** What an integration was sent last; fingerprints. */
interface Entry {
  readonly time: number;
  readonly firing: ReadonlySet<string>;
  readonly resolved: ReadonlySet<string>;
}

/** What is to be sent now; without alerts there is nothing to send, and it counts as sent. */
export interface Due extends Entry {
  readonly alerts: readonly Alert[];
}

/** What the integrations of a receiver were sent for one group of alerts, and what that makes due. Times are ms since epoch. */
export class NotificationLog {
  /** By the integration's place in its receiver: it is the same one when the configuration was read again. */
  readonly #last = new Map<string, Entry>();

  /** `alerts`: those of the group that are not muted. Undefined: nothing is due. */
  due(
    integration: Integration,
    alerts: readonly Alert[],
    { time, repeatIntervalMs }: { time: number; repeatIntervalMs: number },
  ): Due | undefined {
    const ids = (resolved: boolean) =>
      new Set(
        alerts.filter((alert) => isResolved(alert, time) === resolved).map(({ fingerprint }) => fingerprint),
      );
    const entry = { time, firing: ids(false), resolved: ids(true) };
    if (!this.#isDue(integration, entry, repeatIntervalMs)) return undefined;
    const included = integration.sendResolved ? alerts : alerts.filter((alert) => !isResolved(alert, time));
    return { ...entry, alerts: included };
  }

  /** It arrived. */
  sent(integration: Integration, { time, firing, resolved }: Due): void {
    this.#last.set(placeOf(integration), { time, firing, resolved });
  }

  /** As DedupStage.needsUpdate of Alertmanager. */
  #isDue(integration: Integration, { time, firing, resolved }: Entry, repeatIntervalMs: number): boolean {
    const last = this.#last.get(placeOf(integration));
    if (!last) return firing.size > 0;
    const isSubset = (part: ReadonlySet<string>, whole: ReadonlySet<string>) =>
      [...part].every((id) => whole.has(id));
    if (!isSubset(firing, last.firing)) return true;
    if (firing.size === 0) return last.firing.size > 0;
    if (integration.sendResolved && !isSubset(resolved, last.resolved)) return true;
    return last.time <= time - repeatIntervalMs;
  }
}

function placeOf({ name, index }: Integration): string {
  return `${name}[${index}]`;
}
