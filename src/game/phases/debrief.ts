import { describeError } from '../../errors.ts';
import { writeScorecard } from '../../grade/load.ts';
import { intervals, patience } from '../intervals.ts';
import { type Documents, enter, type Play, pace, real } from '../play.ts';
import { recordSamples } from '../recording/record-samples.ts';
import { recordSeries } from '../recording/record-series.ts';

/**
 * Everything may be told now. Keeps the series and grades at once; when alerts still fire, their reset is one of the
 * times, so both are done again when the last is over. None of it can fail the game: what is missing is logged.
 */
export async function debrief(play: Play, documents: Documents): Promise<void> {
  enter(play, 'debrief');
  const { state, setup, log, signal } = play;
  if (state().injectedAt === undefined) return;
  if (setup.isWorthGrading?.() === false)
    return void log.append({ type: 'not-graded', error: 'nobody asked for it' });
  await keepAndGrade(play, documents);
  if (isFiring(play) && !signal.aborted) {
    await untilAlertsReset(play);
    await keepAndGrade(play, documents);
  }
  await keepSamples(play);
}

async function keepAndGrade(play: Play, documents: Documents): Promise<void> {
  const { log, folder } = play;
  try {
    log.append({ type: 'series-recorded', ...(await recordSeries(play, documents)) });
    log.append({ type: 'graded', file: await writeScorecard(folder) });
  } catch (error) {
    log.append({ type: 'not-graded', error: describeError(error) });
  }
}

/** After the grade: nobody waits for it. */
async function keepSamples(play: Play): Promise<void> {
  const { log } = play;
  try {
    log.append({ type: 'samples-recorded', ...(await recordSamples(play)) });
  } catch (error) {
    log.append({ type: 'samples-not-recorded', error: describeError(error) });
  }
}

/** An abort ends the wait: nobody is asked to wait for what they do not want to know. */
async function untilAlertsReset(play: Play): Promise<void> {
  const { clock, health, signal } = play;
  const deadline = clock.mono() + real(play, patience.alertsReset);
  const isWorthIt = () => clock.mono() < deadline && health.failingFor('prometheus') === 0;
  while (!signal.aborted && isFiring(play) && isWorthIt())
    await clock.sleep(pace(play, intervals.alerts), signal).catch(() => {});
}

function isFiring({ state }: Play): boolean {
  return state().alerts.some((alert) => !alert.background && alert.state !== 'inactive');
}
