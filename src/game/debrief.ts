import { describeError } from '../errors.ts';
import { writeScorecard } from '../grade/load.ts';
import { intervals, patience } from './intervals.ts';
import { enter, type Play, pace, real } from './play.ts';
import { recordSeries } from './record-series.ts';

/**
 * Everything may be told now. Waits for alerts that still fire (their reset is one of the times), then keeps the series
 * and grades. None of it can fail the game: what is missing is logged.
 */
export async function debrief(play: Play): Promise<void> {
  enter(play, 'debrief');
  const { log, state } = play;
  if (state().injectedAt === undefined) return;
  await untilAlertsReset(play);
  try {
    log.append({ type: 'series-recorded', ...(await recordSeries(play)) });
    log.append({ type: 'graded', file: await writeScorecard(play.folder) });
  } catch (error) {
    log.append({ type: 'not-graded', error: describeError(error) });
  }
}

async function untilAlertsReset(play: Play): Promise<void> {
  const { clock, state, health } = play;
  const deadline = clock.mono() + real(play, patience.alertsReset);
  const firing = () => state().alerts.some((alert) => !alert.background && alert.state !== 'inactive');
  while (
    !play.signal.aborted &&
    firing() &&
    clock.mono() < deadline &&
    health.failingFor('prometheus') === 0
  ) {
    await clock.sleep(pace(play, intervals.alerts));
  }
}
