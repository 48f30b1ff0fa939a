import { captureBaseline } from '../check/baseline.ts';
import { evaluateAll } from '../check/evaluate.ts';
import { exitCodes, MisfortuneError } from '../errors.ts';
import type { CheckResult } from '../log/events.ts';
import { writeWhole } from '../log/folder.ts';
import { measureParams } from '../scenario/params.ts';
import { readPlaybook, readScenario } from './documents.ts';
import { intervals } from './intervals.ts';
import { leftOverAlerts } from './left-over-alerts.ts';
import { checkContext, enter, type Play, pace, real } from './play.ts';

/** How far back the baseline reaches for grading: as far as Prometheus has data, ms at speed 1. */
const baselineLength = 5 * 60_000;

/**
 * How long the stack may take to become calm, ms at speed 1: what an aborted game left in the windows of rates is gone
 * after a minute or two.
 */
const calmWithin = 2 * 60_000;

/**
 * How long an expected alert of an earlier game is waited for, ms at speed 1: as long as what that game did is in a window
 * of five minutes. Then the game begins all the same.
 */
const quietWithin = 6 * 60_000;

/** While it is not calm, what is in the way is told this often, ms at speed 1, and whenever it is something else. */
const tellEvery = 5_000;

/**
 * Takes stock before anything is touched: waits until the steady state holds, measures the params, notes what fires
 * already. @throws MisfortuneError `unhealthy` when the steady state does not come
 */
export async function takeBaseline(play: Play): Promise<void> {
  enter(play, 'baseline');
  const { signal, clock, log } = play;
  const checks = await untilCalm(play);
  const firing = await play.alerts.begin(signal);
  const alertsFiring = [...new Set(firing.map(({ name }) => name))].sort();
  const until = clock.now();
  log.append({
    type: 'baseline-taken',
    checks,
    alertsFiring,
    firing,
    from: until - real(play, baselineLength),
    until,
  });
}

/** Several samples in a row must hold: one good moment is no steady state. */
async function untilCalm(play: Play): Promise<CheckResult[]> {
  const { clock, signal } = play;
  const begun = clock.mono();
  let deadline = begun + real(play, calmWithin);
  const tell = unrestTeller(play);
  for (let good = 0; ; ) {
    // What was measured of an unhealthy stack is no baseline: it is measured anew before the first good sample.
    if (good === 0) await takeStock(play);
    const checks = await evaluateAll(play.scenario.steadyState, checkContext(play, signal));
    const ill = checks.filter(({ holds }) => !holds);
    if (ill.length > 0 && clock.mono() > deadline) throw unhealthy(ill);
    const ringing = clock.mono() - begun < real(play, quietWithin) ? await leftOverAlerts(play) : [];
    // It is healthy but for them: should it fall ill once more, it has its whole time again.
    if (ill.length === 0 && ringing.length > 0) deadline = clock.mono() + real(play, calmWithin);
    const unmet = [...ill, ...ringing];
    good = unmet.length === 0 ? good + 1 : 0;
    if (good >= intervals.baselineSamples) return checks;
    if (unmet.length > 0) tell(unmet);
    await clock.sleep(pace(play, intervals.baseline), signal);
  }
}

/** Params are measured, documents filled in, and what checks compare with (`available: baseline`) is noted. */
async function takeStock(play: Play): Promise<void> {
  const { setup, signal, folder } = play;
  const { cluster, monitoring } = setup;
  const sources = { cluster, prometheus: monitoring.prometheus };
  const params = await measureParams(setup.scenario, setup.params, sources, signal);
  play.scenario = readScenario(setup.scenario, params);
  play.playbook = readPlaybook(setup.playbook, play.scenario);
  writeWhole(folder.params, JSON.stringify(params, undefined, 1));
  const { oracle, abort, steadyState } = play.scenario;
  play.baseline = await captureBaseline([oracle, ...abort, ...steadyState], { cluster, signal });
}

function unrestTeller(play: Play): (unmet: CheckResult[]) => void {
  let told = { ids: '', at: 0 };
  return (unmet) => {
    const ids = unmet.map(({ id }) => id).join('\n');
    const now = play.clock.mono();
    if (ids === told.ids && now - told.at < real(play, tellEvery)) return;
    told = { ids, at: now };
    play.log.append({ type: 'calm-awaited', unmet });
  };
}

function unhealthy(unmet: CheckResult[]): MisfortuneError {
  const seen = unmet.map(({ id, seen }) => `${id}: ${seen}`);
  return new MisfortuneError('unhealthy', `The stack did not become healthy: ${seen.join('; ')}`, {
    todo: 'Repair it first, or look whether the checks of steadyState ask for what is normal here.',
    exitCode: exitCodes.refused,
  });
}
