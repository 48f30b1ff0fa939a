import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** The network between a tool and the API server: open, cut (nothing is answered any more), or with nobody there. */
export interface Wire {
  url: string;
  /** From now on nothing passes, in neither direction; nobody is told so. */
  cut(): void;
  /** The API server has stopped: connections break, new ones are refused. */
  stop(): Promise<void>;
  /** As at the beginning, at the same address. */
  mend(): Promise<void>;
  close(): Promise<void>;
}

/** Passes TCP on to a port of this machine. */
export async function startWire(port: number): Promise<Wire> {
  let isCut = false;
  const ends = new Set<Socket>();
  const keep = (socket: Socket) => {
    ends.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => ends.delete(socket));
  };
  const pass = (from: Socket, to: Socket) => {
    from.on('data', (chunk) => void (isCut || to.destroyed || to.write(chunk)));
    from.on('close', () => void (isCut || to.destroy()));
  };
  const server: Server = createServer((near) => {
    keep(near);
    if (isCut) return;
    const far = connect(port, '127.0.0.1');
    keep(far);
    pass(near, far);
    pass(far, near);
  });
  const listen = async (at: number) => {
    server.listen(at, '127.0.0.1');
    await once(server, 'listening');
  };
  const hangUp = () => {
    for (const socket of ends) socket.destroy();
  };
  const refuse = () => {
    const gone = server.listening ? new Promise((resolve) => server.close(resolve)) : undefined;
    hangUp();
    return gone;
  };
  await listen(0);
  const address = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${address.port}`,
    cut() {
      isCut = true;
    },
    async stop() {
      await refuse();
    },
    async mend() {
      hangUp();
      isCut = false;
      if (!server.listening) await listen(address.port);
    },
    async close() {
      await refuse();
    },
  };
}
