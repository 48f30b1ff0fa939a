import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Link, Route } from '../api.ts';
import { connectBehind, type WallSockets } from '../wall/relay.ts';
import { carry, shape, syn } from './link.ts';

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
  const { link } = route;
  if (!link) return dialLocal(route, wall);
  await handshake(link, `${ip ?? host}:${port}`);
  const socket = await dialLocal(route, wall);
  shape(socket, () => link);
  return socket;
}

function handshake(link: Link, at: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const details = { code: 'ETIMEDOUT', syscall: 'connect' };
    const gaveUp = (): void => reject(Object.assign(new Error(`connect ETIMEDOUT ${at}`), details));
    carry(syn, () => link, resolve, gaveUp);
  });
}

function dialLocal(route: Route & { kind: 'local' }, wall?: Wall): Promise<Socket> {
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
