import { rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from '../network/join.ts';

/** The sockets by which control plane and pods meet through the wall: a path is in no network namespace. */
export interface WallSockets {
  /** The relay listens behind the wall; the control plane connects, and says which port there it wants. */
  pods: string;
  /** The control plane listens; the relay connects for a pod that wants the API server. */
  api: string;
}

/** Behind the wall the API server is at this port of the loopback; below the ports that Linux gives out. */
export const API_PORT = 6443;

/** The relay behind the wall; it ends with its process. */
export function startRelay(sockets: WallSockets): void {
  const toPods = createServer({ allowHalfOpen: true }, (outer) => {
    outer.on('error', () => undefined);
    firstLine(outer, (line) => {
      const port = Number(line);
      // Only the control plane speaks here, unless a pod has come through the first wall.
      if (!(Number.isInteger(port) && port > 0 && port < 65_536)) return void outer.destroy();
      const inner = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
      inner.once('connect', () => outer.write('connected\n'));
      inner.once('error', (error: NodeJS.ErrnoException) => outer.end(`${error.code}\n`));
      join(outer, inner);
    });
  });
  // The relay before this one has died with its runtime.
  rmSync(sockets.pods, { force: true });
  toPods.listen(sockets.pods);
  const toApi = createServer({ allowHalfOpen: true }, (inner) => {
    join(inner, connect({ path: sockets.api, allowHalfOpen: true }));
  });
  toApi.listen(API_PORT, '127.0.0.1');
}

/** Opens a connection to a port behind the wall; rejects as a socket would. */
export function connectBehind(pods: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const fail = (code: string): void =>
      reject(Object.assign(new Error(`connect ${code} 127.0.0.1:${port}`), { code, syscall: 'connect' }));
    // While the runtime starts anew nothing listens, as in a pod that has died.
    const refused = (): void => fail('ECONNREFUSED');
    const socket = connect({ path: pods, allowHalfOpen: false });
    socket.once('error', refused);
    socket.once('close', refused);
    socket.write(`${port}\n`);
    firstLine(socket, (line) => {
      socket.off('error', refused);
      socket.off('close', refused);
      if (line === 'connected') return resolve(socket);
      socket.destroy();
      fail(line);
    });
  });
}

/** Hands the API server's port on to the relay; resolves when it listens. */
export function openApi(path: string, port: number): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (outer) => {
    join(outer, connect({ host: '127.0.0.1', port, allowHalfOpen: true }));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => resolve(server));
  });
}

const LONGEST_LINE = 32;

/** Takes the first line off a socket and leaves the rest unread. */
function firstLine(socket: Socket, take: (line: string) => void): void {
  let text = '';
  const read = (): void => {
    for (;;) {
      const chunk = socket.read(1) as Buffer | null;
      if (chunk === null) return;
      if (chunk[0] !== 10 && text.length < LONGEST_LINE) {
        text += chunk.toString('latin1');
        continue;
      }
      socket.off('readable', read);
      return take(text);
    }
  };
  socket.on('readable', read);
}
