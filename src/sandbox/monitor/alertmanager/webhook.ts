import { isResolved } from '../../../alerting/alerts.ts';
import type { Notification } from './group.ts';

/** The body that Alertmanager posts to a webhook, version "4". */
export function webhookPayload({ route, groupLabels, alerts, time }: Notification, externalURL: string) {
  const isFiring = alerts.some((alert) => !isResolved(alert, time));
  return {
    receiver: route.receiver,
    status: isFiring ? 'firing' : 'resolved',
    alerts: alerts.map((alert) => ({
      status: isResolved(alert, time) ? 'resolved' : 'firing',
      labels: alert.labels,
      annotations: alert.annotations,
      startsAt: new Date(alert.startsAt).toISOString(),
      endsAt: isResolved(alert, time) ? new Date(alert.endsAt).toISOString() : '0001-01-01T00:00:00Z',
      generatorURL: alert.generatorURL,
      fingerprint: alert.fingerprint,
    })),
    groupLabels,
    commonLabels: shared(alerts.map(({ labels }) => Object.fromEntries(labels))),
    commonAnnotations: shared(alerts.map(({ annotations }) => annotations)),
    externalURL,
    version: '4',
    groupKey: `{}:${groupLabels}`,
    truncatedAlerts: 0,
  };
}

/** Posts to the receiver; false if it does not take it. */
export async function postWebhook(url: string, payload: unknown, signal: AbortSignal): Promise<boolean> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'Alertmanager' },
      body: JSON.stringify(payload),
      signal,
    });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    // A receiver that is down is counted as a failed notification and tried again at the next flush.
    return false;
  }
}

function shared(all: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  const [first = {}, ...rest] = all;
  return Object.fromEntries(
    Object.entries(first).filter(([name, value]) => rest.every((one) => one[name] === value)),
  );
}
