import type { AlertmanagerConfig } from '../../../alerting/config.ts';
import { type Destination, destinationsOf } from '../../../alerting/destinations.ts';
import type { ExpectedAlert } from '../../../scenario/schema.ts';
import type { AlertRule } from '../../../signal/series.ts';
import { type Finding, ok, warning } from './finding.ts';

export interface Expectation extends Pick<ExpectedAlert, 'name' | 'or' | 'receiver'> {
  scenario: string;
}

/** Who would ring for the alerts that scenarios expect: one finding a receiver, and what is wrong with where they lead. */
export function receiverFindings(
  expectations: readonly Expectation[],
  rules: readonly AlertRule[],
  routes: AlertmanagerConfig,
  { isSandbox }: { isSandbox: boolean },
): Finding[] {
  const routed = rules
    .filter(({ name }) => expectations.some((one) => one.name === name || one.or.includes(name)))
    .map((rule) => ({ rule, ...routeOf(rule, routes) }));
  return [...byReceiver(routed, isSandbox), ...expectations.flatMap((expected) => astray(expected, routed))];
}

interface Routed {
  rule: AlertRule;
  destinations: Destination[];
  asked: string[];
}

/** Labels that a rule fills in from the series are not known before. */
function routeOf({ name, labels }: AlertRule, routes: AlertmanagerConfig): Omit<Routed, 'rule'> {
  const known = Object.entries(labels).filter(([, value]) => !value.includes('{{'));
  return destinationsOf(routes, { ...Object.fromEntries(known), alertname: name }, Date.now());
}

function byReceiver(routed: readonly Routed[], isSandbox: boolean): Finding[] {
  const receivers = new Map<string, { destination: Destination; alerts: Set<string> }>();
  for (const { rule, destinations, asked } of routed)
    for (const destination of destinations) {
      const key = `${destination.receiver} ${destination.isDefault}`;
      const known = receivers.get(key) ?? { destination, alerts: new Set() };
      known.alerts.add(asked.length === 0 ? rule.name : `${rule.name} (also depends on ${asked.join(', ')})`);
      receivers.set(key, known);
    }
  return [...receivers.values()].map(({ destination, alerts }) =>
    finding(destination, [...alerts].join(', '), isSandbox),
  );
}

function finding(
  { receiver, integrations, isDefault, isTimed, mutedBy = [] }: Destination,
  alerts: string,
  isSandbox: boolean,
): Finding {
  if (integrations.length === 0 && !isSandbox)
    return warning(
      'receiver',
      `receiver ${receiver} has no integration: nobody is notified of ${alerts}`,
      'Add an integration to it in the Alertmanager configuration, or route these alerts elsewhere.',
    );
  const how = isSandbox ? 'without an address' : integrations.join(', ');
  const muted = mutedBy.length > 0 ? ` (muted now by ${mutedBy.join(', ')})` : '';
  const when = isTimed ? `, not at all times${muted}` : '';
  const seen = `${receiver} (${how}) is notified of ${alerts}${when}`;
  if (!isDefault) return ok('receiver', seen);
  return warning(
    'receiver',
    `${seen}: no route matches it, so it goes to the default receiver`,
    'Add the label that a route matches to the rule, or add a route for the alert.',
  );
}

/** An alert whose scenario names its receiver, and that would go to others only. */
function astray({ scenario, name, or, receiver }: Expectation, routed: readonly Routed[]): Finding[] {
  if (receiver === undefined) return [];
  const own = routed.filter(({ rule }) => rule.name === name || or.includes(rule.name));
  const receivers = own.flatMap(({ destinations }) => destinations.map((one) => one.receiver));
  if (own.length === 0 || receivers.includes(receiver)) return [];
  return [
    warning(
      'receiver',
      `${scenario} expects ${receiver} to be notified of ${name}; it is routed to ${[...new Set(receivers)].join(', ')}`,
      'Fix the routes of Alertmanager or the labels of the rule, or correct receiver in the scenario.',
    ),
  ];
}
