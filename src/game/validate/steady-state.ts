import { emptyBaseline } from '../../check/baseline.ts';
import { evaluateAll } from '../../check/evaluate.ts';
import type { Scenario } from '../../scenario/schema.ts';
import { readAllAlerts } from '../../signal/rules/all.ts';
import { allowed } from '../intervals.ts';
import { expectedAmong } from '../phases/left-over-alerts.ts';
import type { GameSetup } from '../start/setup.ts';
import { fail } from './result.ts';

/** Until the traces of the case before are gone from the windows of metrics and alerts, ms at speed 1. */
const steadyWithin = 10 * 60_000;

/** Real ms. */
const glance = 500;

/**
 * Waits until the case before has left no mark: the steady state holds and, for a case that waits for the page, none of
 * the expected alerts is pending or firing. An alert that always fires proves nothing. The game waits for the steady
 * state itself, but no longer than a person would. Throws CaseFailure.
 */
export async function untilSteady(
  scenario: Scenario,
  setup: GameSetup,
  options: { alerts: boolean; signal: AbortSignal },
): Promise<void> {
  const { clock, speed } = setup;
  const deadline = clock.mono() + allowed(steadyWithin, speed);
  for (;;) {
    const unrest = [
      ...(await illChecks(scenario, setup, options.signal)),
      ...(options.alerts ? await activeAlerts(scenario, setup, options.signal) : []),
    ];
    if (unrest.length === 0) return;
    if (clock.mono() > deadline) fail(...unrest);
    await clock.sleep(glance, options.signal);
  }
}

async function illChecks(
  { steadyState }: Scenario,
  { cluster, monitoring }: GameSetup,
  signal: AbortSignal,
): Promise<string[]> {
  const context = { cluster, prometheus: monitoring.prometheus, baseline: emptyBaseline, signal };
  // `available: baseline` is for the game to judge: nothing is known of a baseline here.
  const results = await evaluateAll(
    steadyState.filter(({ promql }) => promql),
    context,
  );
  return results
    .filter(({ holds }) => !holds)
    .map(({ id, seen }) => `the stack is not healthy: ${id}: ${seen}`);
}

async function activeAlerts(
  scenario: Scenario,
  { monitoring }: GameSetup,
  signal: AbortSignal,
): Promise<string[]> {
  const active = expectedAmong(scenario, await readAllAlerts(monitoring, signal));
  return active.map(({ name, state }) => `${name} is ${state} before anything is broken`);
}
