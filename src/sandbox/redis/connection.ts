import type { Socket } from 'node:net';
import type { Client, Waiting } from './command.ts';
import type { Database, Keyspace } from './keyspace.ts';
import { encode, Failure, type Reply, Requests, type Version } from './resp.ts';
import type { Settings } from './settings.ts';

/** A client that does not read its answers is given up when so many bytes wait. */
const MAX_OUTPUT_BYTES = 32 * 2 ** 20;

/** What it belongs to. */
interface Owner {
  readonly keyspace: Keyspace;
  readonly settings: Settings;
  now(): number;
  /** The answer to a request; undefined if it comes later. */
  run(from: Connection, words: string[]): Reply | undefined;
  gone(connection: Connection): void;
}

/** One client: its requests are answered in their order, and none while it waits in a blocking command. */
export class Connection implements Client {
  db: Database;
  version: Version = 2;
  name = '';
  closing = false;
  waiting: Waiting | undefined;
  queued: string[][] | undefined;
  spoilt = false;
  outdated = false;
  readonly watched = new Set<string>();
  readonly address: string;
  private readonly requests: Requests;
  private readonly since: number;
  private last = { at: 0, command: 'NULL' };
  private timer: NodeJS.Timeout | undefined;

  constructor(
    readonly id: number,
    private readonly socket: Socket,
    private readonly server: Owner,
  ) {
    this.db = server.keyspace.databases[0]!;
    this.since = server.now();
    this.last.at = this.since;
    this.address = `${socket.remoteAddress ?? ''}:${socket.remotePort ?? 0}`;
    const bulk = Number(server.settings['proto-max-bulk-len']);
    this.requests = new Requests({ bulk, words: 2 ** 20, waiting: bulk * 2 });
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.take(chunk));
    // Its end is noticed by 'close'.
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.stopWaiting();
      server.gone(this);
    });
  }

  /** Blocks the client until one of the keys has something, or the time is over. */
  wait(waiting: Waiting): void {
    this.waiting = waiting;
    if (waiting.seconds > 0)
      this.timer = setTimeout(
        () => this.answerLate(waiting.late),
        Math.min(waiting.seconds * 1000, 2 ** 31 - 1),
      );
  }

  /** Ends the wait with its answer, and goes on with what was sent in the meantime. */
  answerLate(reply: Reply): void {
    this.stopWaiting();
    this.write(reply);
    // Those who wait for the same key come first.
    setImmediate(() => this.work());
  }

  forgetTransaction(): void {
    this.queued = undefined;
    this.spoilt = false;
    this.outdated = false;
    this.watched.clear();
  }

  close(): void {
    this.socket.destroy();
  }

  /** As CLIENT LIST has it. */
  describe(): string {
    const seconds = (at: number) => Math.floor((this.server.now() - at) / 1000);
    const flags = this.waiting ? 'b' : this.queued ? 'x' : 'N';
    const multi = this.queued?.length ?? -1;
    return (
      `id=${this.id} addr=${this.address} name=${this.name} age=${seconds(this.since)} idle=${seconds(this.last.at)} ` +
      `flags=${flags} db=${this.db.index} multi=${multi} cmd=${this.last.command} resp=${this.version}`
    );
  }

  private take(chunk: Buffer): void {
    if (this.closing) return;
    this.last.at = this.server.now();
    try {
      this.requests.add(chunk);
    } catch (error) {
      this.refuse(error);
      return;
    }
    this.work();
  }

  private work(): void {
    this.socket.cork();
    try {
      while (!this.waiting && !this.closing) {
        const words = this.requests.next();
        if (!words) break;
        if (words.length === 0) continue;
        this.last.command = words[0]!.toLowerCase().slice(0, 32);
        const reply = this.server.run(this, words);
        if (reply !== undefined) this.write(reply);
      }
    } catch (error) {
      this.refuse(error);
    }
    this.socket.uncork();
    if (this.closing) this.socket.end();
  }

  /** What it sent is no request: it is told and closed, as nothing tells where the next one begins. */
  private refuse(error: unknown): void {
    if (!(error instanceof Failure)) throw error;
    this.closing = true;
    this.write(error);
    this.socket.end();
  }

  private write(reply: Reply): void {
    if (this.socket.destroyed) return;
    this.socket.write(encode(reply, this.version), 'latin1');
    if (this.socket.writableLength > MAX_OUTPUT_BYTES) this.close();
  }

  private stopWaiting(): void {
    clearTimeout(this.timer);
    this.waiting = undefined;
  }
}
