import type { GameLog } from '../log/log.ts';
import { streamEvents } from './event-stream.ts';
import { answerRequest, type Desk, Refusal } from './requests.ts';
import { type SocketServer, serveSocket } from './socket.ts';

/** Serves one game's API on a local socket: what the desk answers, and the events of its log. */
export function serveConductor(game: string, log: GameLog, desk: Desk): Promise<SocketServer> {
  return serveSocket({
    game,
    answer: (request, role) => answerRequest(request, role, desk),
    async stream({ method, path }, role, response) {
      const url = new URL(path, 'http://conductor');
      if (method !== 'GET' || url.pathname !== '/events') return false;
      await streamEvents(response, log, {
        role,
        since: sequenceNumber(url.searchParams.get('since')),
        follow: url.searchParams.get('follow') !== 'false',
      });
      return true;
    },
  });
}

function sequenceNumber(text: string | null): number {
  if (text === null || /^\d{1,15}$/.test(text)) return Number(text ?? 0);
  throw new Refusal(400, 'wrong-since', `Expected the number of an event, got "${text}".`);
}
