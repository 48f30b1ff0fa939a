import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Route } from '../api.ts';
import { connectBehind, type WallSockets } from '../wall/relay.ts';

type Wall = Pick<WallSockets, 'pods'>;

interface Resolved {
  route: Route;
  ip?: string;
}

/**
 * Opens a raw connection to what was resolved; rejects as a socket would. Once `signal` is aborted nobody waits for it any
 * more: it is closed when it comes, since a socket that nobody reads does not notice that its peer has gone.
 */
export async function openConnection(
  resolved: Resolved,
  host: string,
  port: number,
  { wall, signal }: { wall?: Wall; signal?: AbortSignal } = {},
): Promise<Duplex> {
  const opening = dial(resolved, host, port, wall);
  if (!signal) return opening;
  return new Promise((resolve, reject) => {
    const tooLate = (): void =>
      reject(
        Object.assign(new Error(`connect ETIMEDOUT ${host}:${port}`), {
          code: 'ETIMEDOUT',
          syscall: 'connect',
        }),
      );
    if (signal.aborted) tooLate();
    signal.addEventListener('abort', tooLate, { once: true });
    opening
      .then((socket) => (signal.aborted ? void socket.destroy() : resolve(socket)), reject)
      .finally(() => signal.removeEventListener('abort', tooLate));
  });
}

async function dial({ route, ip }: Resolved, host: string, port: number, wall?: Wall): Promise<Duplex> {
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
