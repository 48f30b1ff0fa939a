import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Lookup, Route } from '../api.ts';
import type { Listener } from './listeners.ts';
import type { NetworkAnswer, NetworkRequest } from './protocol.ts';

export interface ControlHandlers {
  listen(podUid: string, listener: Listener): void;
  unlisten(podUid: string, real: number): void;
  route(podUid: string, host: string, port: number): { route: Route; ip?: string };
  lookup(podUid: string, host: string): Lookup;
}

/** The unix socket on which containers register their listeners and ask for routes; a token tells the pod. */
export class ControlServer {
  readonly listening: Promise<void>;
  private readonly server: Server;
  private readonly pods = new Map<string, string>();
  private readonly sockets = new Set<Socket>();

  constructor(
    path: string,
    private readonly handlers: ControlHandlers,
  ) {
    this.server = createServer((socket) => this.serve(socket));
    this.listening = new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(path, resolve);
    });
  }

  admit(token: string, podUid: string): void {
    this.pods.set(token, podUid);
  }

  dismiss(token: string): void {
    this.pods.delete(token);
  }

  close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    let podUid: string | undefined;
    let token: string | undefined;
    const listening = new Set<number>();
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.sockets.delete(socket);
      if (podUid) for (const real of listening) this.handlers.unlisten(podUid, real);
    });
    const answer = (message: NetworkAnswer): void => {
      if (socket.writable) socket.write(`${JSON.stringify(message)}\n`);
    };
    const lines = createInterface({ input: socket });
    // readline hands on the socket's errors; 'close' follows.
    lines.on('error', () => undefined);
    lines.on('line', (line) => {
      const message = parse(line);
      if (!message) socket.destroy();
      else if (message.op === 'hello') {
        token = message.token;
        podUid = this.pods.get(token);
      } else if (!podUid) socket.destroy();
      else if (message.op === 'listen') {
        // A program that writes to this socket itself must not point the network at ports of the host.
        if (message.token !== token) return void socket.destroy();
        listening.add(message.real);
        this.handlers.listen(podUid, { host: message.host, port: message.port, real: message.real });
      } else if (message.op === 'close') {
        listening.delete(message.real);
        this.handlers.unlisten(podUid, message.real);
      } else if (message.op === 'route') {
        const { host, port, request } = message;
        answer({ request, ...this.handlers.route(podUid, host, port) });
      } else answer({ request: message.request, ...this.handlers.lookup(podUid, message.host) });
    });
  }
}

function parse(line: string): NetworkRequest | undefined {
  try {
    return JSON.parse(line) as NetworkRequest;
  } catch {
    return undefined;
  }
}
