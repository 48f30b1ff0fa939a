import { alertsLeftOver, type CheckResult } from '../../log/events.ts';
import type { Scenario } from '../../scenario/schema.ts';
import { readAllAlerts } from '../../signal/rules/all.ts';
import { type Play, real } from '../play.ts';

/**
 * What has been on for longer than this, ms at speed 1, is no game's left-over: it rings all the time, and waiting for it
 * is in vain.
 */
const ringsForGood = 60 * 60_000;

/**
 * Expected alerts that are pending or firing before anything is broken. Whatever they did later would tell nothing of this
 * game: they count for nothing then, and nobody is paged again.
 */
export async function leftOverAlerts(play: Play, scenario: Scenario): Promise<CheckResult[]> {
  const { setup, health, signal, clock } = play;
  if (setup.waitsForAlerts === false) return [];
  const alerts = await health.watch('prometheus', signal, () => readAllAlerts(setup.monitoring, signal));
  const seen = expectedAmong(scenario, alerts ?? [])
    .filter(({ activeAt }) => clock.now() - activeAt < real(play, ringsForGood))
    .map(({ name, state }) => `${name} is ${state} since the previous game`);
  return seen.length > 0 ? [{ id: alertsLeftOver, holds: false, seen: [...new Set(seen)].join(', ') }] : [];
}

/** Those that a scenario expects, or that would do as well. */
export function expectedAmong<Seen extends { name: string }>(
  { alerts }: { alerts: Pick<Scenario['alerts'], 'expected'> },
  seen: readonly Seen[],
): Seen[] {
  const names = new Set(alerts.expected.flatMap(({ name, or }) => [name, ...or]));
  return seen.filter(({ name }) => names.has(name));
}
