import { type SocketServer, serveSocket } from '../api/socket.ts';
import type { Post } from './client.ts';

/** Serves a game that is on another machine as if it were on this one, for the commands in a responder's shell. */
export function relayGame(game: string, post: Post): Promise<SocketServer> {
  return serveSocket({ game, answer: (request) => post.send(request) });
}
