import { connect, createServer, type Socket } from 'node:net';
import { join } from '../network/join.ts';

/** Opens a free port of the loopback whose connections go on to the server; resolves to the port. */
export function forward(open: () => Socket): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const inner = open();
    client.setNoDelay(true);
    inner.setNoDelay(true);
    join(client, inner);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
}

export const toPort = (port: number, host: string) => (): Socket =>
  connect({ port, host, allowHalfOpen: true });
export const toPath = (path: string) => (): Socket => connect({ path, allowHalfOpen: true });
