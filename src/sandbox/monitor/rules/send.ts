import { print } from '../../../promql/syntax/print.ts';
import type { ActiveAlert } from '../../../rules/alert-states.ts';
import type { RuleGroupDefinition } from '../../../rules/rule.ts';
import type { ReceivedAlert } from '../alertmanager/alertmanager.ts';

/** Prometheus' rules.alert.resend-delay, ms. */
const RESEND_DELAY_MS = 60_000;

/**
 * What Prometheus tells Alertmanager after an evaluation. A firing alert is good for four intervals or resend
 * delays, so that it ends by itself if the rule is never evaluated again.
 */
export function toAlertmanager(
  firing: readonly ActiveAlert[],
  resolved: readonly ActiveAlert[],
  time: number,
  { group, url, speed }: { group: RuleGroupDefinition; url: string; speed: number },
): ReceivedAlert[] {
  const graph = (name: string): string => {
    const rule = group.rules.find((one) => one.kind === 'alerting' && one.name === name);
    const expr = rule ? print(rule.expr) : '';
    return `${url}/graph?g0.expr=${encodeURIComponent(expr)}&g0.tab=1`;
  };
  const send = (alert: ActiveAlert, endsAt: number): ReceivedAlert => ({
    labels: alert.labels,
    annotations: alert.annotations,
    generatorURL: graph(alert.labels.get('alertname')),
    startsAt: alert.firedAt ?? alert.activeAt,
    endsAt,
  });
  const goodForMs = 4 * Math.max(group.intervalMs, RESEND_DELAY_MS / speed);
  return [
    ...firing.map((alert) => send(alert, time + goodForMs)),
    ...resolved.map((alert) => send(alert, time)),
  ];
}
