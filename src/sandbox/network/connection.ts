import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Route } from '../api.ts';
import { connectBehind, type WallSockets } from '../wall/relay.ts';

/** Opens a raw connection to what was resolved; rejects as a socket would. */
export async function openConnection(
  resolved: { route: Route; ip?: string },
  host: string,
  port: number,
  wall?: Pick<WallSockets, 'pods'>,
): Promise<Duplex> {
  const { route, ip } = resolved;
  if (route.kind === 'failed') {
    const { code, syscall, afterMs } = route;
    // Who gives up before has no need of it: it holds nothing open.
    if (afterMs > 0) await new Promise((resolve) => setTimeout(resolve, afterMs).unref());
    const at = syscall === 'getaddrinfo' ? host : `${ip ?? host}:${port}`;
    throw Object.assign(new Error(`${syscall} ${code} ${at}`), { code, syscall });
  }
  if (wall && route.podUid) return connectBehind(wall.pods, route.port);
  return new Promise((resolve, reject) => {
    const socket = connect(route.port, route.address);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}
