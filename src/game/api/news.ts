import type { Clock } from '../../clock.ts';
import { forResponder } from '../../log/audience.ts';
import type { GameEvent } from '../../log/events.ts';
import type { GameLog } from '../../log/log.ts';

/** What somebody hears of a game who does not see its screen: the pages, the game master, the end. */
export interface News {
  events: GameEvent[];
  /** To ask with next time. */
  next: number;
}

/** How long a question waits for news, real ms; less than the silence after which a game counts as dead. */
const patience = 20_000;

const heard: ReadonlySet<GameEvent['type']> = new Set(['alert-notified', 'nudged', 'ended']);

/** News after event number `since`: at once if there are any, else as soon as there are, or none after 20 s. */
export async function newsSince(since: number, log: GameLog, clock: Clock): Promise<News> {
  const deadline = clock.mono() + patience;
  for (;;) {
    const events = log.events
      .slice(since)
      .filter(({ type }) => heard.has(type))
      .flatMap((event) => forResponder(event) ?? []);
    const rest = deadline - clock.mono();
    if (events.length > 0 || rest <= 0) return { events, next: log.events.length };
    const woken = new AbortController();
    const stop = log.listen(({ type }) => void (heard.has(type) && woken.abort()));
    await clock.sleep(rest, woken.signal).catch(() => undefined);
    stop();
  }
}
