import { Socket } from 'node:net';
import type { Link, Lookup, Route } from '../../api.ts';
import { linuxTimeouts, unreachable } from '../failures.ts';
import {
  type Admission,
  type NetworkAnswer,
  type NetworkNews,
  type NetworkRequest,
  SEAL_LENGTH,
  sealed,
} from '../protocol.ts';
import { type SealKey, seal } from '../seal.ts';
import { hasOwn, indexOf, OwnMap, parse, slice, stringify, uncurry } from './intrinsics.ts';

type RouteAnswer = { route: Route; ip?: string };
/** A request without its number; no prototype, so that nothing is asked of Object.prototype when it is printed. */
type Message = (NetworkRequest extends infer T ? (T extends { n: number } ? Omit<T, 'n'> : never) : never) & {
  __proto__: null;
};

const write = uncurry(Socket.prototype.write as (this: Socket, text: string) => boolean);
const ref = uncurry(Socket.prototype.ref);
const unref = uncurry(Socket.prototype.unref);
const { nextTick } = process;
/** No name of DNS has more than 253 characters; a longer one is not known anyway. */
const LONGEST_HOST = 300;

/**
 * The preload's line to the network. It keeps the process alive only while an answer is awaited. A program may get hold
 * of the socket, hear what is said and say what it likes: what has no right seal is not heard (seal.ts).
 */
export class ControlChannel {
  readonly socket = new Socket();
  private readonly key: SealKey;
  private readonly waiting = new OwnMap<number, (answer: NetworkAnswer | undefined) => void>();
  /** What disturbs connections, by the port on 127.0.0.1 behind them. */
  private links = new OwnMap<number, Link>();
  private messages = 0;
  private rest = '';
  private lost = false;

  /** `permit` hears of each way that the network has found, before the program can. */
  constructor(
    { socket, name, key }: Admission,
    private readonly permit: (address: string, port: number) => void,
  ) {
    this.key = key;
    this.socket.setEncoding('utf8');
    this.socket.on('data', (text: string) => this.received(text));
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => {
      this.lost = true;
      for (let n = 1; n <= this.messages; n++) this.take(n, undefined);
    });
    this.socket.connect(socket);
    this.socket.unref();
    this.send({ __proto__: null, op: 'hello', name });
  }

  /** The program listens. */
  listen(host: string, port: number, real: number): void {
    this.send({ __proto__: null, op: 'listen', host: slice(host, 0, LONGEST_HOST), port, real });
  }

  unlisten(real: number): void {
    this.send({ __proto__: null, op: 'close', real });
  }

  route(host: string, port: number, take: (answer: RouteAnswer) => void): void {
    this.ask({ __proto__: null, op: 'route', host: slice(host, 0, LONGEST_HOST), port }, (answer) =>
      take(answer && 'route' in answer ? answer : { route: unreachable(linuxTimeouts) }),
    );
  }

  lookup(host: string, take: (found: Lookup) => void): void {
    this.ask({ __proto__: null, op: 'lookup', host: slice(host, 0, LONGEST_HOST) }, (answer) =>
      take(answer && 'addresses' in answer ? answer : { addresses: [] }),
    );
  }

  /** What happens to what is sent to this port on 127.0.0.1, as the network has it now. */
  link(real: number): Link | undefined {
    return this.links.get(real);
  }

  private send(message: Message): number {
    const n = ++this.messages;
    (message as { n?: number }).n = n;
    if (!this.lost) write(this.socket, sealed(stringify(message), this.key));
    return n;
  }

  private ask(message: Message, take: (answer: NetworkAnswer | undefined) => void): void {
    if (this.lost) {
      nextTick(take, undefined);
      return;
    }
    this.waiting.set(this.messages + 1, take);
    ref(this.socket);
    this.send(message);
  }

  private received(text: string): void {
    if (typeof text !== 'string') return;
    this.rest += text;
    for (let end = indexOf(this.rest, '\n'); end >= 0; end = indexOf(this.rest, '\n')) {
      const line = slice(this.rest, 0, end);
      this.rest = slice(this.rest, end + 1);
      const json = slice(line, SEAL_LENGTH + 1);
      if (slice(line, 0, SEAL_LENGTH) === seal(json, this.key))
        this.heard(parse(json) as NetworkAnswer | NetworkNews);
    }
  }

  private heard(answer: NetworkAnswer | NetworkNews): void {
    if (answer.n === 0) return this.disturb((answer as NetworkNews).links);
    if (!this.waiting.get(answer.n)) return;
    // Not what a program has put on Object.prototype.
    if (hasOwn(answer, 'route') && 'route' in answer && answer.route.kind === 'local') {
      const { address, port, link } = answer.route;
      this.permit(address, port);
      if (link) this.links.set(port, link);
      else this.links.delete(port);
    }
    this.take(answer.n, answer as NetworkAnswer);
  }

  private disturb(links: NetworkNews['links']): void {
    this.links = new OwnMap();
    for (let index = 0; index < links.length; index++) this.links.set(links[index]![0], links[index]![1]);
  }

  private take(n: number, answer: NetworkAnswer | undefined): void {
    const take = this.waiting.get(n);
    this.waiting.delete(n);
    if (this.waiting.size === 0) unref(this.socket);
    take?.(answer);
  }
}
