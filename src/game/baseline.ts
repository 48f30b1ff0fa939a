import { captureBaseline } from '../check/baseline.ts';
import { evaluateAll } from '../check/evaluate.ts';
import { exitCodes, MisfortuneError } from '../errors.ts';
import type { CheckResult } from '../log/events.ts';
import { writeWhole } from '../log/folder.ts';
import { measureParams } from '../scenario/params.ts';
import { readPlaybook, readScenario } from './documents.ts';
import { intervals } from './intervals.ts';
import { checkContext, enter, type Play, pace, real } from './play.ts';

/** How far back the baseline reaches for grading: as far as Prometheus has data, ms at speed 1. */
const baselineLength = 5 * 60_000;

/** How long the stack may take to look healthy, ms at speed 1. */
const healthyWithin = 30_000;

/**
 * Takes stock before anything is touched: params are measured, the steady state is sampled, what fires already is
 * noted. @throws MisfortuneError `unhealthy` when the steady state does not hold.
 */
export async function takeBaseline(play: Play): Promise<void> {
  enter(play, 'baseline');
  const { setup, signal, clock, log } = play;
  const { cluster, monitoring } = setup;
  const sources = { cluster, prometheus: monitoring.prometheus };
  const params = await measureParams(setup.scenario, setup.params, sources, signal);
  play.scenario = readScenario(setup.scenario, params);
  play.playbook = readPlaybook(setup.playbook, play.scenario);
  writeWhole(play.folder.params, JSON.stringify(params, undefined, 1));
  const { oracle, abort, steadyState } = play.scenario;
  play.baseline = await captureBaseline([oracle, ...abort, ...steadyState], { cluster, signal });
  const checks = await sampleSteadyState(play);
  const alertsFiring = await play.alerts.begin(signal);
  const until = clock.now();
  log.append({
    type: 'baseline-taken',
    checks,
    alertsFiring,
    from: until - real(play, baselineLength),
    until,
  });
}

/** Several samples in a row must hold: one good moment is no steady state. */
async function sampleSteadyState(play: Play): Promise<CheckResult[]> {
  const { scenario, clock, signal } = play;
  const deadline = clock.mono() + real(play, healthyWithin);
  for (let good = 0; ; ) {
    const checks = await evaluateAll(scenario.steadyState, checkContext(play, signal));
    good = checks.every((check) => check.holds) ? good + 1 : 0;
    if (good >= intervals.baselineSamples) return checks;
    if (good === 0 && clock.mono() > deadline) throw unhealthy(checks);
    await clock.sleep(pace(play, intervals.baseline), signal);
  }
}

function unhealthy(checks: CheckResult[]): MisfortuneError {
  const failing = checks.filter((check) => !check.holds).map((check) => `${check.id}: ${check.seen}`);
  return new MisfortuneError('unhealthy', `The stack is not healthy: ${failing.join('; ')}`, {
    todo: 'Repair it first, or look whether the checks of steadyState ask for what is normal here.',
    exitCode: exitCodes.refused,
  });
}
