import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Route } from '../api.ts';

/** An address without a host behind it fails after this, as ARP gives up on a node's bridge. */
export const UNREACHABLE_MS = 3000;

/** Opens a raw connection to what was resolved; rejects as a socket would. */
export async function openConnection(
  resolved: { route: Route; ip?: string },
  host: string,
  port: number,
): Promise<Duplex> {
  const { route } = resolved;
  const at = `${resolved.ip ?? host}:${port}`;
  if (route.kind === 'nxdomain') throw socketError('ENOTFOUND', 'getaddrinfo', host);
  if (route.kind === 'refused') throw socketError('ECONNREFUSED', 'connect', at);
  if (route.kind === 'unreachable') {
    await new Promise((resolve) => setTimeout(resolve, UNREACHABLE_MS));
    throw socketError('EHOSTUNREACH', 'connect', at);
  }
  return new Promise((resolve, reject) => {
    const socket = connect(route.port, route.address);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

export function socketError(code: string, syscall: string, at: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${syscall} ${code} ${at}`), { code, syscall });
}
