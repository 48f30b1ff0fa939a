import type { Scenario } from '../../scenario/schema.ts';
import { readAllAlerts } from '../../signal/rules/all.ts';
import { intervals, paceOf } from '../intervals.ts';
import { expectedAmong } from '../phases/left-over-alerts.ts';
import type { GameSetup } from '../start/setup.ts';
import type { CaseResult } from './result.ts';

/** How long the healthy stack is watched, ms at speed 1. */
const healthyFor = 30 * 60_000;

/** What games before it set off has ended by then, ms at speed 1: as long as what they did is in a window of five minutes. */
const leftOverFor = 6 * 60_000;

/** An alert that fired while nothing was broken; `afterMs` at speed 1 since the watch began. */
export interface FalseAlarm {
  name: string;
  afterMs: number;
}

type Watched = Pick<GameSetup, 'clock' | 'speed' | 'monitoring'>;

/** Watches the healthy stack. */
export type HealthyWatch = (setup: Watched, signal: AbortSignal) => Promise<FalseAlarm[]>;

/**
 * A watch that is kept once for all scenarios of a validation, in whichever of its sandboxes comes first: all of them have the
 * same stack and rules. After an error the next one who asks watches anew.
 */
export function watchOnce(): HealthyWatch {
  let kept: Promise<FalseAlarm[]> | undefined;
  return (setup, signal) => {
    kept ??= watchHealthy(setup, signal).catch((error: unknown) => {
      kept = undefined;
      throw error;
    });
    return kept;
  };
}

async function watchHealthy(
  { clock, speed, monitoring }: Watched,
  signal: AbortSignal,
): Promise<FalseAlarm[]> {
  const begun = clock.mono();
  const since = clock.now();
  const fired = new Map<string, FalseAlarm>();
  const passed = () => (clock.mono() - begun) * speed;
  for (;;) {
    const afterMs = passed();
    for (const { name, state, activeAt } of await readAllAlerts(monitoring, signal)) {
      const isLeftOver = activeAt < since && afterMs < leftOverFor;
      if (state === 'firing' && !isLeftOver && !fired.has(name)) fired.set(name, { name, afterMs });
    }
    if (passed() >= healthyFor) return [...fired.values()];
    await clock.sleep(paceOf(intervals.alerts, speed), signal);
  }
}

/** What the watch tells of a scenario: none of the alerts that it expects may have fired. */
export function quietFindings(
  scenario: { alerts: Pick<Scenario['alerts'], 'expected'> },
  alarms: readonly FalseAlarm[],
): Pick<CaseResult, 'problems' | 'evidence'> {
  const own = expectedAmong(scenario, alarms);
  const when = (ms: number) => `${Math.round(ms / 1000)} s`;
  return {
    problems: own.map(
      ({ name, afterMs }) => `${name} fired after ${when(afterMs)}, while nothing was broken`,
    ),
    evidence: alarms
      .filter((alarm) => !own.includes(alarm))
      .map(({ name, afterMs }) => `${name}, which is not expected here, fired after ${when(afterMs)}`),
  };
}
