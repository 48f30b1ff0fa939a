import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What stands for the path of a real webhook: it must not be seen anywhere. */
const secretPath = '/services/T0SECRET/hidden-token';

export interface TestChannel {
  url: string;
  host: string;
  /** What arrived, parsed. */
  received: unknown[];
  /** Answers from now on. */
  answer(handler: (request: IncomingMessage, response: ServerResponse) => void): void;
  close(): Promise<void>;
}

const fine = (_: IncomingMessage, response: ServerResponse): void => void response.end('ok');

/** A chat's webhook over real HTTP. */
export async function startChannel(): Promise<TestChannel> {
  let handler = fine;
  const received: unknown[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => {
      received.push(JSON.parse(text));
      handler(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${host}${secretPath}`,
    host,
    received,
    answer: (next) => {
      handler = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
