import { captureBaseline } from '../../check/baseline.ts';
import { evaluateAll } from '../../check/evaluate.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import type { CheckResult } from '../../log/events.ts';
import { writeWhole } from '../../log/folder.ts';
import { measureParams } from '../../scenario/params.ts';
import { allowed, intervals } from '../intervals.ts';
import { checkContext, enter, type Measured, type Play, pace, real } from '../play.ts';
import { readPlaybook, readScenario } from '../start/documents.ts';
import { leftOverAlerts } from './left-over-alerts.ts';
import { youngMonitoring } from './young-monitoring.ts';

/** How far back the baseline reaches for grading: as far as Prometheus has data, ms at speed 1. */
const baselineLength = 5 * 60_000;

/**
 * How long the stack may take to reach its steady state, ms at speed 1: what an aborted game left in the windows of rates is gone
 * after a minute or two.
 */
const steadyWithin = 2 * 60_000;

/**
 * How long an expected alert of an earlier game is waited for, ms at speed 1: as long as what that game did is in a window
 * of five minutes. Then the game begins all the same.
 */
const quietWithin = 6 * 60_000;

/** While it is not steady, what is in the way is said this often, ms at speed 1, and whenever it is something else. */
const tellEvery = 5_000;

/**
 * Takes stock before anything is touched: waits until the steady state holds, measures the params, notes what fires
 * already. What it gives is what was measured then. @throws MisfortuneError `unhealthy` when the steady state does not come
 */
export async function takeBaseline(play: Play): Promise<Measured> {
  enter(play, 'baseline');
  const { signal, clock, log } = play;
  const { checks, measured } = await untilSteady(play);
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
  return measured;
}

/** Several samples in a row must hold: one good moment is no steady state. */
async function untilSteady(play: Play): Promise<{ checks: CheckResult[]; measured: Measured }> {
  const { clock, signal } = play;
  const begun = clock.mono();
  const patience = allowed(steadyWithin, play.setup.speed);
  let deadline = begun + patience;
  const tell = unrestTeller(play);
  let measured: Measured | undefined;
  for (let good = 0; ; ) {
    // What was measured of an unhealthy stack is no baseline: it is measured anew before the first good sample.
    if (good === 0 || !measured) measured = await takeStock(play);
    const { scenario } = measured;
    const checks = await evaluateAll(scenario.steadyState, checkContext(play, measured, signal));
    const ill = checks.filter(({ holds }) => !holds);
    if (ill.length > 0 && clock.mono() > deadline) throw unhealthy(ill);
    const ringing =
      clock.mono() - begun < real(play, quietWithin) ? await leftOverAlerts(play, scenario) : [];
    // It is healthy but for them: should it fall ill once more, it has its whole time again.
    if (ill.length === 0 && ringing.length > 0) deadline = clock.mono() + patience;
    const unmet = [...ill, ...ringing];
    good = unmet.length === 0 ? good + 1 : 0;
    const young = good >= intervals.baselineSamples ? await youngMonitoring(play, begun) : undefined;
    if (young?.length === 0) return { checks, measured };
    tell([...unmet, ...(young ?? [])]);
    await clock.sleep(pace(play, intervals.baseline), signal);
  }
}

/** Params are measured, documents filled in, and what checks compare with (`available: baseline`) is noted. */
async function takeStock({ setup, signal, folder }: Play): Promise<Measured> {
  const { cluster, monitoring } = setup;
  const sources = { cluster, prometheus: monitoring.prometheus };
  const params = await measureParams(setup.scenario, setup.params, sources, signal);
  const scenario = readScenario(setup.scenario, params);
  const playbook = readPlaybook(setup.playbook, scenario);
  writeWhole(folder.params, JSON.stringify(params, undefined, 1));
  const { oracle, abort, steadyState, faults, decoys } = scenario;
  const conditions = [...faults, ...decoys].flatMap(({ when }) => when ?? []);
  const checks = [oracle, ...abort, ...steadyState, ...conditions];
  const baseline = await captureBaseline(checks, { cluster, signal });
  return { scenario, playbook, baseline };
}

function unrestTeller(play: Play): (unmet: CheckResult[]) => void {
  let told = { ids: '', at: 0 };
  return (unmet) => {
    const ids = unmet.map(({ id }) => id).join('\n');
    const now = play.clock.mono();
    if (unmet.length === 0) return;
    if (ids === told.ids && now - told.at < real(play, tellEvery)) return;
    told = { ids, at: now };
    play.log.append({ type: 'steady-state-awaited', unmet });
  };
}

function unhealthy(unmet: CheckResult[]): MisfortuneError {
  const seen = unmet.map(({ id, seen }) => `${id}: ${seen}`);
  return new MisfortuneError('unhealthy', `The stack did not become healthy: ${seen.join('; ')}`, {
    todo: 'Repair the stack first, or check that steadyState describes what is normal here.',
    exitCode: exitCodes.refused,
  });
}
