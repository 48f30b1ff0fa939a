import { Socket } from 'node:net';
import type { Lookup, Route } from '../../api.ts';
import { linuxTimeouts, unreachable } from '../failures.ts';
import type { NetworkAnswer, NetworkRequest, PreloadSettings } from '../protocol.ts';

/** As it was before the program could replace it. */
const { stringify } = JSON;

type RouteAnswer = { route: Route; ip?: string };

/** The preload's line to the network. It keeps the process alive only while an answer is awaited. */
export class ControlChannel {
  readonly socket = new Socket();
  private readonly waiting = new Map<number, (answer: NetworkAnswer | undefined) => void>();
  private requests = 0;
  private rest = '';
  private lost = false;

  constructor(private readonly settings: PreloadSettings) {
    this.socket.setEncoding('utf8');
    this.socket.on('data', (text: string) => this.received(text));
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => {
      this.lost = true;
      for (const take of this.waiting.values()) take(undefined);
      this.waiting.clear();
    });
    this.socket.connect(settings.socket);
    this.socket.unref();
    this.send({ op: 'hello', token: settings.token });
  }

  /** The program listens; the token shows that it is the preload that says so. */
  listen(host: string, port: number, real: number): void {
    this.send({ op: 'listen', token: this.settings.token, host, port, real });
  }

  unlisten(real: number): void {
    this.send({ op: 'close', real });
  }

  private send(message: NetworkRequest): void {
    if (!this.lost) this.socket.write(`${stringify(message)}\n`);
  }

  route(host: string, port: number, take: (answer: RouteAnswer) => void): void {
    this.ask({ op: 'route', request: ++this.requests, host, port }, (answer) =>
      take(answer && 'route' in answer ? answer : { route: unreachable(linuxTimeouts) }),
    );
  }

  lookup(host: string, take: (found: Lookup) => void): void {
    this.ask({ op: 'lookup', request: ++this.requests, host }, (answer) =>
      take(answer && 'addresses' in answer ? answer : { addresses: [] }),
    );
  }

  private ask(
    message: Extract<NetworkRequest, { request: number }>,
    take: (answer: NetworkAnswer | undefined) => void,
  ): void {
    if (this.lost) {
      process.nextTick(take, undefined);
      return;
    }
    this.waiting.set(message.request, take);
    this.socket.ref();
    this.send(message);
  }

  private received(text: string): void {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop()!;
    for (const line of lines) {
      const answer = JSON.parse(line) as NetworkAnswer;
      const take = this.waiting.get(answer.request);
      this.waiting.delete(answer.request);
      if (this.waiting.size === 0) this.socket.unref();
      take?.(answer);
    }
  }
}
