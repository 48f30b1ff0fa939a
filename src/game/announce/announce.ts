import { describeError } from '../../errors.ts';
import type { Restored } from '../../fault/revert/revert.ts';
import type { Ending } from '../../log/events.ts';
import type { GameLog } from '../../log/log.ts';
import type { Scenario } from '../../scenario/schema.ts';
import { type Outcome, type Play, real } from '../play.ts';
import { beginning, ending, whoRuns } from './message.ts';
import { type Channel, sendToWebhook } from './webhook.ts';

/** After the time-out: the last claim is decided, and all is put back and read again. ms */
export const timeToRestore = 5 * 60_000;

/**
 * Tells the channel that a game begins, if the cluster has one: nothing has been touched, and without an answer nothing will
 * be. @throws MisfortuneError `not-announced`
 */
export async function announceBeginning(play: Play, { timeout }: Scenario): Promise<void> {
  const { setup, clock, log, signal } = play;
  const { announce, namespaces } = setup;
  if (!announce) return;
  const until = clock.now() + real(play, timeout) + timeToRestore;
  const text = beginning({ cluster: announce.cluster, namespaces, until, by: whoRuns() });
  const host = await sendToWebhook(announce, text, { signal });
  log.append({ type: 'announced', moment: 'beginning', host });
}

/** Tells how it ended whoever was told that it begins. Does not throw: the log says that nobody was notified. */
export async function announceEnding(
  { setup, log, state, health }: Play,
  { ending: ended }: Outcome,
  restored: Restored | undefined,
): Promise<void> {
  const { announce } = setup;
  if (!announce || state().announced !== 'beginning') return;
  try {
    await sayEnding(announce, log, ended, restored);
  } catch (error) {
    health.failed('announcement', describeError(error));
  }
}

/** The same for a game that died, by whoever has put it back. @throws MisfortuneError `not-announced` */
export async function announceRecovery(channel: Channel, log: GameLog, restored: Restored): Promise<void> {
  await sayEnding(channel, log, 'restored-by-guardian', restored);
}

/**
 * For many games in a row, which say nothing themselves: tells that they begin, and gives what tells that they are over.
 * @throws MisfortuneError `not-announced`, also of what it gives
 */
export async function announceSeries(
  channel: Channel,
  where: { namespaces: readonly string[]; until: number },
  signal: AbortSignal,
): Promise<(restored: Restored) => Promise<void>> {
  const { cluster } = channel;
  const by = whoRuns();
  await sendToWebhook(channel, beginning({ cluster, by, ...where }), { signal });
  return async (restored) => {
    await sendToWebhook(channel, ending({ cluster, by, ended: undefined, restored }));
  };
}

async function sayEnding(
  channel: Channel,
  log: GameLog,
  ended: Ending,
  restored: Restored | undefined,
): Promise<void> {
  const { cluster } = channel;
  const text = ending({ cluster, by: whoRuns(), ended, restored });
  const host = await sendToWebhook(channel, text);
  log.append({ type: 'announced', moment: 'ending', host });
}
