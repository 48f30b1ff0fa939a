import type { ServerResponse } from 'node:http';
import { endsSecrecy, forResponder } from '../../log/audience.ts';
import type { GameLog } from '../../log/log.ts';
import type { Role } from './protocol.ts';

/**
 * Writes events as newline-delimited JSON until the reader leaves, or (without `follow`) up to the last one there
 * is. A slow reader costs no memory: the stream holds a place in the log, not a queue. From the debrief on
 * nothing is withheld; what was withheld before is had by asking again from the start.
 */
export async function streamEvents(
  response: ServerResponse,
  log: GameLog,
  { role, since, follow }: { role: Role; since: number; follow: boolean },
): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
  response.flushHeaders();
  let wake = () => {};
  const woken = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });
  const stop = log.listen(() => wake());
  response.on('drain', () => wake()).on('close', () => wake());
  let secret = role === 'responder' && !log.events.some(endsSecrecy);
  try {
    for (let next = since; !response.destroyed; ) {
      const event = log.events[next];
      if (!event && !follow) break;
      if (!event || response.writableNeedDrain) {
        await woken();
        continue;
      }
      next++;
      if (endsSecrecy(event)) secret = false;
      const shown = secret ? forResponder(event) : event;
      if (shown) response.write(`${JSON.stringify(shown)}\n`);
      if (event.type === 'closed') break;
    }
  } finally {
    stop();
    response.end();
  }
}
