import { createServer, type Server, type Socket } from 'node:net';
import type { Link, Lookup, Route } from '../api.ts';
import type { Listener } from './listeners.ts';
import {
  MAX_LINE,
  type NetworkAnswer,
  type NetworkNews,
  type NetworkRequest,
  SEAL_LENGTH,
  sealed,
} from './protocol.ts';
import { type SealKey, seal } from './seal.ts';

export interface ControlHandlers {
  listen(podUid: string, listener: Listener): void;
  unlisten(podUid: string, real: number): void;
  route(podUid: string, host: string, port: number): { route: Route; ip?: string };
  lookup(podUid: string, host: string): Lookup;
}

interface Admitted {
  podUid: string;
  key: SealKey;
}

/** The unix socket on which containers register their listeners and ask for routes; seals tell who speaks. */
export class ControlServer {
  readonly listening: Promise<void>;
  private readonly server: Server;
  private readonly admitted = new Map<string, Admitted>();
  private readonly sockets = new Map<Socket, Conversation>();

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

  admit(name: string, key: SealKey, podUid: string): void {
    this.admitted.set(name, { podUid, key });
  }

  dismiss(name: string): void {
    this.admitted.delete(name);
  }

  close(): Promise<void> {
    for (const socket of this.sockets.keys()) socket.destroy();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  /** Tells all containers which of their connections are disturbed now. */
  tell(links: (podUid: string) => NetworkNews['links']): void {
    for (const [socket, conversation] of this.sockets) {
      const news = conversation.news(links);
      if (news && socket.writable) socket.write(news);
    }
  }

  private serve(socket: Socket): void {
    const conversation = new Conversation(this.handlers, (name) => this.admitted.get(name));
    this.sockets.set(socket, conversation);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.sockets.delete(socket);
      conversation.end();
    });
    let rest = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      if (rest.length > MAX_LINE) return void socket.destroy();
      for (const line of lines) {
        const answer = conversation.heard(line);
        if (answer === 'not the preload') return void socket.destroy();
        if (answer && socket.writable) socket.write(answer);
      }
    });
  }
}

/** What one preload has said so far. */
class Conversation {
  private speaker: Admitted | undefined;
  private last = 0;
  private readonly listening = new Set<number>();

  constructor(
    private readonly handlers: ControlHandlers,
    private readonly find: (name: string) => Admitted | undefined,
  ) {}

  /** The answer, if there is one; a line that a program has made up ends the conversation. */
  heard(line: string): string | undefined | 'not the preload' {
    const json = line.slice(SEAL_LENGTH + 1);
    const message = parse(json);
    if (message?.op === 'hello' && !this.speaker) this.speaker = this.find(message.name);
    if (!message || !this.speaker || line.slice(0, SEAL_LENGTH) !== seal(json, this.speaker.key)) {
      return 'not the preload';
    }
    // Heard before, and said again by somebody who listened.
    if (message.n <= this.last) return 'not the preload';
    this.last = message.n;
    const answer = this.answer(message, this.speaker.podUid);
    return answer && sealed(JSON.stringify(answer), this.speaker.key);
  }

  /** Nothing for who has not said yet who speaks. */
  news(links: (podUid: string) => [number, Link][]): string | undefined {
    const { speaker } = this;
    if (!speaker) return undefined;
    const news: NetworkNews = { n: 0, links: links(speaker.podUid) };
    return sealed(JSON.stringify(news), speaker.key);
  }

  end(): void {
    const { speaker } = this;
    if (speaker) for (const real of this.listening) this.handlers.unlisten(speaker.podUid, real);
  }

  private answer(message: NetworkRequest, podUid: string): NetworkAnswer | undefined {
    if (message.op === 'listen') {
      this.listening.add(message.real);
      this.handlers.listen(podUid, { host: message.host, port: message.port, real: message.real });
    } else if (message.op === 'close' && this.listening.delete(message.real)) {
      this.handlers.unlisten(podUid, message.real);
    } else if (message.op === 'route') {
      return { n: message.n, ...this.handlers.route(podUid, message.host, message.port) };
    } else if (message.op === 'lookup') {
      return { n: message.n, ...this.handlers.lookup(podUid, message.host) };
    }
    return undefined;
  }
}

function parse(json: string): NetworkRequest | undefined {
  try {
    return JSON.parse(json) as NetworkRequest;
  } catch {
    return undefined;
  }
}
