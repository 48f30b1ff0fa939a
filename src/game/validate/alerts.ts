import type { AlertEpisode } from '../../log/alert-episodes.ts';
import type { GameState } from '../../log/state.ts';
import type { ExpectedAlert, Scenario } from '../../scenario/schema.ts';
import { suggest } from '../../words/nearest.ts';
import type { Rules } from '../recording/known-rules.ts';
import type { FiredAlert } from './result.ts';
import type { Round } from './round.ts';

/** Where a scenario says nothing: ms at speed 1 after the injection. */
const defaultWithin = 5 * 60_000;

/** From firing to Alertmanager's receiver: group_wait and evaluation, ms at speed 1. */
const routeWithin = 60_000;

/** Waits for every expected alert. Gives the problems: who did not fire and why, or went to the wrong receiver. */
export async function missingAlerts(
  round: Round,
  expected: readonly ExpectedAlert[],
  rules: Rules | undefined,
): Promise<string[]> {
  const problems = await Promise.all(expected.map((alert) => missing(round, alert, rules)));
  return problems.flat();
}

/** The alerts that fired because of the game, one entry a name. */
export function firedAlerts({ alerts }: GameState, { alerts: named }: Scenario): FiredAlert[] {
  const fired = alerts.filter(({ background, firingAt }) => !background && firingAt !== undefined);
  const expected = named.expected.flatMap(({ name, or }) => [name, ...or]);
  return [...new Set(fired.map(({ name }) => name))].sort().map((name) => ({
    name,
    is: expected.includes(name) ? 'expected' : named.acceptable.includes(name) ? 'acceptable' : 'unexpected',
  }));
}

/** A sentence each for those that the scenario says nothing of. */
export function unexpectedAlerts(alerts: readonly FiredAlert[]): string[] {
  return alerts
    .filter(({ is }) => is === 'unexpected')
    .map(({ name }) => `${name} fired, which the scenario neither expects nor accepts`);
}

async function missing(round: Round, alert: ExpectedAlert, rules: Rules | undefined): Promise<string[]> {
  const names = [alert.name, ...alert.or];
  const exists = names.some((name) => rules?.alerting.some((rule) => rule.name === name));
  if (rules && !exists)
    return [
      `${alert.name}: no_rule. ${
        suggest(
          alert.name,
          rules.alerting.map(({ name }) => name),
        ) ?? ''
      }`.trim(),
    ];
  const fired = () =>
    round.state().alerts.find(({ name, background, firingAt }) => {
      return names.includes(name) && !background && firingAt !== undefined;
    });
  const within = alert.within ?? defaultWithin;
  if (!(await round.until(() => fired() !== undefined, within))) {
    return [
      `${alert.name} did not fire within ${Math.round(within / 1000)} s: ${whyNot(names, round.state(), rules)}`,
    ];
  }
  const { firingAt = 0, name } = fired() ?? { name: alert.name };
  round.saw(
    `${name} fired ${((firingAt - (round.state().injectedAt ?? firingAt)) / 1000).toFixed(1)} s after the injection`,
  );
  const { receiver, undelivered } = alert;
  if (receiver === undefined) return [];
  if (undelivered) return await tooEarly(round, alert, fired);
  if (await round.until(() => fired()?.receivers.includes(receiver) ?? false, routeWithin)) return [];
  const routed = fired()?.receivers ?? [];
  return [`${name} was sent to ${routed.join(', ') || 'nobody'}, expected ${receiver}`];
}

/** One whose way is broken has to be lost for as long as another one needs. */
async function tooEarly(
  round: Round,
  { receiver = '' }: ExpectedAlert,
  fired: () => AlertEpisode | undefined,
): Promise<string[]> {
  const name = fired()?.name;
  if (await round.until(() => fired()?.receivers.includes(receiver) ?? false, routeWithin))
    return [`${name} was sent to ${receiver}, which the scenario says that it does not reach (undelivered)`];
  round.saw(`${name} was sent to ${fired()?.receivers.join(', ') || 'nobody'}, not to ${receiver}`);
  return [];
}

/** A sentence for each alert whose way is still broken when the playbook has been followed. */
export async function stillUndelivered(round: Round, expected: readonly ExpectedAlert[]): Promise<string[]> {
  const problems = expected.map(async ({ name, or, receiver, undelivered }) => {
    if (!undelivered || receiver === undefined) return [];
    const isTold = () =>
      round
        .state()
        .alerts.some((one) => [name, ...or].includes(one.name) && one.receivers.includes(receiver));
    if (await round.until(isTold, routeWithin)) return [];
    return [`${name} did not reach ${receiver}, though the playbook was followed`];
  });
  return (await Promise.all(problems)).flat();
}

function whyNot(names: string[], state: GameState, rules: Rules | undefined): string {
  const rule = rules?.alerting.find(({ name }) => names.includes(name));
  if (rule?.health === 'err') return `rule_unhealthy (${rule.lastError ?? 'no reason given'})`;
  const pending = state.alerts.some((one) => names.includes(one.name) && one.pendingAt !== undefined);
  if (pending) return `pending_only (it must be true for ${rule?.for ?? '?'} s)`;
  return `expr_never_true (${rule?.query ?? '?'})`;
}
