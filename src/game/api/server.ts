import type { GameLog } from '../../log/log.ts';
import { requestUrl } from '../../request-url.ts';
import { streamEvents } from './event-stream.ts';
import { answerRequest, type Desk, sequenceNumber } from './requests.ts';
import { type SocketServer, serveSocket } from './socket.ts';

/** Serves one game's API on a local socket: what the desk answers, and the events of its log. */
export function serveConductor(game: string, log: GameLog, desk: Desk): Promise<SocketServer> {
  return serveSocket({
    game,
    answer: (request, role) => answerRequest(request, role, desk),
    async stream({ method, path }, role, response) {
      const url = requestUrl(path);
      if (method !== 'GET' || url.pathname !== '/events') return false;
      await streamEvents(response, log, {
        role,
        since: sequenceNumber(url),
        follow: url.searchParams.get('follow') !== 'false',
      });
      return true;
    },
  });
}
